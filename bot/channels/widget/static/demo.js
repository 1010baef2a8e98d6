// The page: what it shows of a conversation, and what it keeps over a reload.

import { ProblemError, ask, showConversation, startConversation } from "./client.js";
import { anchor, renderMarkdown } from "./markdown.js";
import { WORDS, preferredLocale } from "./words.js";

const KEPT = "firstline";
const NEAR_END_PX = 120;

const log = document.getElementById("log");
const scroller = document.querySelector("main");
const status = document.getElementById("status");
const composer = document.getElementById("composer");
const input = document.getElementById("text");

let state = restoreState();
let running = null; // the AbortController of the turn at work
let serial = 0; // of replies shown, for the addresses of their sources
let beginnings = 0; // so that of two hasty ones only the last counts

// State: {locale, conversation, token, greeting, pending: {text, key} | null}

function restoreState() {
  try {
    const kept = JSON.parse(sessionStorage.getItem(KEPT));
    if (kept && Object.hasOwn(WORDS, kept.locale)) return kept;
  } catch {
    // Storage is forbidden or holds something else: begin anew.
  }
  const asked = new URLSearchParams(location.search).get("locale");
  return { locale: Object.hasOwn(WORDS, asked) ? asked : preferredLocale(), pending: null };
}

function keep(changes) {
  state = { ...state, ...changes };
  try {
    sessionStorage.setItem(KEPT, JSON.stringify(state));
  } catch {
    // The conversation then lasts as long as the page.
  }
}

function word(name) {
  return WORDS[state.locale][name] ?? WORDS[state.locale].failed;
}

function element(name, className = "", children = []) {
  const node = document.createElement(name);
  node.className = className;
  node.append(...children);
  return node;
}

function worded(name, className, key) {
  const node = element(name, className, [word(key)]);
  node.dataset.word = key;
  return node;
}

function applyWords() {
  document.documentElement.lang = state.locale === "zh" ? "zh-CN" : "en";
  for (const node of document.querySelectorAll("[data-word]")) {
    node.textContent = word(node.dataset.word);
  }
  const attributes = { label: "aria-label", title: "title", placeholder: "placeholder" };
  for (const [data, attribute] of Object.entries(attributes)) {
    for (const node of document.querySelectorAll(`[data-${data}]`)) {
      node.setAttribute(attribute, word(node.dataset[data]));
    }
  }
  for (const button of document.querySelectorAll("[data-locale]")) {
    button.setAttribute("aria-pressed", String(button.dataset.locale === state.locale));
  }
}

// Messages

function addMessage(author) {
  const name = worded("span", "author", { customer: "you", agent: "agent" }[author] ?? "bot");
  const body = element("div", "body");
  const item = element("li", `message ${author}`, [name, body]);
  log.append(item);
  return body;
}

function addCustomerMessage(text) {
  const body = addMessage("customer");
  body.textContent = text;
  scrollToEnd();
}

function addRecorded({ author, text, reply }) {
  if (author === "customer") addCustomerMessage(text);
  else if (reply) showReply(addMessage(author), reply);
  else addMessage(author).append(renderMarkdown(text));
}

function showReply(body, reply) {
  body.parentElement.lang = reply.locale === "zh" ? "zh-CN" : "en";
  if (!reply.text) {
    body.replaceChildren(worded("p", "muted", "silent"));
    return;
  }
  const id = ++serial;
  const cited = new Map(reply.citations.map((c) => [c.n, c]));
  const links = new Set(reply.citations.map((c) => c.url).filter(isWebAddress));
  const cite = (n) => (cited.has(n) ? marker(id, cited.get(n)) : null);
  body.replaceChildren(renderMarkdown(reply.text, { cite, links }));
  if (reply.citations.length) body.append(...sources(id, reply));
  const choices = reply.clarify?.options ?? reply.suggestions;
  if (choices.length) body.append(element("div", "choices", choices.map(choice)));
}

function isWebAddress(url) {
  try {
    return ["http:", "https:"].includes(new URL(url, location.href).protocol);
  } catch {
    return false;
  }
}

function marker(id, citation) {
  const link = element("a", "", [String(citation.n)]);
  link.href = `#source-${id}-${citation.n}`;
  link.setAttribute(
    "aria-label",
    word("source").replace("{n}", citation.n).replace("{title}", citation.title),
  );
  return element("sup", "marker", [link]);
}

function sources(id, reply) {
  const key = reply.decision === "answer" ? "sources" : "reading";
  const items = reply.citations.map((citation) => {
    const title = isWebAddress(citation.url)
      ? anchor(citation.url, [citation.title])
      : element("span", "", [citation.title]);
    const excerpt = element("p", "excerpt");
    excerpt.append(...plain(citation.excerpt));
    const item = element("li", "", [element("span", "number", [String(citation.n)]), title, excerpt]);
    item.id = `source-${id}-${citation.n}`;
    item.tabIndex = -1;
    return item;
  });
  return [worded("h2", "sources-title", key), element("ol", "sources", items)];
}

// An excerpt is a piece of Markdown; one line of it is shown as it reads.
function plain(markdown) {
  const holder = element("div");
  holder.append(renderMarkdown(markdown));
  return [holder.textContent];
}

function choice(text) {
  const button = element("button", "choice", [text]);
  button.type = "button";
  button.addEventListener("click", () => send(text));
  return button;
}

function showStatus(key) {
  status.textContent = key ? word(key) : "";
  status.classList.toggle("working", Boolean(key));
  if (key) scrollToEnd();
}

