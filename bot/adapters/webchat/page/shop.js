/** The shop that the server has written into the page: its name as the title, and the languages there are. */

import { say } from "./strings.js";

const shop = JSON.parse(document.querySelector('meta[name="shop"]').content);

export function showShop(heading, languages) {
  delete heading.dataset.say;
  heading.textContent = shop.name;
  const title = document.querySelector("title");
  Object.assign(title.dataset, { say: "titleOf", name: shop.name });
  title.textContent = say("titleOf", shop);
  for (const button of languages.children) button.hidden = !shop.languages.includes(button.dataset.language);
  languages.hidden = shop.languages.length === 1;
}
