/** One request and its outcome; nothing here throws for a lost connection. */

import { lost, outcomeOf } from "./outcome.js";

const ANSWER_WITHIN_MS = 30_000;

/** `read` makes the outcome of a good response; the others are JSON. */
export async function exchange(path, options = {}, read = outcomeOfJson, withinMs = ANSWER_WITHIN_MS) {
  const patience = new AbortController();
  const timer = setTimeout(() => patience.abort(), withinMs);
  try {
    const response = await fetch(path, { ...options, signal: patience.signal, cache: "no-store" });
    return await (response.ok ? read(response) : outcomeOfJson(response));
  } catch {
    return lost();
  } finally {
    clearTimeout(timer);
  }
}

export function postJson(path, body, headers = {}) {
  const json = { ...headers, "Content-Type": "application/json" };
  return exchange(path, { method: "POST", headers: json, body: JSON.stringify(body) });
}

export async function outcomeOfJson(response) {
  return outcomeOf(response.status, response.headers.get("Retry-After"), await response.text());
}
