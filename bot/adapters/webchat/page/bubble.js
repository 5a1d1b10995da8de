/** One message as an element of the page. */

import { sayAloud } from "./aloud.js";
import { showWords } from "./case_numbers.js";
import { addFiles } from "./message_files.js";
import { Photo } from "./photo.js";
import { say, shortTime } from "./strings.js";
import { showText } from "./timeline.js";

const LONG_MS = 3000; // without an answer or progress

const template = document.getElementById("message-template");

export class Bubble {
  element = template.content.firstElementChild.cloneNode(true);
  #photo = null;
  #patience = null;

  /** `tools` are `loadPhoto(id, size)`, `loadFile(path)` and, for a file that is not sent yet, `file` and `onCancel`. */
  constructor(message, tools) {
    this.element.dataset.author = message.author;
    this.#part("who").dataset.say = message.author;
    this.#part("who").textContent = say(message.author);
    if (message.photo) this.#addPhoto(message.photo, tools);
    addFiles(this.#part("text"), message.files ?? [], tools.loadFile);
    this.#showText(message);
    if (message.buttons?.length) this.element.append(choices(message.buttons));
    if (message.position) this.becomeStored(message);
    else this.#queue();
  }

  #queue() {
    this.element.dataset.state = "queued";
    this.#sayIfLong("waiting");
  }

  becomeStored(message) {
    this.element.dataset.position = message.position;
    if (!this.#part("note").hidden) sayAloud(say("sent")); // it was said that it waits
    delete this.element.dataset.state;
    this.#showText(message);
    this.#note(null);
    this.#showTime(message.at);
    this.#photo?.becomeStored(message.photo);
  }

  showSending() {
    if (this.element.dataset.state !== "queued") return; // "waiting" stays until an attempt succeeds
    this.element.dataset.state = "sending";
    this.#sayIfLong();
  }

  showProgress(done) {
    this.element.dataset.state = "sending";
    this.#note(null);
    this.#sayIfLong();
    this.#photo.showProgress(done);
  }

  showWaiting() {
    this.element.dataset.state = "waiting";
    this.#note("waiting");
  }

  showRefused(sentence) {
    this.element.dataset.state = "refused";
    this.#note(null, sentence || say("notSent"));
    this.#photo?.endUpload();
  }

  /** Keeps the buttons that are still offered. Whether there are any. */
  offer(isOffered) {
    const choices = [...this.element.querySelectorAll(".choice")];
    const over = choices.filter((choice) => !isOffered(choice.dataset.button));
    if (over.includes(document.activeElement)) this.#holdFocus();
    for (const choice of over) choice.remove();
    if (over.length === choices.length) this.#part("choices").remove();
    return over.length < choices.length;
  }

  /** In place of a button that goes away: Tab leads on to what is said below, and a screen reader reads no long text again. */
  #holdFocus() {
    this.#part("who").tabIndex = -1;
    this.#part("who").focus({ preventScroll: true });
  }

  #sayIfLong(key = "sending") {
    clearTimeout(this.#patience);
    this.#patience = setTimeout(() => this.#note(key), LONG_MS);
  }

  #part(name) {
    return this.element.querySelector(`.${name}`);
  }

  #addPhoto(photo, tools) {
    this.#photo = new Photo(photo, tools);
    this.#part("text").before(this.#photo.element);
    this.#part("bubble").classList.add("with-photo");
  }

  #showText({ text, photo }) {
    showText(this.#part("text"), text, this.element.dataset.author !== "customer");
    this.#part("text").hidden = !text || text === photo?.name;
  }

  #note(key, sentence = key && say(key)) {
    clearTimeout(this.#patience);
    const note = this.#part("note");
    if (sentence && note.textContent !== sentence) sayAloud(sentence);
    note.hidden = !sentence;
    note.textContent = sentence ?? "";
    if (key) note.dataset.say = key;
    else delete note.dataset.say;
  }

  #showTime(at) {
    const time = this.#part("time");
    time.dateTime = at;
    time.textContent = shortTime(at);
    time.hidden = false;
  }
}

function choices(buttons) {
  const row = document.createElement("div");
  row.className = "choices";
  row.append(...buttons.map(choice));
  return row;
}

function choice({ id, label }) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "choice";
  button.dataset.button = id;
  showWords(button, label);
  return button;
}
