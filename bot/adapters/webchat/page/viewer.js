/** A photo as large as the window; Escape, the cross or a tap beside it lead back to where it was opened. */

import { say } from "./strings.js";

const dialog = document.getElementById("viewer");
const image = dialog.querySelector("img");

dialog.addEventListener("click", ({ target }) => target === image || dialog.close());
dialog.addEventListener("close", () => image.removeAttribute("src"));

/**
 * `src` is that of the picture in the conversation; `larger` promises that of a larger copy, or null, and is not waited for.
 * `key` and `name` say what it is.
 */
export async function showLarge(src, { key, name }, larger = null) {
  image.src = src;
  image.alt = say(key, { name });
  Object.assign(image.dataset, { sayAlt: key, name });
  image.classList.toggle("growing", larger !== null);
  dialog.showModal();
  const grown = await larger;
  if (image.src !== src) return; // another one is shown meanwhile, or none
  if (grown) image.src = grown;
  image.classList.remove("growing");
}

export function isShowingLarge() {
  return dialog.open;
}
