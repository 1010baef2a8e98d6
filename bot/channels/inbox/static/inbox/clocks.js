// SLA clocks that count down: one ticking for all that are shown.

import { element } from "../../../widget/dom.js";

const TICK_MS = 1000;
const RUNNING = new Set(["ok", "warn", "breached"]);

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
    const state = RUNNING.has(clock.state) && left < 0 ? "breached" : clock.state;
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
    if (state === "met" || state === "stopped") return this.#words.say("met");
    const length = this.#times.length(left);
    return state === "breached" ? this.#words.say("over", { length }) : length;
  }
}

function next(first, resolution) {
  if (first && first.state !== "met" && first.state !== "stopped") return [first, "first_response"];
  if (resolution) return [resolution, "resolution"];
  return [first, "first_response"];
}
