/** Growing pauses between attempts. */

export class GrowingPauses {
  #first;
  #longest;
  #next;

  constructor({ firstMs = 500, longestMs = 10_000 } = {}) {
    this.#first = this.#next = firstMs;
    this.#longest = longestMs;
  }

  reset() {
    this.#next = this.#first;
  }

  /** With `seconds`, the server's wish, waits exactly so long; else the next pause, or until the network or the customer is back. */
  wait(seconds) {
    if (seconds) return new Promise((resolve) => setTimeout(resolve, seconds * 1000));
    const spread = 0.85 + 0.3 * Math.random(); // after an outage not all customers come back in the same instant
    const ms = Math.min(this.#next * spread, this.#longest);
    this.#next = Math.min(this.#next * 2, this.#longest);
    return pauseUntilBack(ms);
  }
}

function pauseUntilBack(ms) {
  return new Promise((resolve) => {
    const listening = new AbortController();
    const end = () => {
      clearTimeout(timer);
      listening.abort();
      resolve();
    };
    const timer = setTimeout(end, ms);
    addEventListener("online", end, { signal: listening.signal });
    document.addEventListener("visibilitychange", () => document.hidden || end(), { signal: listening.signal });
  });
}
