// The view of what the bot has: the list, one conversation beside it, and the step into it.

import { Talk } from "./talk.js";
import { Talks } from "./talks.js";

const SOON_MS = 250; // several news at once are one look
const LOOK_MS = 5000; // what the bot says in another process of the server

export class Onlooker {
  #tools;
  #host;
  #timer = null;

  // The host is {current(), open(id), openTicket(id, view), back(), fail(error), showViews(button)}.
  constructor(tools, host) {
    this.#tools = tools;
    this.#host = host;
    this.talks = new Talks(tools, {
      open: (id) => host.open(id),
      href: (id) => `?${new URLSearchParams({ view: "live", talk: id })}`,
      current: () => host.current(),
      showViews: (button) => host.showViews(button),
    });
    this.talk = new Talk(tools, {
      back: () => host.back(),
      takeOver: () => this.takeOver(),
      openTicket: (id) => host.openTicket(id, "all"),
      retryLoad: () => this.#load(),
    });
    setInterval(() => { if (!document.hidden) this.#look(); }, LOOK_MS);
  }

  get isShown() {
    return !this.talks.node.hidden;
  }

  show(shown) {
    this.talks.node.hidden = !shown;
    this.talk.node.hidden = !shown;
    if (this.talk.shown?.id !== this.#host.current()) this.talk.clear();
    this.talks.draw();
    this.#look();
  }

  // Somebody has said something there, or somebody has it now.
  hear() {
    this.#timer ??= setTimeout(() => { this.#timer = null; this.#look(); }, SOON_MS);
  }

  async takeOver() {
    const { shown } = this.talk;
    if (!this.isShown || shown?.id !== this.#host.current() || !shown.open_to_agents) return;
    const { api, toasts, words, people } = this.#tools;
    try {
      const ticket = await api.takeOver(shown.id);
      const mine = people.isMe(ticket.assignee);
      this.#host.openTicket(ticket.id, mine ? "mine" : "all");
      toasts.say(words.say(mine ? "done_takeOver" : "talkTaken"));
    } catch (error) {
      this.#host.fail(error);
    }
  }

  #look() {
    if (!this.isShown) return;
    this.talks.load();
    this.#load();
  }

  async #load() {
    const id = this.#host.current();
    if (!id) return;
    try {
      const talk = await this.#tools.api.talk(id);
      if (id === this.#host.current()) this.talk.show(talk);
    } catch (error) {
      if (id === this.#host.current() && (this.talk.shown?.id !== id || error.slug === "not-found")) this.talk.fail(error);
    }
  }
}
