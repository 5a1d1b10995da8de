/** The shop's name as the title, once the server has told it, and the language switch where there is a choice. */

import { GrowingPauses } from "./pauses.js";
import { say } from "./strings.js";

export async function showShop(api, heading, languages) {
  const pauses = new GrowingPauses();
  for (;;) {
    const outcome = await api.shop();
    if (outcome.is === "answered") return show(outcome.body, heading, languages);
    if (outcome.is === "refused") return; // the page's own title stands in
    await pauses.wait(outcome.seconds);
  }
}

function show(shop, heading, languages) {
  delete heading.dataset.say;
  heading.textContent = shop.name;
  const title = document.querySelector("title");
  Object.assign(title.dataset, { say: "titleOf", name: shop.name });
  title.textContent = say("titleOf", shop);
  for (const button of languages.children) button.hidden = !shop.languages.includes(button.dataset.language);
  const colors = document.documentElement.style;
  if (shop.color) {
    colors.setProperty("--shop", shop.color);
    colors.setProperty("--on-shop", shop.on_color);
  }
  languages.hidden = shop.languages.length === 1;
}
