/** Said to screen readers: what became of a message. The conversation itself announces only messages that are new. */

const element = document.getElementById("aloud");

export function sayAloud(sentence) {
  element.textContent = sentence;
}
