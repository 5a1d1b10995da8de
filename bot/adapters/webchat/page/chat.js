/** The chat page: makes the parts and joins them. */

import { Api } from "./api.js";
import { Composer } from "./composer.js";
import { ConnectionSign } from "./connection_sign.js";
import { Conversation } from "./conversation.js";
import { Log } from "./log.js";
import { Outbox } from "./outbox.js";
import { takePhotos } from "./photo_sources.js";
import { ReadingPlace } from "./reading_place.js";
import { Session } from "./session.js";
import { showShop } from "./shop.js";
import { Stream } from "./stream.js";
import { chooseLanguage, language, say, translate } from "./strings.js";
import { Typing } from "./typing.js";
import { isShowingLarge } from "./viewer.js";
import { followVisibleHeight } from "./visible_height.js";

const at = (id) => document.getElementById(id);

const session = new Session(language);
const api = new Api(session);
const log = new Log(at("log"));
const outbox = new Outbox(api, () => log.newestPosition);
const conversation = new Conversation({ log, outbox, api });
const stream = new Stream(api);
const typing = new Typing(at("typing"));
const place = new ReadingPlace(at("scroller"), at("content"), at("new-messages"));
const connection = new ConnectionSign(at("connection"));

let isCaughtUp = false;

outbox.onQueued = (entry) => {
  if (conversation.queued(entry)) place.goToNewest();
};
outbox.onSending = (entry) => {
  conversation.sending(entry);
  if (!entry.upload) typing.sending(true);
};
outbox.onProgress = (entry, done) => conversation.progress(entry, done);
outbox.onWaiting = (entry) => {
  conversation.waiting(entry);
  if (!entry.upload) typing.sending(false);
};
outbox.onAnswered = (entry, messages) => {
  typing.sending(false);
  conversation.answered(entry, messages);
};
outbox.onRefused = (entry, sentence) => {
  typing.sending(false);
  conversation.refused(entry, sentence);
};
outbox.onGone = (entry) => conversation.gone(entry);

conversation.onShown = (message) => {
  typing.said(message, isCaughtUp);
  if (isCaughtUp && message.author !== "customer") place.hear();
};

stream.onMessages = (messages) => conversation.receive(messages);
stream.onConnected = (isConnected) => connection.connected(isConnected);
stream.onCaughtUp = (isComplete) => {
  if (isComplete && !isCaughtUp) welcome();
  outbox.start();
};

session.onReplaced = () => {
  isCaughtUp = false;
  conversation.startOver(divider());
  outbox.startOver();
  typing.startOver();
  stream.startOver();
};

at("log").addEventListener("click", ({ target }) => {
  const choice = target.closest(".choice");
  if (choice) press(choice.dataset.button, choice.textContent);
});

at("languages").addEventListener("click", ({ target }) => {
  const chosen = target.closest(".language")?.dataset.language;
  if (chosen) press(`language.${chosen}`, say(`language-${chosen}`));
});

if (parent !== window) {
  document.documentElement.classList.add("framed");
  addEventListener("keydown", ({ key }) => key === "Escape" && !isShowingLarge() && parent.postMessage("shouhou:close", "*")); // see embed.js
}

addEventListener("beforeunload", (event) => {
  if (outbox.entries.some((entry) => entry.upload && !entry.isKept)) event.preventDefault(); // a reload would lose these photos
});

/** The whole history is here. Where there is none, and nothing of the customer's is on its way, the bot greets. */
function welcome() {
  isCaughtUp = true;
  at("log").removeAttribute("aria-busy");
  if (log.newestPosition === 0 && outbox.entries.length === 0) outbox.say("/start");
}

function press(button, label) {
  const [subject, chosen] = button.split(".");
  if (subject === "language") {
    chooseLanguage(chosen);
    speak();
  }
  outbox.press(button, label);
}

function speak() {
  document.documentElement.lang = language();
  for (const button of document.querySelectorAll(".language")) {
    button.setAttribute("aria-pressed", button.dataset.language === language());
  }
  translate(document);
}

function divider() {
  const element = document.createElement("p");
  element.className = "divider";
  element.dataset.say = "newConversation";
  element.textContent = say("newConversation");
  return element;
}

if (session.isNew) {
  welcome(); // at once, before the page's own work: there is no history to wait for
  outbox.start();
}
speak();
showShop(at("shop"), at("languages"));
followVisibleHeight();
takePhotos({ files: at("files"), attach: at("attach"), drop: at("drop"), onFile: (file, album) => outbox.send(file, album) });
new Composer(at("composer"), at("text")).onText = (text) => outbox.say(text);
outbox.restore().then(() => stream.run());
