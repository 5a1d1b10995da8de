/** What a message of ours brings along: pictures to look at, and files to save. */

import { say } from "./strings.js";
import { loadWhenSeen } from "./stored_photo.js";
import { showLarge } from "./viewer.js";
import { whenSeen } from "./when_seen.js";

const SAVED_WITHIN_MS = 60_000;
const template = document.getElementById("file-template");

/** Pictures above the words, the rest below. `loadFile(path)` fetches what only this customer gets. */
export function addFiles(words, files, loadFile) {
  const isPicture = ({ kind }) => kind.startsWith("image/");
  const pictures = files.filter(isPicture).map((file) => picture(file, loadFile));
  const others = files.filter((file) => !isPicture(file)).map((file) => saved(file, loadFile));
  if (pictures.length) words.before(row(pictures));
  if (others.length) words.after(row(others));
}

function row(elements) {
  const element = document.createElement("div");
  element.className = "files";
  element.append(...elements);
  return element;
}

/** Its place is kept from the start (chat.css), so that no words move when it comes. */
function picture({ name, url }, loadFile) {
  const image = new Image();
  image.alt = name;
  const isPublic = url.startsWith("/page/");
  if (isPublic) whenSeen(image, () => (image.src = url));
  else loadWhenSeen(image, () => loadFile(url), (blob) => (image.src = URL.createObjectURL(blob)));
  const button = document.createElement("button");
  button.type = "button";
  button.className = "open-picture";
  button.dataset.sayLabel = "openPicture";
  button.dataset.name = name;
  button.setAttribute("aria-label", say("openPicture", { name }));
  button.addEventListener("click", () => image.src && showLarge(image.src, { key: "picture", name }));
  button.append(image);
  return button;
}

function saved({ name, url }, loadFile) {
  const button = template.content.firstElementChild.cloneNode(true);
  const words = button.querySelector("span");
  const tell = (key) => {
    Object.assign(words.dataset, { say: key, name });
    words.textContent = say(key, { name });
  };
  tell("save");
  button.addEventListener("click", async () => {
    if (button.ariaBusy === "true") return;
    button.ariaBusy = "true";
    const outcome = await loadFile(url);
    button.ariaBusy = "false";
    tell(outcome.is === "answered" ? "save" : "saveAgain");
    if (outcome.is === "answered") save(outcome.body, name);
  });
  return button;
}

function save(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), SAVED_WITHIN_MS); // the browser may still be reading it
}
