/** The messages on the page, each position once, in order; what is not stored yet stands last. */

import { Bubble } from "./bubble.js";
import { Offers } from "./offers.js";

const NOT_STORED = Infinity;
const EARLIER_CONVERSATION = -1;

export class Log {
  #root;
  #shown = new Set();
  #orders = new WeakMap();
  #offers = new Offers();
  newestPosition = 0;

  constructor(root) {
    this.#root = root;
  }

  /** The bubble, or null where there is nothing new to see. */
  add(message, tools) {
    if (this.#shown.has(message.position)) return null;
    this.#note(message);
    if (isGreeting(message)) return null;
    const bubble = new Bubble(message, tools);
    this.#place(bubble.element, message.position);
    this.#offers.said(message, bubble);
    return bubble;
  }

  addUnsent(bubble) {
    this.#place(bubble.element, NOT_STORED);
  }

  /** The unsent bubble becomes the stored message. */
  settle(bubble, message) {
    if (this.#shown.has(message.position)) return bubble.element.remove();
    this.#note(message);
    bubble.becomeStored(message);
    this.#place(bubble.element, message.position);
    this.#offers.said(message, bubble);
  }

  /** A refused bubble stays where it was said, and later messages come below it. */
  leaveBehind(bubble) {
    this.#place(bubble.element, this.newestPosition + 0.5);
  }

  /** Positions begin anew; what was said before stays to be read until the next load. */
  startOver(divider) {
    for (const element of this.#root.children) {
      if (this.#orders.get(element) !== NOT_STORED) this.#orders.set(element, EARLIER_CONVERSATION);
    }
    if (this.#shown.size > 0) this.#place(divider, EARLIER_CONVERSATION);
    this.#shown.clear();
    this.newestPosition = 0;
    this.#offers.startOver();
  }

  #note(message) {
    this.#shown.add(message.position);
    this.newestPosition = Math.max(this.newestPosition, message.position);
  }

  #place(element, order) {
    this.#orders.set(element, order);
    let before = this.#root.lastElementChild;
    while (before && (before === element || this.#orders.get(before) > order)) before = before.previousElementSibling;
    const isThere = element.isConnected && element.previousElementSibling === before;
    if (isThere) return; // moving it would make screen readers say it again
    if (before) before.after(element);
    else this.#root.prepend(element);
  }
}

/** The page says it on the first visit, not the customer. */
export function isGreeting({ author, text }) {
  return author === "customer" && text === "/start";
}
