/** Keeps the newest message in view, unless the reader has scrolled up to read: then a button leads back. */

const NEAR_PX = 80;

export class ReadingPlace {
  #scroller;
  #button;
  #isAtNewest = true;
  #lastTop = 0;
  #lastHeight = 0;

  constructor(scroller, content, button) {
    this.#scroller = scroller;
    this.#button = button;
    scroller.addEventListener("scroll", () => this.#look(), { passive: true });
    button.addEventListener("click", () => this.#glide());
    // A photo that arrives or a keyboard that opens moves the end away without any scrolling.
    const sizes = new ResizeObserver(() => this.#isAtNewest && this.goToNewest());
    sizes.observe(scroller);
    sizes.observe(content);
  }

  goToNewest() {
    this.#isAtNewest = true;
    this.#button.hidden = true;
    this.#scroller.scrollTop = this.#scroller.scrollHeight;
  }

  hear() {
    if (!this.#isAtNewest) this.#button.hidden = false;
  }

  /**
   * Only a move upwards is the reader's wish: when messages come quickly, the end runs ahead of our own scrolling. And not where
   * the content has changed: the browser itself moves up when buttons go away.
   */
  #look() {
    const { scrollHeight, scrollTop, clientHeight } = this.#scroller;
    const isMovedUp = scrollTop < this.#lastTop && scrollHeight === this.#lastHeight;
    this.#lastTop = scrollTop;
    this.#lastHeight = scrollHeight;
    const isNear = scrollHeight - scrollTop - clientHeight < NEAR_PX;
    if (isNear) this.#button.hidden = true;
    if (isNear || isMovedUp) this.#isAtNewest = isNear;
  }

  #glide() {
    const calmly = matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.#scroller.scrollTo({ top: this.#scroller.scrollHeight, behavior: calmly ? "auto" : "smooth" });
    this.#scroller.focus({ preventScroll: true }); // the button is about to disappear
  }
}
