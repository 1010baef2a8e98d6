// The whole conversation in the order of time. A line is drawn anew only where it changed.

import { element } from "../../../widget/dom.js";
import { eventLine, isTold, messageLine, noteLine, pendingLine } from "./lines.js";

const NEAR_END_PX = 120;
const TOGETHER_MS = 5 * 60_000; // one head for what somebody says within that time

export class Timeline {
  #tools;
  #actions;
  #log = element("div", { className: "log", role: "log" });
  #typing = element("p", { className: "typing", role: "status" });
  #ticket = null;
  #known = new Map();

  // Actions are {wrong(message), retry(sent), edit(sent)}; none where one only looks on.
  constructor(tools, actions = null) {
    this.#tools = tools;
    this.#actions = actions ?? {};
    this.#log.ariaLabel = tools.words.say("conversation");
    this.node = element("div", { className: "timeline", tabIndex: 0 }, actions ? [this.#log, this.#typing] : [this.#log]);
    this.node.ariaLabel = tools.words.say("conversation");
    this.node.setAttribute("role", "region");
  }

  show(ticket, pending) {
    const isNew = this.#ticket?.id !== ticket.id;
    const follow = isNew || this.#isNearEnd;
    if (isNew) this.#known = new Map();
    this.#ticket = ticket;
    this.#log.ariaLive = isNew ? "off" : "polite";
    const items = [...this.#items(ticket), ...pending.map((sent) => this.#pending(sent))];
    const drawn = new Map(items.map((item) => [item.key, this.#drawn(item)]));
    this.#known = drawn;
    this.#log.replaceChildren(...this.#grouped(items, drawn));
    if (follow) requestAnimationFrame(() => this.scrollToEnd());
  }

  typing(names) {
    const { words } = this.#tools;
    const follow = this.#isNearEnd;
    this.#typing.textContent = names.map((name) => words.say("customerTyping", { name })).join(" ");
    if (follow && names.length) this.scrollToEnd();
  }

  scrollToEnd() {
    this.node.scrollTop = this.node.scrollHeight;
  }

  get #isNearEnd() {
    const { scrollHeight, scrollTop, clientHeight } = this.node;
    return scrollHeight - scrollTop - clientHeight < NEAR_END_PX;
  }

  #items(ticket) {
    const { messages, notes, events } = ticket;
    let latest = ""; // messages stay in the order in which they were committed
    const all = [
      ...messages.map((message) => ({
        key: message.id, at: message.created_at, order: (latest = later(latest, message.created_at)), by: by(message), shape: message,
        draw: () => messageLine(message, ticket, this.#tools, this.#actions),
      })),
      ...notes.map((note) => ({
        key: note.id, at: note.at, by: `note ${note.author}`, shape: note, draw: () => noteLine(note, this.#tools),
      })),
      ...events.filter(isTold).map((event) => ({
        key: `event ${event.sequence}`, at: event.at, by: null, shape: event,
        draw: () => eventLine(event, ticket, this.#tools),
      })),
    ];
    return all.sort((a, b) => new Date(a.order ?? a.at) - new Date(b.order ?? b.at));
  }

  #pending(sent) {
    return {
      key: `pending ${sent.key}`, at: sent.at, by: "pending", shape: sent,
      draw: () => pendingLine(sent, this.#tools, this.#actions),
    };
  }

  #drawn({ key, shape, draw }) {
    const text = JSON.stringify(shape);
    const known = this.#known.get(key);
    return known?.text === text ? known : { text, node: draw() };
  }

  // With a line for each day, and one head for what belongs together.
  #grouped(items, drawn) {
    const nodes = [];
    let [day, before] = ["", null];
    for (const item of items) {
      const { node } = drawn.get(item.key);
      const now = this.#tools.times.day(item.at);
      if (now !== day) nodes.push(element("h3", { className: "day" }, [now]));
      const goes = now === day && item.by !== null && item.by === before?.by && new Date(item.at) - new Date(before.at) < TOGETHER_MS;
      node.classList.toggle("continued", goes);
      nodes.push(node);
      [day, before] = [now, item];
    }
    return nodes;
  }
}

function later(one, other) {
  return one && new Date(one) > new Date(other) ? one : other;
}

function by({ author, agent, place }) {
  return author === "system" ? null : `${author} ${agent ?? ""} ${place ?? ""}`;
}
