/** A photo in a bubble: the customer's own file at once, later the server's small copy; a tile with its name until one can be shown. */

import { say } from "./strings.js";
import { loadWhenSeen } from "./stored_photo.js";
import { showLarge } from "./viewer.js";

const template = document.getElementById("photo-template");

export class Photo {
  element = template.content.firstElementChild.cloneNode(true);
  #name;
  #loadPhoto;
  #ownFileShown = false;
  #larger = null;

  constructor({ name }, { loadPhoto, file, onCancel }) {
    this.#name = name;
    this.#loadPhoto = loadPhoto;
    this.#part("name").textContent = name;
    if (file) this.#startUpload(file, onCancel);
    else this.endUpload();
  }

  showProgress(done) {
    this.#part("upload progress").value = done;
  }

  endUpload() {
    this.#part("upload")?.remove();
  }

  async becomeStored(photo) {
    this.endUpload();
    if (await this.#ownFileShown) return;
    const load = () => this.#loadPhoto(photo.id, { isSmall: true });
    loadWhenSeen(this.element, load, ({ blob, sort, state }) => this.#showStored(photo.id, blob, sort, state));
  }

  async #showStored(id, blob, sort, state) {
    if (state === "removed") this.#markRemoved();
    if (blob.size === 0 || !(await this.#show(blob, sort))) return;
    this.#larger = async () => {
      const outcome = await this.#loadPhoto(id, { isSmall: false });
      if (outcome.is !== "answered") return null;
      const src = URL.createObjectURL(outcome.body.blob);
      this.#larger = () => src;
      return src;
    };
  }

  #markRemoved() {
    const words = document.createElement("p");
    words.className = "removed";
    words.dataset.say = "removed";
    words.textContent = say("removed");
    this.element.dataset.state = "removed";
    this.element.append(words);
  }

  #startUpload(file, onCancel) {
    label(this.#part("upload progress"), "uploading", this.#name);
    label(this.#part("cancel"), "cancel", this.#name);
    this.#part("cancel").addEventListener("click", onCancel);
    this.#ownFileShown = this.#show(file);
  }

  /** Whether it could be shown: not every browser can decode every photo (HEIC), and then the tile stays. */
  #show(blob, sort = "photo") {
    const image = new Image();
    image.className = "picture";
    image.dataset.name = this.#name;
    image.alt = ""; // the button around it says what it is
    image.src = URL.createObjectURL(blob);
    return new Promise((resolve) => {
      image.addEventListener("load", () => resolve(this.#replaceTile(image, sort)));
      image.addEventListener("error", () => resolve(forgetImage(image)));
    });
  }

  #replaceTile(image, sort) {
    const isVideo = sort === "video";
    const button = document.createElement("button");
    button.type = "button";
    button.className = "open-photo";
    if (isVideo) button.dataset.sort = sort;
    label(button, isVideo ? "openVideo" : "openPhoto", this.#name);
    button.addEventListener("click", () => showLarge(image.src, { key: isVideo ? "video" : "photo", name: this.#name }, this.#larger?.()));
    button.append(image);
    this.#part("tile").replaceWith(button);
    return true;
  }

  #part(name) {
    return this.element.querySelector(`.${name}`);
  }
}

function forgetImage(image) {
  URL.revokeObjectURL(image.src);
  return false;
}

function label(element, key, name) {
  element.dataset.sayLabel = key;
  element.dataset.name = name;
  element.setAttribute("aria-label", say(key, { name }));
}
