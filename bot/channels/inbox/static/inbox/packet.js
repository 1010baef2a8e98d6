// The packet at a glance: what one has to know before writing the first word.

import { anchor, element } from "../../../widget/dom.js";
import { renderMarkdown } from "../../../widget/markdown.js";
import { icon } from "./icons.js";
import { toneNode } from "./tone.js";

const COURSE = 24; // messages of the customer

// Actions are {insert(text)}.
export function packetNodes(ticket, tools, actions) {
  const { words } = tools;
  const { packet } = ticket;
  return [
    section(words.say("wants"), [
      element("p", { className: "summary" }, [ticket.summary || "…"]),
      ...(packet.summarised_by ? [element("p", { className: "by muted" }, [words.say("summarisedBy", { model: packet.summarised_by })])] : []),
    ], "wants"),
    ...listed("asks", packet.asks, words),
    section(words.say("handedOver"), [
      element("p", { className: "why" }, [
        element("span", { className: `chip ${ticket.reason}` }, [words.say(`reason_${ticket.reason}`)]),
        toneNode(ticket.tone.trend, words, { shown: COURSE, named: true }),
      ]),
    ]),
    ...(packet.next_step ? [section(words.say("nextStep"), [element("p", {}, [packet.next_step])], "next")] : []),
    ...cards("unused", packet.unused.map((passage) => passageCard(passage, tools, actions)), words),
    ...cards("similar", packet.similar.map((similar) => similarCard(similar, tools, actions)), words),
  ];
}

export function section(title, content, name = "") {
  return element("section", { className: `part ${name}` }, [element("h3", {}, [title]), ...content]);
}

function listed(name, texts, words) {
  if (!texts.length) return [];
  return [section(words.say(name), [element("ul", { className: "asks" }, texts.map((text) => element("li", {}, [text])))])];
}

function cards(name, nodes, words) {
  return nodes.length ? [section(words.say(name), nodes, "cards")] : [];
}

function passageCard(passage, { words, api }, actions) {
  const href = api.resolve(passage.url);
  const tools = [];
  if (href) {
    tools.push(anchor(href, [words.say("openArticle")]));
    const link = `[${passage.title.replace(/[[\]]/g, " ")}](${href})`;
    tools.push(action("link", words.say("insertLink"), () => actions.insert(link)));
  }
  return card(passage.title, "", passage.excerpt, tools);
}

function similarCard(similar, { words }, actions) {
  const link = element("a", { href: `?ticket=${encodeURIComponent(similar.id)}`, target: "_blank", rel: "noopener" }, [similar.label]);
  const tools = [link];
  if (similar.resolution) tools.push(action("draft", words.say("insertText"), () => actions.insert(similar.resolution)));
  return card(similar.summary, similar.label, similar.resolution, tools);
}

function card(title, label, text, tools) {
  const head = [element("span", { className: "title" }, [title])];
  if (label) head.push(element("span", { className: "chip" }, [label]));
  return element("details", { className: "card" }, [
    element("summary", {}, head),
    element("div", { className: "excerpt" }, [renderMarkdown(text)]),
    element("p", { className: "tools" }, tools),
  ]);
}

function action(drawing, label, onclick) {
  return element("button", { type: "button", className: "button plain", onclick }, [icon(drawing), label]);
}
