/** Does a thing for an element once it comes into view, or nearly. */

const AHEAD = "600px";

const acts = new WeakMap();
const root = document.getElementById("scroller"); // a margin around the window would end at the scroller's edge
const watcher = new IntersectionObserver(see, { root, rootMargin: AHEAD });

export function whenSeen(element, act) {
  acts.set(element, act);
  watcher.observe(element);
}

function see(sightings) {
  for (const { isIntersecting, target } of sightings) {
    if (!isIntersecting) continue;
    watcher.unobserve(target);
    acts.get(target)();
  }
}
