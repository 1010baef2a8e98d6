// SLA clocks that count down: one ticking for all that are shown.

import { element } from "../../../widget/dom.js";

const TICK_MS = 1000;

export class Clocks {
  #words;
  #times;
  #shown = new Set();

  constructor(words, times) {
    this.#words = words;
    this.#times = times;
    setInterval(() => this.#tick(), TICK_MS);
  }

  // The clock that matters next: the first answer until it is given, then the resolution.
  node({ first_response: first, resolution }, { long = false } = {}) {
    const [clock, name] = next(first, resolution);
    if (!clock) return element("span", { className: "clock none" });
    const node = element("span", { className: "clock" }, [
      element("span", { className: "left" }),
      ...(long ? [element("span", { className: "which" }, [this.#words.say(name)])] : []),
    ]);
    const shown = { node: new WeakRef(node), clock, name };
    this.#shown.add(shown);
    this.#draw(node, shown);
    return node;
  }

  #tick() {
    for (const shown of this.#shown) {
      const node = shown.node.deref();
      if (!node || (node.dataset.seen && !node.isConnected)) this.#shown.delete(shown);
      else this.#draw(node, shown);
      if (node?.isConnected) node.dataset.seen = "1";
    }
  }

  #draw(node, { clock, name }) {
    const left = (new Date(clock.due) - Date.now()) / 1000;
    const state = stateNow(clock);
    const text = this.#text(state, left, clock);
    const label = node.querySelector(".left");
    if (label.textContent === text && node.dataset.state === state) return;
    label.textContent = text;
    node.dataset.state = state;
    const due = clock.due ? this.#times.full(clock.due) : "";
    node.title = this.#words.say(`clock_${state}`, { clock: this.#words.say(name), due, text });
  }

  #text(state, left, { remaining_s: remaining }) {
    if (state === "paused") return this.#words.say("paused", { left: this.#times.length(remaining ?? left, 1) });
    if (["met", "late", "stopped"].includes(state)) return this.#words.say(state);
    const length = this.#times.length(left);
    return state === "breached" ? this.#words.say("over", { length }) : length;
  }
}

// What the server told last, moved on to this moment.
export function stateNow({ state, due, warn_at: warnAt, met_at: metAt }) {
  if (state === "breached") return metAt ? "late" : "breached";
  if (state !== "running") return state;
  const now = Date.now();
  if (due && new Date(due) <= now) return "breached";
  return warnAt && new Date(warnAt) <= now ? "warn" : "ok";
}

function next(first, resolution) {
  const over = !first || first.met_at || first.state === "stopped";
  if (over && resolution) return [resolution, "resolution"];
  return [first, "first_response"];
}
