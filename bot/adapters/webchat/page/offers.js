/** Which buttons can still be pressed; the others go away. */

export class Offers {
  #open = [];
  #unanswered = [];
  #newest = 0;

  said(message, bubble) {
    if (message.author !== "customer") this.#newest = Math.max(this.#newest, message.position);
    else if (!message.photo) this.#unanswered.push(message.position);
    if (message.buttons?.length) this.#open.push({ position: message.position, bubble, subjects: subjectsOf(message) });
    this.#end();
  }

  startOver() {
    for (const { bubble } of this.#open) bubble.offer(() => false);
    this.#open = this.#unanswered = [];
    this.#newest = 0;
  }

  /**
   * Those before the customer's newest words that were answered: the answer offers anew what is still open. After that a message may
   * come by itself (a decision, a reminder) and leaves older ones alone, unless it offers the same.
   */
  #end() {
    const answered = Math.max(0, ...this.#unanswered.filter((position) => position < this.#newest));
    this.#unanswered = this.#unanswered.filter((position) => position >= answered);
    this.#open = this.#open.filter(({ position, bubble }) => {
      const newer = this.#open.filter((other) => other.position > position);
      return bubble.offer((id) => position > answered && !newer.some(({ subjects }) => subjects.has(subjectOf(id))));
    });
  }
}

function subjectsOf({ buttons }) {
  return new Set(buttons.map(({ id }) => subjectOf(id)));
}

/** `refund` of `refund.do:submit`, `status` of `status:KS-…`. */
function subjectOf(id) {
  return id.split(/[.:]/, 1)[0];
}
