/** What the tabs of one customer tell each other at once; what must hold is in the storage that they share. */

const channel = "BroadcastChannel" in window ? new BroadcastChannel("shouhou") : null;

export function tellCancelled(clientId) {
  channel?.postMessage(clientId);
}

export function hearCancelled(react) {
  channel?.addEventListener("message", ({ data }) => react(data));
}
