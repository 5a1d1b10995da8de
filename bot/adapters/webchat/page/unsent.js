/** What is not sent yet, kept over a reload: texts and buttons with a key each, as tabs share the storage; files in their own place. */

import * as files from "./kept_files.js";
import * as memory from "./memory.js";

const PREFIX = "unsent.";
let lastQueuedAt = 0;

export function keep(entry) {
  entry.queuedAt ??= lastQueuedAt = Math.max(Date.now(), lastQueuedAt + 1);
  if (entry.file) keepFile(entry);
  else keepWords(entry);
}

export function forget(entry) {
  if (entry.file) return files.forget(entry.clientId);
  memory.forget(PREFIX + entry.clientId);
}

/** Whether a tab has sent or cancelled it. */
export async function isGone(entry) {
  return entry.isKept === true && !(await files.has(entry.clientId));
}

/** Oldest first. */
export async function all() {
  const kept = (await files.all()).map((entry) => ({ ...entry, isKept: true }));
  const words = memory.keysStartingWith(PREFIX).map((key) => JSON.parse(memory.read(key))); // last: some may have been sent meanwhile
  return [...kept, ...words].sort((one, other) => one.queuedAt - other.queuedAt);
}

function keepWords({ clientId, text, button, after, queuedAt }) {
  memory.keep(PREFIX + clientId, JSON.stringify({ clientId, text, button, after, queuedAt }));
}

/** Once: a second copy of its bytes would tell nothing new. */
async function keepFile(entry) {
  if (entry.isKept !== undefined) return;
  entry.isKept = false;
  const { clientId, file, album, name, text, queuedAt } = entry;
  entry.isKept = await files.keep({ clientId, file, album, name, text, after: null, queuedAt });
}
