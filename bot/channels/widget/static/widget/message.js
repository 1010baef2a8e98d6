// What stands in the conversation: one message each, a reply with its sources and what one can do.

import { anchor, element, icon } from "./dom.js";
import { Feedback } from "./feedback.js";
import { renderMarkdown } from "./markdown.js";
import { LANGUAGE_TAGS } from "./words.js";

const COPIED_MS = 2000;

// `actions` are {words, questions(), resolve(url, folder?), send(text), askForPerson(),
// rate(message, rating, comment)}.
export function messageNode(author, body, { words }, agent = null) {
  const name = { customer: "you", agent: "agent" }[author] ?? "bot";
  return element("div", { className: `message ${author}` }, [
    agent ? element("span", { className: "author" }, [agent])
      : element("span", { className: "author", data: { word: name } }, [words.say(name)]),
    element("div", { className: "body" }, body),
  ]);
}

export function draftBody(text) {
  const cite = (n) => element("sup", { className: "cite" }, [element("span", {}, [String(n)])]);
  return renderMarkdown(text, { cite });
}

export function replyNode(reply, actions, { live, feedback }) {
  const links = new Map();
  for (const { url } of reply.citations) {
    const address = actions.resolve(url);
    if (address) links.set(url, address);
  }
  const cited = new Map(reply.citations.map((citation) => [citation.n, citation]));
  const cite = (n) => (cited.has(n) ? marker(cited.get(n), links, actions) : null);
  const text = reply.clarify?.question ?? reply.text; // its options are buttons here
  const node = messageNode("bot", [renderMarkdown(text, { cite, links })], actions);
  node.lang = LANGUAGE_TAGS[reply.locale];
  const body = node.lastChild;
  if (reply.citations.length) body.append(sources(reply, links, actions));
  if (reply.message) body.append(...tools(reply, links, actions, feedback));
  if (live) node.append(choices(reply, actions));
  return node;
}

function marker(citation, links, { words }) {
  const number = [String(citation.n)];
  const href = links.get(citation.url);
  const label = words.say("source", citation);
  const node = href ? anchor(href, number, { "aria-label": label }) : element("span", {}, number);
  return element("sup", { className: "cite" }, [node]);
}

function sources(reply, links, { words }) {
  const key = reply.decision === "answer" ? "sources" : "reading";
  const items = reply.citations.map((citation) => {
    const href = links.get(citation.url);
    const title = [citation.title];
    return element("li", {}, [
      element("span", { className: "number" }, [String(citation.n)]),
      href ? anchor(href, title) : element("span", {}, title),
      element("p", { className: "excerpt" }, [plain(citation.excerpt)]),
    ]);
  });
  return element("section", { className: "sources", "aria-label": words.say(key) }, [
    element("h3", { data: { word: key } }, [words.say(key)]),
    element("ol", {}, items),
  ]);
}

// An excerpt is a piece of Markdown; it is shown as it reads, in one line.
function plain(markdown) {
  return renderMarkdown(markdown).textContent;
}

function tools(reply, links, actions, rating) {
  const rate = (...given) => actions.rate(reply.message, ...given);
  const feedback = new Feedback(actions.words, rate, rating);
  const row = [...feedback.controls, copyButton(reply, links, actions.words)];
  return [element("div", { className: "tools" }, row), feedback.node];
}

function copyButton(reply, links, words) {
  const lines = reply.citations.map(
    ({ n, title, url }) => `[${n}] ${title}${links.has(url) ? ` ${links.get(url)}` : ""}`,
  );
  const text = [reply.text, lines.join("\n")].filter(Boolean).join("\n\n");
  const label = words.say("copy");
  const button = element("button", {
    type: "button", className: "tool copy", title: label, "aria-label": label,
    data: { label: "copy", title: "copy" },
    onclick: async () => {
      if (!(await copy(text, button))) return;
      button.replaceChildren(icon("done"));
      button.setAttribute("aria-label", words.say("copied"));
      setTimeout(() => {
        button.replaceChildren(icon("copy"));
        button.setAttribute("aria-label", words.say("copy"));
      }, COPIED_MS);
    },
  }, [icon("copy")]);
  return button;
}

async function copy(text, button) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // Without HTTPS or the permission there is only the old way, through a selection.
    const area = element("textarea", { className: "author", value: text });
    button.after(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    button.focus();
    return done;
  }
}

function choices(reply, { words, send, askForPerson }) {
  const texts = reply.clarify?.options ?? reply.suggestions ?? [];
  const buttons = texts.map((text) => choice(text, () => send(text)));
  if (reply.offer_human && !reply.handoff) buttons.push(choice(words.say("person"), askForPerson));
  return choiceRow(buttons);
}

export function choiceRow(buttons) {
  return element("div", { className: "choices" }, buttons);
}

export function choice(text, onclick) {
  return element("button", { type: "button", className: "choice", onclick }, [text]);
}
