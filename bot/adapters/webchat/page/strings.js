/** What the page itself says, in the customer's language; what the bot says comes from the server. */

import * as memory from "./memory.js";

/** The same in all languages: their names, and pictures whose name is a sentence. */
const SAME = { "language-zh-CN": "简体中文", "language-zh-TW": "繁體中文", "language-en": "English", picture: "{name}" };

const STRINGS = {
  "zh-CN": {
    title: "售后客服",
    titleOf: "{name} · 售后客服",
    subtitle: "售后客服",
    skip: "跳到输入框",
    conversation: "对话",
    language: "语言",
    compose: "写消息",
    placeholder: "发消息",
    send: "发送",
    attach: "发送照片、视频或文件",
    drop: "松开即可发送",
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
    openPhoto: "照片 {name}，打开看大图",
    removed: "已移除",
    video: "视频 {name} 的画面",
    openVideo: "视频 {name}，打开看画面",
    openPicture: "{name}，打开看大图",
    save: "下载 {name}",
    saveAgain: "没能下载 {name}，请再点一次",
    viewer: "大图",
    close: "关闭",
    sending: "正在发送…",
    sent: "已发送",
    done: "已完成：",
    missed: "已超时：",
    now: "进行中：",
    next: "接下来：",
    fileTooBig: "这个文件超过 20 MB，暂时发不了。请换一个小一点的；视频可以剪短，照片可以截图。",
    fileUnreadable: "这个文件打不开，没能发送。请再选一次，或换一张照片。",
    fileNotSent: "这个文件没能传上来。请再选一次，或换一个小一点的。",
    notSent: "抱歉，这条消息没能发送。请过几分钟再试一次。",
  },
  "zh-TW": {
    title: "售後客服",
    titleOf: "{name} · 售後客服",
    subtitle: "售後客服",
    skip: "跳到輸入框",
    conversation: "對話",
    language: "語言",
    compose: "寫訊息",
    placeholder: "傳訊息",
    send: "傳送",
    attach: "傳送照片、影片或檔案",
    drop: "放開就能傳送",
    typing: "正在回覆…",
    offline: "連不上，正在重試…",
    waiting: "等待傳送…",
    newMessages: "有新訊息",
    newConversation: "以下是新的對話",
    customer: "我",
    bot: "客服助理",
    agent: "真人客服",
    uploading: "正在上傳 {name}",
    cancel: "取消上傳 {name}",
    photo: "照片 {name}",
    openPhoto: "照片 {name}，打開看大圖",
    removed: "已移除",
    video: "影片 {name} 的畫面",
    openVideo: "影片 {name}，打開看畫面",
    openPicture: "{name}，打開看大圖",
    save: "下載 {name}",
    saveAgain: "沒能下載 {name}，請再點一次",
    viewer: "大圖",
    close: "關閉",
    sending: "傳送中…",
    sent: "已傳送",
    done: "已完成：",
    missed: "已逾時：",
    now: "進行中：",
    next: "接下來：",
    fileTooBig: "這個檔案超過 20 MB，目前傳不了。請換小一點的；影片可以剪短，照片可以截圖。",
    fileUnreadable: "這個檔案打不開，沒有傳出去。請再選一次，或換一張照片。",
    fileNotSent: "這個檔案沒能傳上來。請再選一次，或換小一點的。",
    notSent: "抱歉，這則訊息沒能傳出去。請過幾分鐘再試一次。",
  },
  en: {
    title: "Support",
    titleOf: "{name} · Support",
    subtitle: "Customer support",
    skip: "Go to the text box",
    conversation: "Conversation",
    language: "Language",
    compose: "Your message",
    placeholder: "Message",
    send: "Send",
    attach: "Send photos, videos or files",
    drop: "Drop your files here",
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
    openPhoto: "Photo {name}, show it large",
    removed: "Taken out",
    video: "A picture of video {name}",
    openVideo: "Video {name}, show its picture large",
    openPicture: "{name}, show it large",
    save: "Download {name}",
    saveAgain: "{name} did not come. Please try once more",
    viewer: "Large photo",
    close: "Close",
    sending: "Still sending…",
    sent: "Sent",
    done: "Done:",
    missed: "Missed:",
    now: "Now:",
    next: "Next:",
    fileTooBig: "This file is over 20 MB, more than we can take. Please send a smaller one: a shorter video, or a screenshot.",
    fileUnreadable: "This file could not be opened, so it was not sent. Please choose it again, or choose another photo.",
    fileNotSent: "This file did not get through. Please choose it again, or choose a smaller one.",
    notSent: "Sorry, this message could not be sent. Please try again in a moment.",
  },
};

const SHORT_TIME = { month: "short", day: "numeric", hour: "2-digit", minute: "2-digit", hourCycle: "h23" };

let current = memory.read("language") ?? languageOf(navigator.language);

export function language() {
  return current;
}

export function chooseLanguage(chosen) {
  current = languageOf(chosen);
  memory.keep("language", current);
}

export function say(key, values = {}) {
  return (STRINGS[current][key] ?? SAME[key]).replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

/** Puts the strings named by data-say, data-say-label, ... into the elements, also again after a change of language. */
export function translate(root) {
  for (const element of root.querySelectorAll("[data-say]")) element.textContent = say(element.dataset.say, element.dataset);
  for (const time of root.querySelectorAll("time[datetime]")) time.textContent = shortTime(time.dateTime);
  for (const attribute of ["label", "title", "placeholder", "alt"]) {
    for (const element of root.querySelectorAll(`[data-say-${attribute}]`)) {
      const name = attribute === "label" ? "aria-label" : attribute;
      element.setAttribute(name, say(element.getAttribute(`data-say-${attribute}`), element.dataset));
    }
  }
}

/** The hour, and the day where it is not today's. */
export function shortTime(at) {
  const moment = new Date(at);
  if (moment.toDateString() === new Date().toDateString()) return moment.toTimeString().slice(0, 5); // a first Intl format takes a slow phone 70 ms
  return new Intl.DateTimeFormat(current, SHORT_TIME).format(moment);
}

function languageOf(tag) {
  const plain = tag?.toLowerCase() ?? "";
  if (!plain.startsWith("zh")) return "en";
  return /^zh(?!-hans)(-\w+)?-(hant|tw|hk|mo)\b/.test(plain) ? "zh-TW" : "zh-CN";
}
