/** The calls the page makes, and only those (docs/webchat-api.md). None throws: each returns an outcome. */

import { exchange, outcomeOfJson, postJson } from "./exchange.js";
import { answered, lost } from "./outcome.js";

const FILE_WITHIN_MS = 600_000;

export class Api {
  #session;

  constructor(session) {
    this.#session = session;
  }

  shop() {
    return exchange("/api/shop");
  }

  messages(after) {
    return this.#withToken((headers) => exchange(`/api/messages?after=${after}`, { headers }));
  }

  /** `what` is a `text` or a `button`. */
  say(clientId, what) {
    const first = what.text && this.#session.begin(clientId, what.text); // one round trip for both
    return first || this.#withToken((headers) => postJson("/api/messages", { client_id: clientId, ...what }, headers));
  }

  /** `send(path, headers)` moves the bytes, see upload.js. */
  file({ clientId, name, album }, send) {
    const query = new URLSearchParams({ client_id: clientId, name, ...(album && { album }) });
    const path = `/api/files?${query}`;
    return this.#withToken((headers) => send(path, headers));
  }

  /** A copy of a photo: its `blob`, empty where there is nothing to show, its `sort` and its `state`. */
  photo(id, { isSmall }) {
    const path = `/api/photos/${encodeURIComponent(id)}${isSmall ? "?size=small" : ""}`;
    return this.#withToken((headers) => exchange(path, { headers }, readPhoto));
  }

  /** A file of a message, as a Blob. */
  messageFile(path) {
    return this.#withToken((headers) => exchange(path, { headers }, readBlob, FILE_WITHIN_MS));
  }

  /** The open stream's reader. `signal` ends it. */
  stream(after, signal) {
    return this.#withToken(async (headers) => {
      try {
        const response = await fetch(`/api/stream?after=${after}`, { headers, signal, cache: "no-store" });
        return response.ok ? answered(response.body.getReader()) : await outcomeOfJson(response);
      } catch {
        return lost();
      }
    });
  }

  async #withToken(call) {
    const token = await this.#session.token();
    if (token.is !== "answered") return token;
    const outcome = await call({ Authorization: `Bearer ${token.body}` });
    if (outcome.is === "unauthorized") this.#session.reject(token.body);
    return outcome;
  }
}

async function readBlob(response) {
  return answered(await response.blob());
}

async function readPhoto(response) {
  const known = (name) => response.headers.get(`Evidence-${name}`);
  return answered({ blob: await response.blob(), sort: known("Sort"), state: known("State") });
}
