// What an agent does with a ticket: by button, by key or from a menu, always the same way.

import { element } from "../../../widget/dom.js";
import { openMenu } from "./menu.js";
import { customerName } from "./people.js";
import { ask, field } from "./sheet.js";

const PRIORITIES = ["normal", "high", "urgent"];
const MORNING_H = 9;
const HOUR_MS = 3_600_000;

export class Actions {
  #tools;
  #host;
  #canned = new Map();

  // The host is {ticket(), tickets(), changed(ticket), insert(text), toggleContext(), button(name)}.
  constructor(tools, host) {
    this.#tools = tools;
    this.#host = host;
  }

  run(name, button) {
    const ticket = this.#host.ticket();
    if (!ticket) return;
    const at = button ?? this.#host.button(name);
    const active = ["open", "snoozed"].includes(ticket.state);
    const deeds = {
      claim: () => active && this.#act(ticket, "claim", {}, ["done_claim"]),
      assign: () => active && this.#assign(ticket, at),
      snooze: () => active && this.#snooze(ticket, at),
      wake: () => this.#act(ticket, "wake", {}, ["done_wake"]),
      resolve: () => active && this.resolve(ticket),
      reopen: () => ticket.state === "resolved" && this.#act(ticket, "reopen", {}, ["done_reopen", ticket]),
      priority: () => active && this.#priority(ticket, at),
      merge: () => active && this.#mergeMenu(ticket, at),
      return: () => active && this.#return(ticket),
      more: () => this.#more(ticket, at),
      canned: () => active && this.#cannedMenu(ticket, at),
      context: () => this.#host.toggleContext(),
    };
    return deeds[name]?.();
  }

