/** The text box: it grows with the text, and Enter sends. */

export class Composer {
  #text;
  onText = () => {};

  constructor(form, text) {
    this.#text = text;
    text.addEventListener("input", () => this.#grow());
    addEventListener("resize", () => this.#grow());
    text.addEventListener("keydown", (event) => this.#key(event, form));
    form.addEventListener("submit", (event) => (event.preventDefault(), this.#send()));
    keepKeyboardOpen(form.querySelector("#send"));
    if (matchMedia("(pointer: fine)").matches) text.focus(); // on a phone the keyboard would cover the greeting
    this.#grow();
  }

  #key(event, form) {
    const isComposing = event.isComposing || event.keyCode === 229; // Safari ends the composition before this Enter
    if (event.key !== "Enter" || event.shiftKey || isComposing) return;
    event.preventDefault();
    form.requestSubmit();
  }

  #send() {
    const text = this.#text.value.trim();
    if (!text) return;
    this.#text.value = "";
    this.#grow();
    this.onText(text);
  }

  /** chat.css ends the growth at five lines. */
  #grow() {
    this.#text.style.height = "auto";
    const borders = this.#text.offsetHeight - this.#text.clientHeight;
    this.#text.style.height = `${this.#text.scrollHeight + borders}px`;
  }
}

/** A press that moves the focus would close a phone's keyboard. */
function keepKeyboardOpen(button) {
  button.addEventListener("pointerdown", (event) => event.preventDefault());
}
