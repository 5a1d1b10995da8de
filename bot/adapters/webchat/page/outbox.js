/** What the customer said and the server has not answered yet: sent in order, again after failures, also after a reload. */

import { GrowingPauses } from "./pauses.js";
import { hearCancelled, tellCancelled } from "./tabs.js";
import { randomId } from "./random_id.js";
import * as unsent from "./unsent.js";
import { Upload } from "./upload.js";

/**
 * An entry is a text (`text`), a pressed button (`button`, and its label as `text`) or a file (`file`, its name as
 * `name`, and as `album` what those have in common that were chosen together).
 * Its `after` is the newest position known when it was first sent: the server stores it behind that.
 */
export class Outbox {
  #api;
  #newestPosition;
  #entries = [];
  #started = false;
  #isWaiting = false;
  onQueued = () => {};
  onSending = () => {};
  onProgress = () => {};
  onWaiting = () => {};
  onAnswered = () => {};
  onRefused = () => {};
  onGone = () => {};

  constructor(api, newestPosition) {
    this.#api = api;
    this.#newestPosition = newestPosition;
    hearCancelled((clientId) => this.#drop(this.#entries.find((entry) => entry.clientId === clientId)));
  }

  get entries() {
    return this.#entries;
  }

  /** What an earlier load of the page could not send. */
  async restore() {
    const isNew = ({ clientId }) => this.#entries.some((entry) => entry.clientId === clientId);
    const earlier = (await unsent.all()).filter((entry) => !isNew(entry)).map((entry) => this.#withUpload(entry));
    this.#entries = [...earlier, ...this.#entries];
    for (const entry of earlier) this.onQueued(entry);
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

  send(file, album) {
    this.#queue({ file, album, name: file.name || "photo.jpg", text: "" });
  }

  async cancel(entry) {
    entry.upload.cancel();
    await this.#end(entry);
    tellCancelled(entry.clientId);
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
    const entry = this.#withUpload({ clientId: randomId(), after: null, ...what });
    this.#entries.push(entry);
    unsent.keep(entry);
    this.onQueued(entry);
    if (this.#isWaiting) this.onWaiting(entry);
    this.#sendNext();
  }

  #withUpload(entry) {
    return entry.file ? { ...entry, upload: new Upload(this.#api, entry.file) } : entry;
  }

  /** One after the other: photos arrive in the order in which they were chosen, and "Done" does not overtake them. */
  #sendNext() {
    const [first] = this.#entries;
    if (this.#started && first && !first.isUnderWay) this.#deliver(first);
  }

  async #deliver(entry) {
    const pauses = new GrowingPauses();
    entry.isUnderWay = true;
    while (this.#entries.includes(entry)) {
      if (await unsent.isGone(entry)) return this.#drop(entry);
      const outcome = await this.#attempt(entry);
      if (!this.#entries.includes(entry)) return; // cancelled meanwhile
      if (outcome.is === "answered") return this.#end(entry, () => this.onAnswered(entry, outcome.body.messages));
      if (outcome.is === "refused") return this.#end(entry, () => this.onRefused(entry, outcome.sentence));
      if (outcome.is === "later") {
        this.#isWaiting = true;
        for (const waiting of this.#entries) this.onWaiting(waiting);
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
    if (entry.upload) return entry.upload.attempt(entry, (done) => this.onProgress(entry, done));
    return this.#api.say(entry.clientId, entry.button ? { button: entry.button } : { text: entry.text });
  }

  /** Another tab has sent or cancelled it. */
  #drop(entry) {
    if (!this.#entries.includes(entry)) return;
    entry.upload?.cancel();
    this.#end(entry, () => this.onGone(entry));
  }

  /** Removes first, so that nothing is held back for this entry any more; sends last, knowing what was answered. */
  #end(entry, tell = () => {}) {
    this.#entries = this.#entries.filter((other) => other !== entry);
    this.#isWaiting = false;
    const forgotten = unsent.forget(entry);
    tell();
    this.#sendNext();
    return forgotten;
  }
}
