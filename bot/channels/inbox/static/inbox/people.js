// Who is who: names, initials, the colour of a person's disc.

import { element } from "../../../widget/dom.js";

const HUES = 8;

export class People {
  me = null;
  #agents = new Map();
  #words;

  constructor(words) {
    this.#words = words;
  }

  know(me, agents) {
    this.me = me;
    this.#agents = new Map(agents.map((agent) => [agent.id, agent]));
  }

  get all() {
    return [...this.#agents.values()];
  }

  isMe(id) {
    return id === this.me.id;
  }

  // The tickets of somebody who left are there to be taken.
  isThere(id) {
    return this.#agents.has(id);
  }

  name(id) {
    if (!id) return this.#words.say("nobody");
    return this.#agents.get(id)?.name ?? this.#words.say("someAgent");
  }

  // Of an event: agents by their id, the others by what they are.
  actor(id) {
    const known = { customer: "customer", bot: "assistant", system: "system" }[id];
    return known ? this.#words.say(known) : this.isMe(id) ? this.#words.say("you") : this.name(id);
  }

  disc(id, { title = true } = {}) {
    const name = this.name(id);
    const named = title ? { title: name, role: "img", "aria-label": name } : { "aria-hidden": "true" };
    if (!id) return element("span", { className: "disc nobody", ...named });
    const hue = [...id].reduce((sum, letter) => sum + letter.codePointAt(0), 0) % HUES;
    return element("span", { className: `disc hue${hue}`, ...named }, [initials(name)]);
  }
}

export function initials(name) {
  const parts = name.trim().split(/\s+/).filter(Boolean);
  if (/^[\u3400-\u9fff]/.test(name)) return name.trim().slice(-2);
  return parts.map((part) => [...part][0]).slice(0, 2).join("").toUpperCase();
}

export function customerName(customer, words) {
  return customer.name || customer.email || words.say("visitor");
}
