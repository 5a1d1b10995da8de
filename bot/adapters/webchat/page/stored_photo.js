/** Fetches the small copies of stored photos: only those that come into view, patiently, as a copy is made some time after the upload. */

import { GrowingPauses } from "./pauses.js";

const ATTEMPTS = 7;
const AHEAD = "600px";

const loads = new WeakMap();
const root = document.getElementById("scroller"); // a margin around the window would end at the scroller's edge
const watcher = new IntersectionObserver(startLoads, { root, rootMargin: AHEAD });

export function loadWhenSeen(element, load, show) {
  loads.set(element, { load, show });
  watcher.observe(element);
}

function startLoads(sightings) {
  for (const { isIntersecting, target } of sightings) {
    if (!isIntersecting) continue;
    watcher.unobserve(target);
    fetchPatiently(loads.get(target));
  }
}

async function fetchPatiently({ load, show }) {
  const pauses = new GrowingPauses({ firstMs: 700, longestMs: 20_000 });
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const outcome = await load();
    if (outcome.is === "answered") return show(outcome.body);
    await pauses.wait(outcome.seconds);
  }
}
