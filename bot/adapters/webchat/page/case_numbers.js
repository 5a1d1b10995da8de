/** Case numbers in words: kept whole, because half a number at the end of a line is read as all of it. */

const CASE_NUMBER = /\b(KS(?:-[2-9A-Z]{3}){3})\b/;

/** Puts the words into the element; what is copied from it has the number as it is. */
export function showWords(element, words) {
  const parts = words.split(CASE_NUMBER); // every second one is a number
  element.replaceChildren(...parts.map((part, index) => (index % 2 ? whole(part) : part)));
}

function whole(number) {
  const element = document.createElement("span");
  element.className = "case-number";
  element.textContent = number;
  return element;
}
