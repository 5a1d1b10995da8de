/** Follows the conversation: fetches what was missed, then listens, and again after every lost connection. */

import { answered, lost } from "./outcome.js";
import { GrowingPauses } from "./pauses.js";
import { ServerEvents } from "./server_events.js";

const SILENCE_MS = 40_000; // the server says something every 15 s
const SUSPICIOUS_SILENCE_MS = 20_000;

export class Stream {
  #api;
  #position = 0;
  #connection = new AbortController();
  #pauses = new GrowingPauses();
  #heardAt = 0;
  onMessages = () => {};
  onCaughtUp = () => {};
  onConnected = () => {};

  constructor(api) {
    this.#api = api;
    // A phone that slept wakes with a dead connection that looks alive.
    document.addEventListener("visibilitychange", () => document.hidden || this.#endIfSilent(SUSPICIOUS_SILENCE_MS));
    setInterval(() => this.#endIfSilent(SILENCE_MS), 5_000);
  }

  startOver() {
    this.#position = 0;
    this.#connection.abort();
  }

  async run() {
    for (;;) {
      this.#connection = new AbortController();
      this.#heardAt = Date.now();
      const { signal } = this.#connection;
      const outcome = await this.#catchUp(signal);
      this.onCaughtUp(outcome.is === "answered");
      const end = outcome.is === "answered" ? await this.#listen(signal) : outcome;
      this.#connection.abort();
      this.onConnected(false);
      await this.#pauses.wait(end.seconds);
    }
  }

  /** Also what keeps the chat going, if slowly, behind a proxy that holds streams back. */
  async #catchUp(signal) {
    for (;;) {
      const page = await this.#api.messages(this.#position);
      if (page.is !== "answered") return page;
      if (signal.aborted) return lost();
      if (page.body.messages.length === 0) return page;
      this.#deliver(page.body.messages);
    }
  }

  async #listen(signal) {
    const stream = await this.#api.stream(this.#position, signal);
    if (stream.is !== "answered") return stream;
    this.onConnected(true);
    try {
      return await this.#read(stream.body, signal);
    } catch {
      return lost();
    }
  }

  async #read(reader, signal) {
    const decoder = new TextDecoder();
    const events = new ServerEvents();
    for (;;) {
      const { done, value } = await reader.read();
      if (done || signal.aborted) return answered(null);
      this.#heardAt = Date.now();
      const messages = events.push(decoder.decode(value, { stream: true })).map((data) => JSON.parse(data));
      if (messages.length > 0) this.#deliver(messages);
      this.#pauses.reset();
    }
  }

  #deliver(messages) {
    this.#position = Math.max(this.#position, ...messages.map((message) => message.position));
    this.onMessages(messages);
  }

  #endIfSilent(ms) {
    if (Date.now() - this.#heardAt > ms) this.#connection.abort();
  }
}
