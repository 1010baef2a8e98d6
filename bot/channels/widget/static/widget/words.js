// What the widget itself says, in both languages.

const WORDS = {
  en: {
    assistant: "AI assistant",
    name: "Help",
    launcher: "Open the help assistant",
    launcherUnread: "Open the help assistant, new message",
    shut: "Close the help assistant",
    close: "Close",
    language: "用中文显示",
    restart: "New conversation",
    person: "Talk to a person",
    request: "I'd like to talk to a person.",
    log: "Conversation",
    question: "Your question",
    placeholder: "Ask a question",
    send: "Send",
    left: "{n} characters left",
    over: "{n} characters too many",
    note: "Answers come from an AI. Check the sources.",
    you: "You",
    bot: "AI assistant",
    agent: "Support team",
    sources: "Sources",
    reading: "Worth reading",
    source: "Source {n}: {title}, opens in a new tab",
    up: "Helpful",
    down: "Not helpful",
    why: "What was wrong?",
    whyWrong: "Incorrect",
    whyOld: "Out of date",
    whyMissing: "Incomplete",
    whyOther: "Not my question",
    comment: "Anything else? (optional)",
    submit: "Submit",
    cancel: "Cancel",
    thanks: "Thank you for the feedback.",
    unsaved: "The feedback was not saved. Please try again.",
    copy: "Copy with sources",
    copied: "Copied",
    retry: "Try again",
    understand: "Reading your question…",
    retrieve: "Searching the help articles…",
    decide: "Weighing what was found…",
    act: "Writing the answer…",
    record: "Writing the answer…",
    connecting: "Connecting…",
    silent: "Delivered to the support team.",
    unsent: "Not sent",
    renewed: "The earlier conversation has ended. This is a new one.",
    failed: "That did not work. Your message is kept.",
    offline: "The connection was lost. Your message is kept.",
    "too-many-requests": "That was a lot at once. You can try again in {s} s.",
    "index-missing": "The help articles are not loaded yet, so there is nothing to answer from.",
    "store-unavailable": "The service is busy right now. Please try again in a moment.",
    "origin-refused": "The assistant is not enabled for this site.",
    "invalid-request": "This message cannot be sent. Please shorten it.",
  },
  zh: {
    assistant: "AI 助手",
    name: "帮助",
    launcher: "打开帮助助手",
    launcherUnread: "打开帮助助手，有新消息",
    shut: "关闭帮助助手",
    close: "关闭",
    language: "Show in English",
    restart: "新对话",
    person: "转人工客服",
    request: "我想转人工客服。",
    log: "对话",
    question: "您的问题",
    placeholder: "请输入问题",
    send: "发送",
    left: "还可输入 {n} 个字符",
    over: "超出 {n} 个字符",
    note: "回答由 AI 生成，请以来源为准。",
    you: "您",
    bot: "AI 助手",
    agent: "客服团队",
    sources: "来源",
    reading: "相关文档",
    source: "来源 {n}：{title}，在新标签页打开",
    up: "有帮助",
    down: "没帮助",
    why: "哪里不对？",
    whyWrong: "内容有误",
    whyOld: "已经过时",
    whyMissing: "不够完整",
    whyOther: "答非所问",
    comment: "补充说明（选填）",
    submit: "提交",
    cancel: "取消",
    thanks: "感谢您的反馈。",
    unsaved: "反馈没有保存，请重试。",
    copy: "复制回答和来源",
    copied: "已复制",
    retry: "重试",
    understand: "正在理解问题…",
    retrieve: "正在查找帮助文档…",
    decide: "正在核对资料…",
    act: "正在撰写回答…",
    record: "正在撰写回答…",
    connecting: "正在连接…",
    silent: "已送达客服团队。",
    unsent: "未发送",
    renewed: "之前的对话已结束，现在是新的对话。",
    failed: "没有成功，您的消息已保留。",
    offline: "连接中断，您的消息已保留。",
    "too-many-requests": "操作太频繁，请在 {s} 秒后重试。",
    "index-missing": "帮助文档尚未就绪，暂时无法回答。",
    "store-unavailable": "服务繁忙，请稍后再试。",
    "origin-refused": "本网站未启用该助手。",
    "invalid-request": "这条消息无法发送，请缩短后再试。",
  },
};

const ATTRIBUTES = { label: "aria-label", title: "title", placeholder: "placeholder" };

export const LANGUAGE_TAGS = { en: "en", zh: "zh-CN" };

export function isLocale(value) {
  return Object.hasOwn(WORDS, value);
}

export function preferredLocale() {
  const first = navigator.languages.find((tag) => /^(zh|en)\b/i.test(tag)) ?? "en";
  return first.toLowerCase().startsWith("zh") ? "zh" : "en";
}

export class Words {
  constructor(locale) {
    this.locale = locale;
  }

  has(key) {
    return Object.hasOwn(WORDS.en, key);
  }

  say(key, values = {}) {
    const text = WORDS[this.locale][key] ?? WORDS[this.locale].failed;
    return text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
  }

  // Fills the nodes marked with data-word, data-label, data-title and data-placeholder.
  apply(root) {
    for (const node of root.querySelectorAll("[data-word]")) {
      node.textContent = this.say(node.dataset.word);
    }
    for (const [mark, attribute] of Object.entries(ATTRIBUTES)) {
      for (const node of root.querySelectorAll(`[data-${mark}]`)) {
        node.setAttribute(attribute, this.say(node.dataset[mark]));
      }
    }
  }
}