function showFailure(error, retry, label = "retry") {
  const slug = error instanceof ProblemError ? error.slug : "failed";
  const key = slug === "not-found" ? "gone" : Object.hasOwn(WORDS.en, slug) ? slug : "failed";
  const item = element("li", "failure", [worded("p", "", key)]);
  item.setAttribute("role", "alert");
  const button = worded("button", "retry", label);
  button.type = "button";
  button.addEventListener("click", () => {
    item.remove();
    input.focus();
    retry();
  });
  item.append(button);
  log.append(item);
  scrollToEnd();
}

function clearFailures() {
  for (const item of log.querySelectorAll(".failure")) item.remove();
}

function isNearEnd() {
  return scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < NEAR_END_PX;
}

// As far as the end, but never past the latest question: a long answer is read from its start.
function scrollToEnd() {
  const question = [...log.querySelectorAll(".customer")].at(-1);
  const end = scroller.scrollHeight - scroller.clientHeight;
  scroller.scrollTop = question ? Math.min(end, question.offsetTop - scroller.offsetTop - 16) : end;
}

// Conversations

async function begin() {
  const beginning = ++beginnings;
  running?.abort();
  log.replaceChildren();
  keep({ conversation: null, token: null, greeting: null, pending: null });
  showStatus("connecting");
  try {
    const started = await startConversation(state.locale);
    if (beginning !== beginnings) return;
    keep(started);
    addGreeting();
  } catch (error) {
    if (beginning === beginnings) showFailure(error, begin);
  } finally {
    if (beginning === beginnings) showStatus(null);
  }
}

function addGreeting() {
  if (state.greeting) addMessage("bot").append(renderMarkdown(state.greeting));
}

async function resume() {
  showStatus("connecting");
  let shown;
  try {
    shown = await showConversation(state);
  } catch (error) {
    showStatus(null);
    if (error.slug === "not-found") await begin();
    else showFailure(error, resume);
    return;
  }
  showStatus(null);
  addGreeting();
  shown.messages.forEach(addRecorded);
  if (state.pending) await work(state.pending, { shown: isAccepted(shown.messages) });
}

// The pending message is the last of the customer's, if it was accepted before the reload.
function isAccepted(messages) {
  const last = messages.findLast((message) => message.author === "customer");
  return last?.text === state.pending.text && messages.at(-1) === last;
}

async function send(text) {
  if (running || !text.trim()) return;
  if (!state.conversation) await begin();
  if (!state.conversation) return;
  clearFailures();
  const pending = { text: text.trim(), key: newKey() };
  keep({ pending });
  input.value = "";
  fitInput();
  await work(pending, { shown: false });
}

function newKey() {
  // Unlike `randomUUID`, this is there without HTTPS too.
  return Array.from(crypto.getRandomValues(new Uint32Array(4)), (n) => n.toString(16)).join("-");
}

async function work(pending, { shown }) {
  if (!shown) addCustomerMessage(pending.text);
  const turn = new AbortController();
  running = turn;
  composer.classList.add("busy");
  showStatus("connecting");
  const draft = new Draft();
  try {
    for await (const event of ask(state, pending, turn.signal)) draft.take(event);
    keep({ pending: null });
  } catch (error) {
    draft.discard();
    if (turn.signal.aborted) return;
    if (error.slug === "not-found") showFailure(error, begin, "restart");
    else showFailure(error, () => work(pending, { shown: true }));
  } finally {
    if (running === turn) {
      running = null;
      composer.classList.remove("busy");
      showStatus(null);
    }
  }
}

// The reply while it comes in.
class Draft {
  constructor() {
    this.text = "";
    this.attempt = null;
    this.body = null;
  }

  take({ id, name, data }) {
    const attempt = id.split(".")[0];
    if (attempt !== this.attempt) this.text = ""; // begun again: what came before is void
    this.attempt = attempt;
    const follow = !this.body || isNearEnd();
    if (name === "status") showStatus(data.stage);
    if (name === "delta") this.extend(data.text);
    if (name === "reply") this.finish(data);
    if (follow) scrollToEnd();
  }

  extend(text) {
    this.text += text;
    this.body ??= addMessage("bot");
    this.body.setAttribute("aria-busy", "true");
    const cite = (n) => element("sup", "marker", [element("span", "", [String(n)])]);
    this.body.replaceChildren(renderMarkdown(this.text, { cite }));
  }

  finish(reply) {
    this.body ??= addMessage("bot");
    this.body.removeAttribute("aria-busy");
    showReply(this.body, reply);
    showStatus(null);
  }

  discard() {
    this.body?.parentElement.remove();
  }
}

// Input

function fitInput() {
  input.rows = Math.min(6, input.value.split("\n").length);
}

composer.addEventListener("submit", (event) => {
  event.preventDefault();
  send(input.value);
});

input.addEventListener("input", fitInput);
input.addEventListener("keydown", (event) => {
  // While an input method composes, Enter chooses a candidate.
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  composer.requestSubmit();
});

document.getElementById("restart").addEventListener("click", async () => {
  await begin();
  input.focus();
});

for (const button of document.querySelectorAll("[data-locale]")) {
  button.addEventListener("click", async () => {
    if (button.dataset.locale === state.locale) return;
    keep({ locale: button.dataset.locale });
    applyWords();
    // Nothing was said yet: the greeting may as well be in the chosen language.
    if (!log.querySelector(".customer")) await begin();
  });
}

applyWords();
if (state.conversation) await resume();
else await begin();
