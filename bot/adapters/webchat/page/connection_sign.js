/** The line under the shop's name: calm as long as all goes well. */

import { say } from "./strings.js";

const PATIENCE_MS = 2500; // a short interruption mends itself

export class ConnectionSign {
  #element;
  #timer = null;

  constructor(element) {
    this.#element = element;
    this.connected(false);
  }

  connected(isConnected) {
    if (isConnected) {
      clearTimeout(this.#timer);
      this.#timer = null;
      this.#say("subtitle");
    } else {
      this.#timer ??= setTimeout(() => this.#say("offline"), PATIENCE_MS);
    }
  }

  #say(key) {
    if (this.#element.dataset.say === key) return;
    this.#element.dataset.say = key;
    this.#element.textContent = say(key);
  }
}
