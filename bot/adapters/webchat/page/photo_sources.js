/** Where photos come from: the picker, the clipboard, or dropped onto the page. */

import { randomId } from "./random_id.js";

export function takePhotos({ files, attach, drop, onFile }) {
  const takeAll = (list) => {
    const album = list.length > 1 ? randomId() : ""; // chosen together, they get one answer
    for (const file of list) onFile(file, album);
  };
  attach.addEventListener("click", () => files.click());
  files.addEventListener("change", () => {
    takeAll(files.files);
    files.value = ""; // so that the same photo can be chosen again
  });
  document.addEventListener("paste", (event) => {
    if (!isPhotoPaste(event.clipboardData)) return;
    event.preventDefault();
    takeAll(event.clipboardData.files);
  });
  acceptDrops(drop, takeAll);
}

/** Word processors put a picture of the copied text beside the text; then the text is meant. */
function isPhotoPaste({ files, types }) {
  return files.length > 0 && !(types.includes("text/plain") && types.includes("text/html"));
}

function acceptDrops(overlay, takeAll) {
  let depth = 0; // every element under the pointer enters and leaves on its own
  const on = (name, react) =>
    addEventListener(name, (event) => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault(); // else the browser opens the file in place of the page
      react(event);
      overlay.hidden = depth === 0;
    });
  on("dragenter", () => (depth += 1));
  on("dragover", (event) => (event.dataTransfer.dropEffect = "copy"));
  on("dragleave", () => (depth = Math.max(0, depth - 1)));
  on("drop", (event) => {
    depth = 0;
    takeAll(event.dataTransfer.files);
  });
}
