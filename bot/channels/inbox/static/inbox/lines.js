// What stands in the timeline: messages of each author, internal notes, what happened.

import { anchor, element } from "../../../widget/dom.js";
import { linksIn, renderMarkdown } from "../../../widget/markdown.js";
import { icon } from "./icons.js";
import { customerName } from "./people.js";

const OUTCOMES = { abstain: "didNotKnow", clarify: "askedBack" };

// `tools` are {words, times, people, api}; `actions` are {wrong(message)}.
export function messageLine(message, ticket, tools, actions) {
  if (message.author === "system") return toldLine(message, tools);
  if (message.author === "bot") return botLine(message, tools, actions);
  const { words, people, api } = tools;
  const own = message.author === "agent";
  const name = own ? people.name(message.agent) : customerName(message.customer ?? ticket.customer, words);
  const body = own
    ? [renderMarkdown(message.text, { links: linksIn(message.text, (url) => api.article(url)) })]
    : [message.text];
  const marks = !own && message.tone && message.tone.label !== "calm" ? [toneMark(message.tone, words)] : [];
  return line(message.author, name, message.created_at, body, tools, { marks: [...placeMarks(message, words), ...marks] });
}

// From another conversation, whose ticket goes on in this one.
function placeMarks({ place }, words) {
  if (!place) return [];
  const node = mark("place", place);
  node.title = words.say("fromMerged", { label: place });
  return [node];
}

function botLine(message, tools, actions) {
  const { words, api } = tools;
  const { reply } = message;
  const links = new Map();
  for (const { url } of reply?.citations ?? []) {
    const address = api.resolve(url);
    if (address) links.set(url, address);
  }
  const cited = new Map((reply?.citations ?? []).map((citation) => [citation.n, citation]));
  const cite = (n) => (cited.has(n) ? marker(cited.get(n), links, words) : null);
  const body = [renderMarkdown(message.text, { cite, links })];
  if (cited.size) body.push(sourceList([...cited.values()], tools));
  const marks = placeMarks(message, words);
  if (reply && OUTCOMES[reply.decision]) marks.push(mark("", words.say(OUTCOMES[reply.decision])));
  if (message.feedback) marks.push(mark(message.feedback, words.say(message.feedback === "down" ? "ratedDown" : "ratedUp")));
  const node = line("bot", words.say("assistant"), message.created_at, body, tools, { marks });
  if (actions.wrong) node.querySelector(".head").append(wrongTool(message, words, actions));
  return node;
}

function wrongTool(message, words, actions) {
  if (message.wrong) return mark("down", words.say("wrongMarked"));
  const label = words.say("wrong");
  return element("button", {
    type: "button", className: "button plain wrong", title: label, "aria-label": label,
    onclick: () => actions.wrong(message),
  }, [icon("wrong"), element("span", {}, [label])]);
}

// Also below a draft: sources as small links.
export function sourceList(citations, { words, api }) {
  return element("ul", { className: "sources", "aria-label": words.say("sources") }, citations.map((citation) => {
    const href = api.resolve(citation.url);
    const text = [element("span", { className: "number" }, [String(citation.n)]), citation.title];
    const label = words.say("source", citation);
    return element("li", {}, [href ? anchor(href, text, { "aria-label": label }) : element("span", {}, text)]);
  }));
}

function marker(citation, links, words) {
  const href = links.get(citation.url);
  const number = [String(citation.n)];
  const node = href ? anchor(href, number, { "aria-label": words.say("source", citation) }) : element("span", {}, number);
  return element("sup", { className: "cite" }, [node]);
}

function toneMark({ label, reasons = [] }, words) {
  const why = reasons.map((code) => (words.has(`tone_${code}`) ? words.say(`tone_${code}`) : code.replaceAll("_", " ")));
  const node = mark(label, words.say(`tone_${label}`));
  if (why.length) node.title = why.join(", ");
  return node;
}

function mark(kind, text) {
  return element("span", { className: `mark ${kind}` }, [text]);
}

export function noteLine(note, tools) {
  const { words, people } = tools;
  const body = [renderMarkdown(note.text, { links: linksIn(note.text, (url) => tools.api.article(url)) })];
  return line("note", people.name(note.author), note.at, body, tools, { marks: [mark("internal", words.say("internal"))] });
}

function toldLine(message, { words, times }) {
  const told = element("span", { className: "told" }, [words.say(message.unsent ? "noted" : "told")]);
  return element("div", { className: "happened", title: times.full(message.created_at) }, [...placeMarks(message, words), told, message.text, ` · ${times.clock(message.created_at)}`]);
}

function line(kind, name, at, body, { times }, { marks = [] } = {}) {
  const time = element("time", { dateTime: at, title: times.full(at) }, [times.clock(at)]);
  return element("article", { className: `message ${kind}`, "aria-label": name }, [
    element("div", { className: "head" }, [element("span", { className: "author" }, [name]), time, ...marks]),
    element("div", { className: "body" }, body),
  ]);
}

// A message or note on its way, or one that did not get there.
export function pendingLine(sent, tools, { retry, edit }) {
  const { words, people } = tools;
  const node = line(sent.kind === "note" ? "note" : "agent", people.name(people.me.id), sent.at, [renderMarkdown(sent.text)], tools);
  node.classList.add("pending");
  const state = element("p", { className: sent.failed ? "unsent" : "muted" }, [words.say(sent.failed ? "unsent" : "sending")]);
  if (sent.failed) {
    state.setAttribute("role", "alert");
    state.append(
      ` ${words.say(sent.failed)} `,
      element("button", { type: "button", className: "button", onclick: () => retry(sent) }, [icon("retry"), words.say("retry")]),
      element("button", { type: "button", className: "button plain", onclick: () => edit(sent) }, [words.say("edit")]),
    );
  }
  node.append(state);
  return node;
}

export function eventLine(event, ticket, tools) {
  const { times } = tools;
  const text = eventText(event, ticket, tools);
  return element("div", { className: `happened ${event.kind}`, title: times.full(event.at) }, [text, ` · ${times.clock(event.at)}`]);
}

const UNSAID = new Set(["customer_wrote", "agent_replied", "noted"]); // they stand there themselves

export function isTold({ kind }) {
  return !UNSAID.has(kind);
}

function eventText({ kind, actor, details }, ticket, { words, times, people }) {
  const said = { actor: people.actor(actor) };
  let name = `event_${kind}`;
  if (kind === "opened") said.reason = words.say(`reason_${ticket.reason}`);
  if (kind === "assigned") {
    said.to = details.to ? people.actor(details.to) : "";
    if (!details.to) name += "_none";
    else if (details.to === actor) name += "_self";
  }
  if (kind === "prioritised") said.priority = words.say(`priority_${details.priority}`);
  if (kind === "snoozed") said.until = times.moment(details.until);
  if (kind === "merged") said.into = details.label ?? "";
  if (kind === "absorbed") said.ticket = details.label ?? "";
  if (kind === "identified") said.tier = words.say(`tier_${details.tier}`);
  if (kind.startsWith("sla_")) said.clock = words.say(details.clock);
  return words.has(name) ? words.say(name, said) : kind.replaceAll("_", " ");
}
