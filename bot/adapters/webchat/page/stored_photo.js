/** Fetches the small copies of stored photos: only those that come into view, patiently, as a copy is made some time after the upload. */

import { GrowingPauses } from "./pauses.js";
import { whenSeen } from "./when_seen.js";

const ATTEMPTS = 7;

export function loadWhenSeen(element, load, show) {
  whenSeen(element, () => fetchPatiently(load, show));
}

async function fetchPatiently(load, show) {
  const pauses = new GrowingPauses({ firstMs: 700, longestMs: 20_000 });
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const outcome = await load();
    if (outcome.is === "answered") return show(outcome.body);
    await pauses.wait(outcome.seconds);
  }
}
