// What the news mean: which lists are looked at again, and who is told.

import { customerName } from "./people.js";

const TOLD = { sla_warned: "warned", sla_breached: "breached" };

export class News {
  #tools;
  #signals;
  #host;

  constructor(tools, signals, host) {
    this.#tools = tools;
    this.#signals = signals;
    this.#host = host;
  }

  hear(name, data) {
    const open = this.#host.ticket();
    const here = open?.conversations.includes(data.conversation);
    if (name === "presence" && here) this.#host.signs(data.conversation, data);
    if (name === "turn") {
      if (here) this.#host.refreshTicket();
      this.#host.refreshTalks();
    }
    if (name !== "ticket") return;
    this.#host.refreshQueue();
    this.#host.refreshTalks();
    if (open && (data.ticket === open.id || here)) this.#host.refreshTicket();
    this.#tell(data);
  }

  // New work, and what happens to one's own.
  #tell({ ticket: id, kind, label, assignee }) {
    const { words, people } = this.#tools;
    const known = this.#host.tickets().find((ticket) => ticket.id === id);
    const mine = people.isMe(assignee);
    const open = () => this.#host.open(id);
    if (kind === "opened") this.#signals.tell(words.say("newTicket", { label }), open);
    if (kind === "customer_wrote" && mine) {
      const name = known ? customerName(known.customer, words) : words.say("customer");
      this.#signals.tell(words.say("customerWrote", { name }), open);
    }
    if (kind in TOLD && (mine || !assignee)) {
      this.#tools.toasts.say(words.say(TOLD[kind], { label }), { kind: "warn" });
      this.#signals.tell(words.say(TOLD[kind], { label }), open);
    }
  }
}
