/** What the page itself says, in the customer's language; what the bot says comes from the server. */

import * as memory from "./memory.js";

const STRINGS = {
  "zh-CN": {
    title: "售后客服",
    titleOf: "{name} · 售后客服",
    subtitle: "售后客服",
    skip: "跳到输入框",
    conversation: "对话",
    language: "语言",
    compose: "发消息",
    placeholder: "输入消息…",
    send: "发送",
    attach: "发送照片",
    drop: "松开即可发送照片",
    typing: "正在回复…",
    offline: "连接不上，正在重试…",
    waiting: "等待发送…",
    newMessages: "有新消息",
    newConversation: "以下是新的对话",
    customer: "我",
    bot: "客服助手",
    agent: "人工客服",
    uploading: "正在上传 {name}",
    cancel: "取消上传 {name}",
    photo: "照片 {name}",
    fileTooBig: "这张照片超过 20 MB，暂时发不了。请换一张小一点的，或把它的截图发给我们。",
    fileUnreadable: "这个文件打不开，没能发送。请再选一次，或换一张照片。",
    fileNotSent: "这张照片没能传上来。请再选一次，或换一张小一点的照片。",
    notSent: "抱歉，这条消息没能发送。请稍后再试一次。",
  },
  en: {
    title: "Support",
    titleOf: "{name} · Support",
    subtitle: "Customer support",
    skip: "Go to the text box",
    conversation: "Conversation",
    language: "Language",
    compose: "Your message",
    placeholder: "Write a message…",
    send: "Send",
    attach: "Send photos",
    drop: "Drop your photos here",
    typing: "Writing an answer…",
    offline: "Not connected, trying again…",
    waiting: "Waiting to be sent…",
    newMessages: "New messages",
    newConversation: "A new conversation starts here",
    customer: "You",
    bot: "Assistant",
    agent: "Support agent",
    uploading: "Sending {name}",
    cancel: "Do not send {name}",
    photo: "Photo {name}",
    fileTooBig: "This photo is over 20 MB, more than we can take. Please choose a smaller one, or send a screenshot of it.",
    fileUnreadable: "This file could not be opened, so it was not sent. Please choose it again, or choose another photo.",
    fileNotSent: "This photo did not get through. Please choose it again, or choose a smaller one.",
    notSent: "Sorry, this message could not be sent. Please try again in a moment.",
  },
};

let current = memory.read("language") ?? languageOf(navigator.language);

export function language() {
  return current;
}

export function chooseLanguage(chosen) {
  current = languageOf(chosen);
  memory.keep("language", current);
}

export function say(key, values = {}) {
  return STRINGS[current][key].replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

/** Puts the strings named by data-say, data-say-label, ... into the elements, also again after a change of language. */
export function translate(root) {
  for (const element of root.querySelectorAll("[data-say]")) element.textContent = say(element.dataset.say, element.dataset);
  for (const time of root.querySelectorAll("time[datetime]")) time.textContent = shortTime(time.dateTime);
  for (const attribute of ["label", "title", "placeholder"]) {
    for (const element of root.querySelectorAll(`[data-say-${attribute}]`)) {
      const name = attribute === "label" ? "aria-label" : attribute;
      element.setAttribute(name, say(element.getAttribute(`data-say-${attribute}`), element.dataset));
    }
  }
}

/** The hour, and the day where it is not today's. */
export function shortTime(at) {
  const moment = new Date(at);
  const isToday = moment.toDateString() === new Date().toDateString();
  const day = isToday ? {} : { month: "short", day: "numeric" };
  return new Intl.DateTimeFormat(current, { ...day, hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(moment);
}

function languageOf(tag) {
  return tag?.toLowerCase().startsWith("zh") ? "zh-CN" : "en";
}
