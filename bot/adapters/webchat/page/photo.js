/** A photo in a bubble: the customer's own file at once, later the server's small copy; a tile with its name until one can be shown. */

import { say } from "./strings.js";
import { loadWhenSeen } from "./stored_photo.js";

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
    label(image, "photo", this.#name);
    image.src = URL.createObjectURL(blob);
    return new Promise((resolve) => {
      image.addEventListener("load", () => resolve(this.#replaceTile(image)));
      image.addEventListener("error", () => resolve(forgetImage(image)));
    });
  }

  #replaceTile(image) {
    this.#part("tile").replaceWith(image);
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
