/** A case's timeline: the lines of a message that begin with a mark, drawn as a list that needs no emoji font. */

import { showWords } from "./case_numbers.js";
import { say } from "./strings.js";

const STAGES = { "✅": "done", "⚠": "missed", "⏳": "now", "○": "next" };
const MARKED = /^(✅|⚠|⏳|○)\ufe0f?\s*/u;
const SVG = "http://www.w3.org/2000/svg";

/** Shows the text, and a timeline where it has one. */
export function showText(element, text, mayHaveTimeline) {
  const lines = text.split("\n");
  const first = lines.findIndex((line) => MARKED.test(line));
  if (!mayHaveTimeline || first < 0) return showWords(element, text);
  const marked = lines.slice(first).filter((line) => MARKED.test(line));
  const rest = lines.slice(first).filter((line) => !MARKED.test(line));
  const heading = paragraph(lines.slice(0, first).join("\n"), "timeline-head");
  const list = document.createElement("ol");
  list.className = "timeline";
  list.append(...marked.map(step));
  element.replaceChildren(...(first ? [heading] : []), list, ...(rest.length ? [paragraph(rest.join("\n"), "")] : []));
}

function step(line) {
  const stage = STAGES[MARKED.exec(line)[1]];
  const item = document.createElement("li");
  item.dataset.stage = stage;
  if (stage === "now") item.setAttribute("aria-current", "step");
  const spoken = document.createElement("span");
  spoken.className = "spoken";
  spoken.dataset.say = stage;
  spoken.textContent = say(stage);
  const words = document.createElement("span");
  showWords(words, line.replace(MARKED, ""));
  item.append(mark(stage), spoken, " ", words);
  return item;
}

function mark(stage) {
  const icon = document.createElementNS(SVG, "svg");
  icon.setAttribute("class", "icon mark");
  icon.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `#icon-${stage}`);
  icon.append(use);
  return icon;
}

function paragraph(words, name) {
  const element = document.createElement("p");
  element.className = name;
  showWords(element, words);
  return element;
}
