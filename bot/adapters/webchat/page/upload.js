/** One file on its way to the server. fetch cannot tell how far it is, so this is an XMLHttpRequest. */

import { lost, outcomeOf, refused } from "./outcome.js";
import { say } from "./strings.js";

export const MAX_BYTES = 20 * 1024 * 1024;

const SILENCE_MS = 60_000;
const LOSSES_BEFORE_GIVING_UP = 4;

export class Upload {
  #api;
  #file;
  #losses = 0;
  #request = null;
  #cancelled = false;

  constructor(api, file) {
    this.#api = api;
    this.#file = file;
  }

  async attempt(entry, onProgress) {
    if (this.#file.size > MAX_BYTES) return refused(say("fileTooBig"));
    const outcome = await this.#api.file(entry, (path, headers) => this.#send(path, headers, onProgress));
    return outcome.lost && !this.#cancelled ? this.#mend(outcome) : outcome;
  }

  cancel() {
    this.#cancelled = true;
    this.#request?.abort();
  }

  /** A file that cannot be read, or that is cut off each time while the server is there, would hold up all that waits behind it. */
  async #mend(outcome) {
    if (!(await isReadable(this.#file))) return refused(say("fileUnreadable"));
    const server = await this.#api.shop();
    if (server.is === "answered") this.#losses += 1;
    return this.#losses < LOSSES_BEFORE_GIVING_UP ? outcome : refused(say("fileNotSent"));
  }

  #send(path, headers, onProgress) {
    return new Promise((resolve) => {
      const request = (this.#request = new XMLHttpRequest());
      let silence;
      const hear = () => {
        clearTimeout(silence);
        silence = setTimeout(() => request.abort(), SILENCE_MS);
      };
      request.open("POST", path);
      request.setRequestHeader("Content-Type", this.#file.type || "application/octet-stream");
      for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
      request.upload.addEventListener("progress", ({ loaded, total }) => (hear(), onProgress(loaded / total)));
      request.addEventListener("loadend", () => {
        clearTimeout(silence);
        resolve(request.status ? outcomeOf(request.status, request.getResponseHeader("Retry-After"), request.responseText) : lost());
      });
      hear();
      request.send(this.#file);
    });
  }
}

async function isReadable(file) {
  try {
    await file.slice(0, 1).arrayBuffer();
    return true;
  } catch {
    return false;
  }
}
