/** What the customer said and the server has not answered yet: sent in order, again after failures, also after a reload. */

import { GrowingPauses } from "./pauses.js";
import { randomId } from "./random_id.js";
import * as unsent from "./unsent.js";
import { Upload } from "./upload.js";

const UPLOADS_AT_ONCE = 3;

/**
 * An entry is a text (`text`), a pressed button (`button`, and its label as `text`) or a file (`file`, and its name as `name`).
 * Its `after` is the newest position known when it was first sent: the server stores it behind that.
 */
export class Outbox {
  #api;
  #newestPosition;
  #entries = unsent.all();
  #started = false;
  onQueued = () => {};
  onSending = () => {};
  onProgress = () => {};
  onWaiting = () => {};
  onAnswered = () => {};
  onRefused = () => {};

  constructor(api, newestPosition) {
    this.#api = api;
    this.#newestPosition = newestPosition;
  }

  get entries() {
    return this.#entries;
  }

  start() {
    this.#started = true;
    this.#sendNext();
  }

  say(text) {
    this.#queue({ text });
  }

  press(button, label) {
    if (this.#entries.some((entry) => entry.button === button)) return; // a double tap is one press
    this.#queue({ button, text: label });
  }

  send(file) {
    this.#queue({ file, name: file.name || "photo.jpg", text: "", upload: new Upload(this.#api, file) });
  }

  cancel(entry) {
    entry.upload.cancel();
    this.#end(entry);
  }

  /** In a new conversation the positions begin anew. */
  startOver() {
    for (const entry of this.#entries) entry.after = null;
  }

  /** Whether a customer's message at `position` may be one of ours whose answer is still on its way. */
  mayHaveSaid(position) {
    return this.#entries.some((entry) => entry.after !== null && position > entry.after);
  }

  #queue(what) {
    const entry = { clientId: randomId(), after: null, ...what };
    this.#entries.push(entry);
    unsent.keep(entry);
    this.onQueued(entry);
    this.#sendNext();
  }

  #sendNext() {
    if (!this.#started) return;
    for (const entry of sendable(this.#entries)) this.#deliver(entry);
  }

  async #deliver(entry) {
    const pauses = new GrowingPauses();
    entry.isUnderWay = true;
    while (this.#entries.includes(entry)) {
      const outcome = await this.#attempt(entry);
      if (!this.#entries.includes(entry)) return; // cancelled meanwhile
      if (outcome.is === "answered") return this.#end(entry, () => this.onAnswered(entry, outcome.body.messages));
      if (outcome.is === "refused") return this.#end(entry, () => this.onRefused(entry, outcome.sentence));
      if (outcome.is === "later") {
        this.onWaiting(entry);
        await pauses.wait(outcome.seconds);
        continue;
      }
      if (entry.isSecondSession) return this.#end(entry, () => this.onRefused(entry, outcome.sentence));
      entry.isSecondSession = true;
    }
  }

  #attempt(entry) {
    if (entry.after === null) {
      entry.after = this.#newestPosition();
      unsent.keep(entry);
    }
    this.onSending(entry);
    if (entry.upload) return entry.upload.attempt(entry.clientId, entry.name, (done) => this.onProgress(entry, done));
    return this.#api.say(entry.clientId, entry.button ? { button: entry.button } : { text: entry.text });
  }

  /** Removes first, so that nothing is held back for this entry any more; sends last, knowing what was answered. */
  #end(entry, tell = () => {}) {
    this.#entries = this.#entries.filter((other) => other !== entry);
    unsent.forget(entry);
    tell();
    this.#sendNext();
  }
}

/** In order: a text waits for all before it ("Done" must not overtake the photos), files go a few at once. */
export function sendable(entries) {
  const first = entries.findIndex((entry) => !entry.upload);
  const files = first === -1 ? entries : entries.slice(0, first);
  const next = files.length > 0 ? files.slice(0, UPLOADS_AT_ONCE) : entries.slice(0, 1);
  return next.filter((entry) => !entry.isUnderWay);
}
