/** Joins what comes by the stream, what comes as answers and what is still to be sent into one log, each message once. */

import { Bubble } from "./bubble.js";
import { isGreeting } from "./log.js";

export class Conversation {
  #log;
  #outbox;
  #tools;
  #bubbles = new Map();
  #held = new Map();
  onShown = () => {};

  constructor({ log, outbox, api }) {
    this.#log = log;
    this.#outbox = outbox;
    this.#tools = { loadPhoto: (id, size) => api.photo(id, size), loadFile: (path) => api.messageFile(path) };
  }

  /** What the stream says. It does not say which entry a customer's message was, so the answer to that entry must come first. */
  receive(messages) {
    for (const message of messages) {
      if (message.author === "customer" && this.#outbox.mayHaveSaid(message.position)) this.#held.set(message.position, message);
      else this.#show(message);
    }
  }

  /** Whether there is anything to see. */
  queued(entry) {
    const message = { author: "customer", text: entry.text, photo: entry.file ? { name: entry.name } : null };
    if (isGreeting(message)) return false;
    const bubble = new Bubble(message, { ...this.#tools, file: entry.file, onCancel: () => this.#cancel(entry) });
    this.#bubbles.set(entry, bubble);
    this.#log.addUnsent(bubble);
    return true;
  }

  sending(entry) {
    this.#bubbles.get(entry)?.showSending();
  }

  progress(entry, done) {
    this.#bubbles.get(entry)?.showProgress(done);
  }

  waiting(entry) {
    this.#bubbles.get(entry)?.showWaiting();
  }

  answered(entry, messages) {
    const own = messages.find((message) => message.author === "customer");
    if (own) this.#settle(entry, own);
    else this.#take(entry)?.element.remove();
    for (const message of messages) this.#show(message);
    this.#releaseHeld();
  }

  refused(entry, sentence) {
    const bubble = this.#take(entry);
    bubble?.showRefused(sentence);
    if (bubble) this.#log.leaveBehind(bubble);
    this.#releaseHeld();
  }

  /** Sent or cancelled in another tab; what was sent comes with the stream. */
  gone(entry) {
    this.#take(entry)?.element.remove();
    this.#releaseHeld();
  }

  /** The next message is the first of another conversation. */
  startOver(divider) {
    this.#held.clear();
    this.#log.startOver(divider);
  }

  #settle(entry, own) {
    const bubble = this.#take(entry);
    if (bubble) {
      this.#log.settle(bubble, own);
      this.onShown(own);
    }
  }

  #cancel(entry) {
    this.#outbox.cancel(entry);
    this.gone(entry);
  }

  #take(entry) {
    const bubble = this.#bubbles.get(entry);
    this.#bubbles.delete(entry);
    return bubble;
  }

  #show(message) {
    if (this.#log.add(message, this.#tools)) this.onShown(message);
  }

  #releaseHeld() {
    const held = [...this.#held.values()];
    this.#held.clear();
    this.receive(held);
  }
}
