/** The typing sign: shown while an answer is awaited. */

const AWAIT_MS = 20_000; // what is said about a photo comes some seconds after it is stored

export class Typing {
  #element;
  #newestPosition = 0;
  #lastAuthor = null;
  #answerer = "bot";
  #timer = null;
  #isSending = false;

  constructor(element) {
    this.#element = element;
  }

  /** `isSending`: a text or a button is on its way, and the answer will come with it. */
  sending(isSending) {
    this.#isSending = isSending;
    this.#update();
  }

  startOver() {
    this.#newestPosition = 0;
  }

  said({ author, position }, isNews) {
    if (position < this.#newestPosition) return; // the stream may bring the reply before the answer brings what it replies to
    this.#newestPosition = position;
    this.#lastAuthor = author;
    if (author !== "customer") this.#answerer = author;
    clearTimeout(this.#timer);
    this.#timer = isNews ? setTimeout(() => this.#stopWaiting(), AWAIT_MS) : null;
    this.#update();
  }

  #stopWaiting() {
    this.#timer = null;
    this.#update();
  }

  #update() {
    const botWillAnswer = this.#timer && this.#lastAuthor === "customer" && this.#answerer === "bot"; // an agent may take an hour
    this.#element.hidden = !(this.#isSending || botWillAnswer);
  }
}
