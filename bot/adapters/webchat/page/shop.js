/** The shop's name as the title, once the server has told it, and the language switch where there is a choice. */

import { GrowingPauses } from "./pauses.js";

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
  heading.textContent = document.title = shop.name;
  languages.hidden = shop.languages?.length === 1;
}
