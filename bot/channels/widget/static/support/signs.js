// Signs of life: which agent is there and whether somebody is writing, both ways.

import { element } from "../widget/dom.js";
import { say } from "./support-words.js";

const TELL_MS = 3000; // between two signs of one's own
const FADE_MS = 7000; // after the last sign of somebody else

export class Signs {
  #actions;
  #name = null;
  #writes = false;
  #timer = 0;
  #told = 0;

  constructor(actions) {
    this.#actions = actions;
    this.node = element("p", { className: "signs", role: "status", hidden: true });
  }

  show(name, data) {
    if (data.name !== undefined) this.#name = data.name;
    if (name === "typing") this.#writes = data.author === "agent" && data.active !== false;
    clearTimeout(this.#timer);
    if (this.#writes) this.#timer = setTimeout(() => this.show("typing", { active: false }), FADE_MS);
    this.draw();
  }

  hide() {
    clearTimeout(this.#timer);
    this.#name = null;
    this.#writes = false;
    this.draw();
  }

  draw() {
    const { locale } = this.#actions.words;
    const name = this.#name || say(locale, "team");
    this.node.classList.toggle("writes", this.#writes);
    this.node.textContent = this.#writes ? say(locale, "typing", { name })
      : this.#name ? say(locale, "here", { name }) : "";
    this.node.hidden = !this.node.textContent;
  }

  // The customer is writing; nobody is told that it was not heard.
  tell() {
    if (Date.now() - this.#told < TELL_MS) return;
    this.#told = Date.now();
    this.#actions.send("typing", {}).catch(() => {});
  }
}
