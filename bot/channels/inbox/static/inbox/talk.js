// One conversation that an agent only looks on: what was said, and the step into it.

import { element } from "../../../widget/dom.js";
import { chooseOne, failure } from "./empty.js";
import { icon } from "./icons.js";
import { customerName } from "./people.js";
import { tierOf } from "./row.js";
import { Timeline } from "./timeline.js";
import { toneNode } from "./tone.js";

export class Talk {
  #tools;
  #host;
  #head = element("header", {});
  #foot = element("div", { className: "aside-bar", role: "status" });
  #whole;
  #else = element("div", { className: "elsewise" });
  #shown = null;
  #shape = "";

  // The host is {back(), takeOver(), openTicket(id), retryLoad()}.
  constructor(tools, host) {
    this.#tools = tools;
    this.#host = host;
    this.timeline = new Timeline(tools);
    this.#whole = element("div", { className: "whole" }, [this.#head, this.timeline.node, this.#foot]);
    this.node = element("section", { className: "conversation talk", "aria-label": tools.words.say("conversation"), hidden: true });
    this.clear();
  }

  clear() {
    this.#shown = null;
    this.node.replaceChildren(this.#else);
    this.#else.replaceChildren(chooseOne(this.#tools.words, "live"));
  }

  fail(error) {
    this.#shown = null;
    this.node.replaceChildren(this.#else);
    this.#else.replaceChildren(this.#back(), failure(error, this.#tools, () => this.#host.retryLoad()));
  }

  get shown() {
    return this.#shown;
  }

  show(talk) {
    if (!this.#shown) this.node.replaceChildren(this.#whole);
    this.#shown = talk;
    this.timeline.show({ ...talk, notes: [], events: [] }, []);
    const { messages, ...head } = talk;
    const shape = JSON.stringify(head);
    if (shape === this.#shape) return;
    this.#shape = shape;
    const held = this.#whole.contains(document.activeElement) && document.activeElement.dataset.action;
    this.#head.replaceChildren(...this.#headParts(talk));
    this.#foot.replaceChildren(...this.#footParts(talk));
    if (held) this.#whole.querySelector(`[data-action="${held}"]`)?.focus();
  }

  #headParts(talk) {
    const { words } = this.#tools;
    const { customer } = talk;
    return [this.#back(), element("div", { className: "who" }, [
      element("h2", {}, [customerName(customer, words)]),
      element("p", { className: "facts" }, [
        ...(customer.organisation ? [element("span", { className: "organisation" }, [customer.organisation])] : []),
        ...(customer.verified ? [tierOf(talk, words)] : [element("span", {}, [words.say("unverified")])]),
        toneNode(talk.tone.trend, words, { shown: 24, named: true }),
        ...(talk.page ? [element("span", { className: "organisation" }, [talk.page])] : []),
      ]),
    ])];
  }

  #footParts(talk) {
    const { words } = this.#tools;
    if (talk.ticket) {
      return [element("span", {}, [words.say("talkTaken")]), this.#button("open", "inbox", "openIts", "", () => this.#host.openTicket(talk.ticket))];
    }
    if (!talk.open_to_agents) return [element("span", {}, [words.say("talkElsewhere")])];
    return [
      element("span", {}, [words.say(talk.status === "pending" ? "talkBots" : "talkOver")]),
      this.#button("take", "hand", "takeOver", "T", () => this.#host.takeOver(), "primary"),
    ];
  }

  #button(action, drawing, word, key, onclick, kind = "") {
    const label = this.#tools.words.say(word);
    return element("button", {
      type: "button", className: `button ${kind}`, data: { action }, title: key ? `${label} (${key})` : label, onclick,
    }, [icon(drawing), element("span", {}, [label])]);
  }

  #back() {
    return element("button", {
      type: "button", className: "button plain back", "aria-label": this.#tools.words.say("back"), onclick: () => this.#host.back(),
    }, [icon("back")]);
  }
}