  // True when it was done.
  // `unless`: what is done in place of telling of a refusal, by its slug.
  async #act(ticket, action, body, [word, values = {}], undo = null, unless = {}) {
    const { api, words, toasts } = this.#tools;
    try {
      const after = await api.act(ticket.id, action, body);
      this.#host.changed(after);
      toasts.say(words.say(word, values), { action: undo && [words.say("undo"), undo] });
      return true;
    } catch (error) {
      if (unless[error.slug]) await unless[error.slug]();
      else this.fail(error);
      return false;
    }
  }

  fail(error) {
    const { api, words, toasts, people } = this.#tools;
    const key = words.has(error.slug) ? error.slug : "failed";
    const text = words.say(key, { name: people.name(error.reason) });
    const action = error.slug === "signed-out" ? [words.say("signIn"), () => { location.href = api.signIn; }] : null;
    toasts.say(text, { kind: "bad", action });
    if (["ticket-changed", "illegal-move", "ticket-over"].includes(error.slug)) this.#host.changed(null);
  }

  #assign(ticket, button) {
    const { words, people } = this.#tools;
    const to = (agent, word, values) => () => this.#act(ticket, "assign", { agent }, [word, values]);
    const others = people.all.filter(({ id }) => !people.isMe(id));
    const items = [
      { label: words.say("toMe"), hint: people.me.name, chosen: people.isMe(ticket.assignee), run: to(people.me.id, "done_claim") },
      ...others.map(({ id, name, team }) => ({ label: name, hint: team ?? "", chosen: ticket.assignee === id, run: to(id, "done_assign", { name }) })),
      { label: words.say("nobody"), chosen: !ticket.assignee, run: to(null, "done_unassign") },
    ];
    openMenu(button, items, words);
  }

  #snooze(ticket, button) {
    const { words, times } = this.#tools;
    const presets = [
      ["snooze_hour", new Date(Date.now() + HOUR_MS)],
      ["snooze_hours", new Date(Date.now() + 3 * HOUR_MS)],
      ["snooze_tomorrow", morning(1)],
      ["snooze_monday", morning((8 - new Date().getDay()) % 7 || 7)],
    ];
    const distinct = presets.filter(([, until], at) => !presets.slice(0, at).some(([, other]) => +other === +until));
    const items = distinct.map(([name, until]) => ({
      label: words.say(name), hint: times.moment(until), run: () => this.#snoozeUntil(ticket, until),
    }));
    items.push({ label: words.say("snooze_date"), run: () => this.#chooseDate(ticket) });
    openMenu(button, items, words);
  }

  #snoozeUntil(ticket, until) {
    const { times } = this.#tools;
    return this.#act(ticket, "snooze", { until: until.toISOString() }, ["done_snooze", { until: times.moment(until) }], () => this.run("wake"));
  }

  async #chooseDate(ticket) {
    const { words } = this.#tools;
    const input = element("input", { className: "text", type: "datetime-local", name: "until", required: true, min: local(new Date()), value: local(morning(1)) });
    const values = await ask({ title: words.say("snoozeUntil"), body: [field(words.say("snoozeUntil"), input)], submit: words.say("snooze") }, words);
    if (values?.until) await this.#snoozeUntil(ticket, new Date(values.until));
  }

  resolve(ticket) {
    return this.#act(ticket, "resolve", {}, ["done_resolve", ticket], () => this.#act(ticket, "reopen", {}, ["done_reopen", ticket]));
  }

  #priority(ticket, button) {
    const { words } = this.#tools;
    openMenu(button, PRIORITIES.map((priority) => ({
      label: words.say(`priority_${priority}`), icon: "flag", chosen: ticket.priority === priority,
      run: () => this.#act(ticket, "prioritise", { priority }, ["done_prioritise"]),
    })), words);
  }

  // Those of the same customer first.
  #mergeMenu(ticket, button) {
    const { words } = this.#tools;
    const own = ticket.duplicates;
    const known = new Set([ticket.id, ...own.map(({ id }) => id)]);
    const rest = this.#host.tickets().filter(({ id, state }) => !known.has(id) && ["open", "snoozed"].includes(state));
    const item = (other) => ({
      label: other.label, hint: [other.customer && customerName(other.customer, words), other.summary].filter(Boolean).join(" · "),
      run: () => this.merge(ticket, other),
    });
    const items = [
      ...(own.length ? [words.say("duplicates"), ...own.map(item)] : []),
      ...(rest.length ? [words.say("view_all"), ...rest.map(item)] : []),
    ];
    openMenu(button, items.length ? items : [words.say("noTickets")], words);
  }

  async merge(from, into) {
    const { words } = this.#tools;
    const labels = { label: from.label, other: into.label };
    const sure = await ask({
      title: words.say("mergeConfirm", labels), body: [element("p", {}, [words.say("mergeConfirmHelp", labels)])], submit: words.say("merge"),
    }, words);
    if (!sure) return;
    const body = { into: into.id };
    const done = ["done_merge", into];
    await this.#act(from, "merge", body, done, null, {
      "merge-unconfirmed": async () => {
        const both = await ask({
          title: words.say("mergeAddresses"), body: [element("p", {}, [words.say("mergeAddressesHelp")])], submit: words.say("merge"), danger: true,
        }, words);
        if (both) await this.#act(from, "merge", { ...body, to_both_addresses: true }, done);
      },
    });
  }

  async #return(ticket) {
    const { words } = this.#tools;
    const sure = await ask({
      title: words.say("returnConfirm"), body: [element("p", {}, [words.say("returnConfirmHelp")])], submit: words.say("return"),
    }, words);
    if (sure) await this.#act(ticket, "return", {}, ["done_return"]);
  }

  #more(ticket, button) {
    const { words } = this.#tools;
    const active = ["open", "snoozed"].includes(ticket.state);
    const item = (name, drawing, hint = "") => ({ label: words.say(name), icon: drawing, hint, run: () => this.run(name, button) });
    const snoozing = ticket.state === "snoozed" ? item("wake", "snoozed", "S") : item("snooze", "snoozed", "S");
    const items = active
      ? [item("assign", "mine", "A"), snoozing, item("resolve", "check", "E"), item("priority", "flag", "P"), item("merge", "merge", "M"), item("return", "bot", "B")]
      : ticket.state === "resolved" ? [item("reopen", "retry", "E")] : [words.say(`state_${ticket.state}`)];
    openMenu(button, items, words);
  }

  async #cannedMenu(ticket, button) {
    const { api, words, people } = this.#tools;
    try {
      if (!this.#canned.has(ticket.locale)) this.#canned.set(ticket.locale, await api.canned(ticket.locale));
    } catch (error) {
      return this.fail(error);
    }
    const { replies, somebody } = this.#canned.get(ticket.locale);
    const values = { customer: ticket.customer.name || somebody, agent: people.me.name };
    openMenu(button, replies.map(({ title, text }) => ({
      label: title, run: () => this.#host.insert(text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole)),
    })), words);
  }

  async label(changes) {
    const ticket = this.#host.ticket();
    try {
      await this.#tools.api.label(ticket.customer.id, changes);
      this.#host.changed(null);
    } catch (error) {
      this.fail(error);
    }
  }

  async wrong(message) {
    const ticket = this.#host.ticket();
    const { api, words, toasts } = this.#tools;
    const expected = element("textarea", { className: "text", name: "expected", rows: 3, maxLength: 2000, placeholder: words.say("wrongExpectedHint") });
    const comment = element("input", { className: "text", name: "comment", maxLength: 1000 });
    const values = await ask({
      title: words.say("wrongTitle"), submit: words.say("save"),
      body: [element("p", { className: "muted" }, [words.say("wrongHelp")]), field(words.say("wrongExpected"), expected), field(words.say("wrongComment"), comment)],
    }, words);
    if (!values) return;
    try {
      this.#host.changed(await api.act(ticket.id, "wrong", { message: message.id, ...values }));
      toasts.say(words.say("saved"));
    } catch (error) {
      this.fail(error);
    }
  }
}

function morning(days) {
  const at = new Date();
  at.setDate(at.getDate() + days);
  at.setHours(MORNING_H, 0, 0, 0);
  return at;
}

// As the input for a local time wants it.
function local(date) {
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
