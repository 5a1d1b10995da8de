/** Unsent files in IndexedDB, which outlives a reload. Where the browser forbids it they are lost with the page. */

const OPEN_WITHIN_MS = 2000; // some browsers never answer

const files = open();

/** Whether it is kept. */
export async function keep(entry) {
  try {
    await use("readwrite", (store) => store.put(entry));
    return true;
  } catch {
    return false;
  }
}

export async function forget(clientId) {
  await use("readwrite", (store) => store.delete(clientId)).catch(() => {});
}

/** Also where the store does not answer: then nobody can have taken it out. */
export async function has(clientId) {
  return use("readonly", (store) => store.count(clientId)).then((count) => count > 0, () => true);
}

export async function all() {
  return use("readonly", (store) => store.getAll()).catch(() => []);
}

function open() {
  const opened = new Promise((resolve, reject) => {
    const request = indexedDB.open("shouhou", 1);
    request.onupgradeneeded = () => request.result.createObjectStore("unsent", { keyPath: "clientId" });
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
    setTimeout(() => reject(new Error("IndexedDB does not open")), OPEN_WITHIN_MS);
  });
  opened.catch(() => {}); // each use hears of it
  return opened;
}

async function use(mode, act) {
  const transaction = (await files).transaction("unsent", mode);
  const request = act(transaction.objectStore("unsent"));
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve(request.result);
    transaction.onabort = () => reject(transaction.error);
  });
}
