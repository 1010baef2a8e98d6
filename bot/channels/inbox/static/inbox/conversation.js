// One ticket: its head with what can be done, the timeline, and the composer.

import { element } from "../../../widget/dom.js";
import { Composer } from "./composer.js";
import { chooseOne, failure } from "./empty.js";
import { icon } from "./icons.js";
import { customerName } from "./people.js";
import { priorityOf, tierOf } from "./row.js";
import { Timeline } from "./timeline.js";

const TYPING_MS = 6500; // after the last sign of it

export class Conversation {
  #tools;
  #host;
  #head = element("header", {});
  #presence = element("p", { className: "presence", role: "status" });
  #whole;
  #else = element("div", { className: "elsewise" });
  #shown = null;
  #headShape = "";
  #quiet = 0;

  // The host is {back(), toggleContext(), run(action, button), wrong(message), send(...), typing(),
  // retry(sent), edit(sent), reopen(), retryLoad()}.
  constructor(tools, drafts, host) {
    this.#tools = tools;
    this.#host = host;
    this.timeline = new Timeline(tools, host);
    this.composer = new Composer(tools, drafts, { ...host, canned: (button) => host.run("canned", button) });
    this.#whole = element("div", { className: "whole", hidden: true }, [this.#head, this.#presence, this.timeline.node, this.composer.node]);
    this.node = element("section", { className: "conversation", "aria-label": tools.words.say("conversation") }, [this.#whole, this.#else]);
    this.clear();
  }

  clear() {
    this.#shown = null;
    this.#whole.hidden = true;
    this.#else.replaceChildren(chooseOne(this.#tools.words));
  }

  fail(error, retry) {
    this.#shown = null;
    this.#whole.hidden = true;
    const { words } = this.#tools;
    this.#else.replaceChildren(this.#back(words), failure(error, this.#tools, retry));
  }

  show(ticket, pending, signs) {
    this.#shown = ticket;
    this.#whole.hidden = false;
    this.#else.replaceChildren();
    this.#drawHead(ticket);
    this.timeline.show(ticket, pending);
    this.composer.show(ticket);
    this.signs(signs);
  }

  // Who else is here, and who types.
  signs({ agents, typing }) {
    if (!this.#shown) return;
    const { words, people } = this.#tools;
    const others = agents.filter((id) => !people.isMe(id));
    const names = others.map((id) => people.name(id)).join(", ");
    this.#presence.hidden = !others.length;
    this.#presence.replaceChildren(...(others.length ? [
      icon("eye"), words.say(others.length > 1 ? "lookingMany" : "looking", { name: names, names }),
    ] : []));
    const customer = customerName(this.#shown.customer, words);
    this.timeline.typing(typing.includes("customer") ? [customer] : []);
    clearTimeout(this.#quiet); // nobody tells that somebody stopped
    this.#quiet = setTimeout(() => this.timeline.typing([]), TYPING_MS);
  }

  button(name) {
    const button = this.#head.querySelector(`[data-action="${name}"]`);
    return button?.checkVisibility() ? button : this.#head.querySelector('[data-action="more"]');
  }

  get cannedButton() {
    return this.composer.node.querySelector(".foot .button");
  }

  // Not drawn anew while nothing changed: a menu may be open at one of its buttons.
  #drawHead(ticket) {
    const { messages, events, notes, ...head } = ticket;
    const shape = JSON.stringify(head);
    if (shape === this.#headShape) return;
    this.#headShape = shape;
    const focused = this.#head.contains(document.activeElement) && document.activeElement.dataset.action;
    this.#head.replaceChildren(...this.#headParts(ticket));
    if (focused) this.#head.querySelector(`[data-action="${focused}"]`)?.focus();
  }

  #headParts(ticket) {
    const { words, clocks } = this.#tools;
    const { customer } = ticket;
    const who = element("div", { className: "who" }, [
      element("h2", {}, [customerName(customer, words)]),
      element("p", { className: "facts" }, [
        ...(customer.organisation ? [element("span", { className: "organisation" }, [customer.organisation])] : []),
        tierOf(ticket, words),
        ...priorityOf(ticket, words),
        element("span", {}, [ticket.label]),
        ...(ticket.state === "open" ? [] : [element("span", { className: "chip" }, [words.say(`state_${ticket.state}`)])]),
        ...(["open", "snoozed"].includes(ticket.state) ? [clocks.node(ticket.clocks, { long: true })] : []),
      ]),
    ]);
    return [this.#back(words), who, element("div", { className: "actions", role: "toolbar", "aria-label": words.say("more") }, this.#actions(ticket))];
  }

  #back(words) {
    return element("button", {
      type: "button", className: "button plain back", "aria-label": words.say("back"), onclick: () => this.#host.back(),
    }, [icon("back")]);
  }

  #actions(ticket) {
    const { words, people } = this.#tools;
    const active = ["open", "snoozed"].includes(ticket.state);
    const list = [];
    if (active && !people.isThere(ticket.assignee)) list.push(this.#action("claim", "", words.say("claim"), "C", "primary"));
    if (active) {
      const name = people.name(ticket.assignee);
      const assign = this.#action("assign", "", ticket.assignee ? (people.isMe(ticket.assignee) ? words.say("you") : name) : words.say("assign"), "A", "wide", true);
      assign.prepend(ticket.assignee ? people.disc(ticket.assignee, { title: false }) : icon("mine"));
      assign.setAttribute("aria-label", `${words.say("assignTo")}: ${name}`);
      list.push(assign);
      list.push(ticket.state === "snoozed"
        ? this.#action("wake", "snoozed", words.say("wake"), "S", "wide")
        : this.#action("snooze", "snoozed", words.say("snooze"), "S", "wide", true));
      list.push(this.#action("resolve", "check", words.say("resolve"), "E", "wide"));
    } else if (ticket.state === "resolved") list.push(this.#action("reopen", "retry", words.say("reopen"), "E"));
    list.push(this.#action("more", "more", "", "", "", true));
    list.push(this.#action("context", "details", "", "I"));
    return list;
  }

  #action(name, drawing, text, key, kind = "", menu = false) {
    const { words } = this.#tools;
    const label = text || words.say(name === "context" ? "showContext" : name);
    const button = element("button", {
      type: "button", className: `button ${kind}${text ? "" : " plain"}`, data: { action: name },
      title: key ? `${label} (${key})` : label, "aria-label": label,
      ...(menu && { "aria-haspopup": "menu", "aria-expanded": "false" }),
      onclick: () => this.#host.run(name, button),
    }, [...(drawing ? [icon(drawing)] : []), ...(text ? [element("span", {}, [text])] : [])]);
    return button;
  }
}
