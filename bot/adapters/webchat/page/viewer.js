/** A photo as large as the window; Escape, the cross or a tap beside it lead back to where it was opened. */

import { say } from "./strings.js";

const dialog = document.getElementById("viewer");
const image = dialog.querySelector("img");

dialog.addEventListener("click", ({ target }) => target === image || dialog.close());
dialog.addEventListener("close", () => image.removeAttribute("src"));

/** `src` is that of the picture in the conversation: nothing is fetched again. */
export function showLarge(src, name) {
  image.src = src;
  image.alt = say("photo", { name });
  Object.assign(image.dataset, { sayAlt: "photo", name });
  dialog.showModal();
}

export function isShowingLarge() {
  return dialog.open;
}
