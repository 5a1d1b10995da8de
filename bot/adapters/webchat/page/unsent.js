/** Unsent texts and pressed buttons, kept over a reload; files are too large for that. Each has its own key, as tabs share the storage. */

import * as memory from "./memory.js";

const PREFIX = "unsent.";
let lastQueuedAt = 0;

export function keep(entry) {
  if (entry.file) return;
  entry.queuedAt ??= lastQueuedAt = Math.max(Date.now(), lastQueuedAt + 1);
  const { clientId, text, button, after, queuedAt } = entry;
  memory.keep(PREFIX + clientId, JSON.stringify({ clientId, text, button, after, queuedAt }));
}

export function forget(entry) {
  memory.forget(PREFIX + entry.clientId);
}

/** Oldest first. */
export function all() {
  const entries = memory.keysStartingWith(PREFIX).map((key) => JSON.parse(memory.read(key)));
  return entries.sort((one, other) => one.queuedAt - other.queuedAt);
}
