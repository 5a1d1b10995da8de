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
    loadWhenSeen(this.element, () => this.#loadPhoto(photo.id), (blob) => this.#show(blob));
  }

  #startUpload(file, onCancel) {
    label(this.#part("upload progress"), "uploading", this.#name);
    label(this.#part("cancel"), "cancel", this.#name);
    this.#part("cancel").addEventListener("click", onCancel);
    this.#ownFileShown = this.#show(file);
  }

  /** Whether it could be shown: not every browser can decode every photo (HEIC), and then the tile stays. */
  #show(blob) {
    const image = new Image();
    image.className = "picture";
    image.dataset.name = this.#name;
    image.alt = ""; // the button around it says what it is
    image.src = URL.createObjectURL(blob);
    return new Promise((resolve) => {
      image.addEventListener("load", () => resolve(this.#replaceTile(image)));
      image.addEventListener("error", () => resolve(forgetImage(image)));
    });
  }

  #replaceTile(image) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "open-photo";
    label(button, "openPhoto", this.#name);
    button.addEventListener("click", () => showLarge(image.src, this.#name));
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
