// The whole page: views, queue, conversation, context, and how they follow each other and the news.

import { element } from "../../../widget/dom.js";
import { Actions } from "./actions.js";
import { Conversation } from "./conversation.js";
import { DeadLetters } from "./dead.js";
import { Drafts } from "./drafts.js";
import { icon } from "./icons.js";
import { listenToKeys } from "./keys.js";
import { Live } from "./live.js";
import { openMenu } from "./menu.js";
import { News } from "./news.js";
import { Outgoing } from "./outgoing.js";
import { packetNodes } from "./packet.js";
import { place, visit } from "./place.js";
import { accountItems, viewItems } from "./preferences.js";
import { profileNodes } from "./profile.js";
import { Queue } from "./queue.js";
import { Signals } from "./signals.js";
import { Views } from "./views.js";

const REFRESH_MS = 250; // several news at once are one refresh
const RELOAD_MS = 60_000; // clocks move rows even where nothing happens
const ATTEND_MS = 20_000;

export class Workplace {
  #tools;
  #place = place();
  #queue = { tickets: [], counts: {} };
  #ticket = null;
  #signs = { agents: [], typing: [] };
  #search = "";
  #timers = {};

  constructor(tools) {
    this.#tools = tools;
    const { words, people } = tools;
    this.signals = new Signals(words);
    this.actions = new Actions(tools, {
      ticket: () => this.#ticket,
      tickets: () => this.#queue.tickets,
      changed: (ticket) => this.#changed(ticket),
      insert: (text) => this.conversation.composer.insert(text),
      toggleContext: () => this.#toggleContext(),
      button: (name) => (name === "canned" ? this.conversation.cannedButton : this.conversation.button(name)),
    });
    this.outgoing = new Outgoing(tools, {
      changed: (ticket) => this.#changed(ticket),
      drawn: () => this.#drawTicket(),
      restore: (kind, text) => this.conversation.composer.restore(kind, text),
      fail: (error) => this.actions.fail(error),
    });
    this.views = new Views(words, {
      go: (view) => this.go(view),
      me: () => people.me,
      disc: () => people.disc(people.me.id, { title: false }),
      accountMenu: (button) => this.#accountMenu(button),
    });
    const showViews = (button) => openMenu(button, [
      ...viewItems(words, people.me, this.#place.view, this.#queue.counts, (view) => this.go(view)),
      ...accountItems(tools, this.#preferences),
    ], words);
    this.queue = new Queue(tools, {
      open: (id) => this.openTicket(id),
      href: (id) => `?${new URLSearchParams({ view: this.#place.view, ticket: id })}`,
      search: (text) => { this.#search = text; this.loadQueue(); },
      retry: () => this.loadQueue(),
      showViews,
    });
    this.conversation = new Conversation(tools, new Drafts(), this.#conversationHost());
    this.dead = new DeadLetters(tools, { open: (id) => this.openTicket(id, "all"), fail: (error) => this.actions.fail(error), changed: () => this.loadQueue(), showViews });
    this.context = element("aside", { className: "context", "aria-label": words.say("context"), tabIndex: 0 });
    this.node = element("main", { className: "workplace" }, [this.views.node, this.queue.node, this.dead.node, this.conversation.node, this.context]);
    this.help = listenToKeys(this.#keyHost(), words);
    this.news = new News(tools, this.signals, {
      refreshQueue: () => this.#soon("queue", () => this.loadQueue()),
      refreshTicket: () => this.#soon("ticket", () => this.loadTicket()),
      ticket: () => this.#ticket,
      tickets: () => this.#queue.tickets,
      signs: (signs) => { this.#signs = signs; this.conversation.signs(signs); },
      open: (id) => this.openTicket(id),
    });
    this.live = new Live(tools.api, {
      news: (name, data) => this.news.hear(name, data),
      connected: (again) => { this.views.connection("live"); if (again) this.#refresh(); },
      lost: () => this.views.connection("reconnecting"),
      signedOut: () => this.actions.fail({ slug: "signed-out" }),
    });
  }

  open() {
    document.body.replaceChildren(this.node, this.#tools.toasts.node);
    addEventListener("popstate", () => { this.#place = place(); this.#arrive(); });
    addEventListener("pagehide", () => this.#attend("leave"));
    document.addEventListener("visibilitychange", () => this.#attend(document.hidden ? "leave" : "attend"));
    setInterval(() => this.loadQueue(), RELOAD_MS);
    setInterval(() => { if (!document.hidden) this.#attend("attend"); }, ATTEND_MS);
    this.#arrive();
    this.live.follow();
  }

  go(view) {
    this.#attend("leave");
    this.#place = visit({ view, ticket: null });
    this.#search = "";
    this.#arrive();
  }

  openTicket(id, view = this.#place.view) {
    if (id !== this.#place.ticket) this.#attend("leave");
    this.#place = visit({ view, ticket: id });
    this.#arrive();
  }

  back() {
    const { ticket } = this.#place;
    if (!ticket) return;
    this.#attend("leave");
    this.#place = visit({ ...this.#place, ticket: null });
    this.#arrive();
    this.queue.focus(ticket);
  }

  async loadQueue() {
    const { view } = this.#place;
    const search = this.#search;
    try {
      const found = await this.#tools.api.queue(view === "dead" ? "all" : view, search);
      if (view !== this.#place.view || search !== this.#search) return;
      this.#queue = found;
      this.#drawQueue();
    } catch (error) {
      this.queue.fail(error);
    }
  }

  async loadTicket() {
    const id = this.#place.ticket;
    if (!id) return;
    try {
      const ticket = await this.#tools.api.ticket(id);
      if (id !== this.#place.ticket) return;
      if (this.#ticket?.id !== id) this.#signs = ticket.presence;
      this.#ticket = ticket;
      this.#drawTicket();
      if (this.#signs === ticket.presence) this.#attend("attend");
    } catch (error) {
      if (id === this.#place.ticket && (this.#ticket?.id !== id || error.slug === "not-found")) {
        this.#ticket = null;
        this.context.replaceChildren();
        this.conversation.fail(error, () => this.loadTicket());
      }
    }
  }

  #arrive() {
    const { view, ticket } = this.#place;
    this.node.dataset.pane = ticket ? "conversation" : "queue";
    this.queue.node.hidden = view === "dead" && !ticket;
    this.dead.node.hidden = view !== "dead" || Boolean(ticket);
    if (view === "dead" && !ticket) this.dead.load();
    if (this.#ticket?.id !== ticket) {
      this.#ticket = null;
      this.context.replaceChildren();
      if (!ticket) this.conversation.clear();
    }
    this.#drawQueue();
    this.loadQueue();
    this.loadTicket();
  }

  #refresh() {
    this.loadQueue();
    this.loadTicket();
  }

  #drawQueue() {
    const { tickets, counts } = this.#queue;
    const { view, ticket } = this.#place;
    const known = this.#queue.view === (view === "dead" ? "all" : view);
    this.views.show(view, counts);
    this.signals.count((counts.mine ?? 0) + (counts.unassigned ?? 0));
    if (!known) return;
    const fresh = !counts.all && !counts.resolved && !counts.snoozed;
    this.queue.show({ tickets, view: view === "dead" ? "all" : view, search: this.#search, current: ticket, fresh });
  }

  #drawTicket() {
    const ticket = this.#ticket;
    if (!ticket) return;
    this.conversation.show(ticket, this.outgoing.of(ticket), this.#signs);
    const shape = JSON.stringify([ticket.packet, ticket.profile, ticket.duplicates, ticket.state, ticket.contact]);
    if (this.context.dataset.shape === `${ticket.id} ${shape.length}` && this.context.childElementCount) return;
    this.context.dataset.shape = `${ticket.id} ${shape.length}`;
    this.context.replaceChildren(
      this.#closeContext(),
      ...packetNodes(ticket, this.#tools, { insert: (text) => this.conversation.composer.insert(text) }),
      ...profileNodes(ticket, this.#tools, { open: (id) => this.openTicket(id), merge: (from, into) => this.actions.merge(from, into) }),
    );
  }

  // By an action of one's own: what the server says now, or null to look again.
  #changed(ticket) {
    if (ticket && ticket.id === this.#place.ticket) {
      this.#ticket = ticket;
      this.#drawTicket();
    } else this.loadTicket();
    this.loadQueue();
  }

  #conversationHost() {
    return {
      back: () => this.back(),
      run: (name, button) => this.actions.run(name, button),
      wrong: (message) => this.actions.wrong(message),
      send: (kind, text, resolve) => this.outgoing.send(this.#ticket, kind, text, resolve),
      typing: () => this.#tools.api.act(this.#ticket.id, "typing").catch(() => {}),
      retry: (sent) => this.outgoing.retry(sent),
      edit: (sent) => this.outgoing.edit(sent),
      reopen: () => this.actions.run("reopen"),
    };
  }

  #keyHost() {
    return {
      move: (step) => this.queue.move(step, this.#place.ticket),
      compose: (kind) => this.#ticket && this.conversation.composer.focus(kind),
      run: (name) => this.actions.run(name),
      search: () => this.queue.startSearch(),
      go: (view) => this.go(view),
      back: () => this.back(),
      ticket: () => this.#ticket,
    };
  }

  get #preferences() {
    return { signals: this.signals, help: this.help, fail: (error) => this.actions.fail(error) };
  }

  #accountMenu(button) {
    openMenu(button, accountItems(this.#tools, this.#preferences), this.#tools.words);
  }

  #toggleContext() {
    this.node.classList.toggle("with-context");
    this.node.classList.toggle("without-context");
    if (this.context.checkVisibility()) this.context.focus();
  }

  // Only there where the context lies above the rest.
  #closeContext() {
    return element("button", {
      type: "button", className: "button plain close", "aria-label": this.#tools.words.say("close"),
      onclick: () => this.#toggleContext(),
    }, [icon("close")]);
  }

  #attend(action) {
    if (this.#ticket) this.#tools.api.act(this.#ticket.id, action).catch(() => {});
  }

  #soon(name, work) {
    this.#timers[name] ??= setTimeout(() => { this.#timers[name] = null; work(); }, REFRESH_MS);
  }
}
