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
import { Onlooker } from "./onlooker.js";
import { Outgoing } from "./outgoing.js";
import { packetNodes } from "./packet.js";
import { place, visit } from "./place.js";
import { accountItems, viewItems } from "./preferences.js";
import { profileNodes } from "./profile.js";
import { Queue } from "./queue.js";
import { Signals } from "./signals.js";
import { OTHERS, Views } from "./views.js";

const REFRESH_MS = 250; // several news at once are one refresh
const RELOAD_MS = 60_000; // clocks move rows even where nothing happens
const ATTEND_MS = 20_000;
const COUNTS_MS = 3000;

export class Workplace {
  #tools;
  #place = place();
  #queue = { tickets: [], counts: {} };
  #ticket = null;
  #signs = new Map(); // of each of the ticket's conversations
  #search = "";
  #contextShape = "";
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
    this.onlooker = new Onlooker(tools, {
      current: () => this.#place.talk,
      open: (id) => this.overhear(id),
      openTicket: (id, view) => this.openTicket(id, view),
      back: () => this.back(),
      fail: (error) => this.actions.fail(error),
      showViews,
    });
    this.dead = new DeadLetters(tools, { open: (id) => this.openTicket(id, "all"), fail: (error) => this.actions.fail(error), changed: () => this.loadQueue(), showViews });
    this.context = element("aside", { className: "context", "aria-label": words.say("context"), tabIndex: 0 });
    this.node = element("main", { className: "workplace" }, [this.views.node, this.queue.node, this.onlooker.talks.node, this.dead.node, this.conversation.node, this.onlooker.talk.node, this.context]);
    this.help = listenToKeys(this.#keyHost(), words);
    this.news = new News(tools, this.signals, {
      refreshQueue: () => this.#soon("queue", () => this.loadQueue()),
      refreshTicket: () => this.#soon("ticket", () => this.loadTicket()),
      ticket: () => this.#ticket,
      tickets: () => this.#queue.tickets,
      refreshTalks: () => {
        this.#soon("counts", () => this.loadQueue(), COUNTS_MS);
        this.onlooker.hear();
      },
      signs: (conversation, signs) => { this.#signs.set(conversation, signs); this.conversation.signs(this.#allSigns); },
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

  overhear(id) {
    this.#attend("leave");
    this.#place = visit({ view: "live", talk: id });
    this.#arrive();
  }

  back() {
    const { view, ticket, talk } = this.#place;
    if (!ticket && !talk) return;
    this.#attend("leave");
    this.#place = visit({ view });
    this.#arrive();
    if (talk) this.onlooker.talks.focus(talk);
    else this.queue.focus(ticket);
  }

  async loadQueue() {
    const { view } = this.#place;
    const search = this.#search;
    try {
      const found = await this.#tools.api.queue(this.#listed, search);
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
      const isNew = this.#ticket?.id !== id;
      if (isNew) this.#signs = new Map([[ticket.conversation, ticket.presence]]);
      this.#ticket = ticket;
      this.#drawTicket();
      if (isNew) this.#attend("attend");
    } catch (error) {
      if (id === this.#place.ticket && (this.#ticket?.id !== id || error.slug === "not-found")) {
        this.#ticket = null;
        this.context.replaceChildren();
        this.conversation.fail(error, () => this.loadTicket());
      }
    }
  }

  #arrive() {
    const { view, ticket, talk } = this.#place;
    this.node.dataset.pane = ticket || talk ? "conversation" : "queue";
    const other = ticket ? "" : view; // beside a ticket stand other tickets
    this.queue.node.hidden = OTHERS.has(other);
    this.dead.node.hidden = other !== "dead";
    this.conversation.node.hidden = other === "live";
    if (other === "dead") this.dead.load();
    this.onlooker.show(other === "live");
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
    const known = this.#queue.view === this.#listed;
    this.views.show(view, counts);
    this.signals.count((counts.mine ?? 0) + (counts.unassigned ?? 0));
    if (!known) return;
    const fresh = !counts.all && !counts.resolved && !counts.snoozed;
    this.queue.show({ tickets, view: this.#listed, search: this.#search, current: ticket, fresh });
  }

  // The tickets that are read for the view.
  get #listed() {
    return OTHERS.has(this.#place.view) ? "all" : this.#place.view;
  }

  get #allSigns() {
    const all = [...this.#signs.values()];
    return { agents: [...new Set(all.flatMap(({ agents }) => agents))], typing: [...new Set(all.flatMap(({ typing }) => typing))] };
  }

  #drawTicket() {
    const ticket = this.#ticket;
    if (!ticket) return;
    this.conversation.show(ticket, this.outgoing.of(ticket), this.#allSigns);
    const shape = JSON.stringify([ticket.id, ticket.packet, ticket.profile, ticket.duplicates, ticket.state, ticket.contact, ticket.tone, ticket.survey]);
    if (this.#contextShape === shape && this.context.childElementCount) return;
    this.#contextShape = shape;
    const written = this.context.querySelector("input[name=label]");
    const kept = written && { value: written.value, focused: written === document.activeElement };
    this.context.replaceChildren(
      this.#closeContext(),
      ...packetNodes(ticket, this.#tools, { insert: (text) => this.conversation.composer.insert(text) }),
      ...profileNodes(ticket, this.#tools, this.#profileActions),
    );
    const label = this.context.querySelector("input[name=label]");
    if (label && kept) label.value = kept.value;
    if (label && kept?.focused) label.focus();
  }

  get #profileActions() {
    return {
      open: (id) => this.openTicket(id),
      overhear: (id) => this.overhear(id),
      merge: (from, into) => this.actions.merge(from, into),
      label: (changes) => this.actions.label(changes),
    };
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
      move: (step) => (this.onlooker.isShown ? this.onlooker.talks.move(step, this.#place.talk) : this.queue.move(step, this.#place.ticket)),
      takeOver: () => this.onlooker.takeOver(),
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

  #soon(name, work, after = REFRESH_MS) {
    this.#timers[name] ??= setTimeout(() => { this.#timers[name] = null; work(); }, after);
  }
}
