/** The customer's session: its token is made when first needed, kept, and replaced when the server no longer knows it. */

import { postJson } from "./exchange.js";
import * as memory from "./memory.js";
import { answered } from "./outcome.js";
import { randomId } from "./random_id.js";

export class Session {
  #language;
  #token = memory.read("token");
  #clientId = randomId();
  #creation = null;
  onReplaced = () => {};

  constructor(language) {
    this.#language = language;
  }

  /** Nothing was ever said here. */
  get isNew() {
    return !this.#token;
  }

  /** An outcome: the token, or why there is none yet. */
  async token() {
    if (this.#token) return answered(this.#token);
    const created = await this.#createOnce();
    return created.is === "answered" ? answered(this.#token) : created;
  }

  /** Says the first words in the request that makes the session; null where there is a session, or one in the making. */
  begin(clientId, text) {
    return this.#token || this.#creation ? null : this.#createOnce({ first: { client_id: clientId, text } });
  }

  reject(token) {
    if (token !== this.#token) return; // several requests may hear of it; the first has dealt with it
    const kept = memory.read("token");
    this.#token = kept === token ? null : kept; // another tab may have a new session already
    if (!this.#token) memory.forget("token");
    this.onReplaced();
  }

  #createOnce(more = {}) {
    this.#creation ??= this.#create(more).finally(() => (this.#creation = null));
    return this.#creation;
  }

  async #create(more) {
    const outcome = await postJson("/api/sessions", { client_id: this.#clientId, language: this.#language(), ...more });
    if (outcome.is !== "answered") return outcome;
    this.#token = outcome.body.token;
    this.#clientId = randomId();
    memory.keep("token", this.#token);
    return outcome;
  }
}
