// Where the customer writes.

import { element, icon } from "./dom.js";

const LONGEST = 4000; // characters, as the server counts them
const NEAR_END = 400;
const TALLEST_PX = 160;

export class Composer {
  #words;
  #send;
  #input;
  #button;
  #left = element("p", { className: "left", id: "left", role: "status" });

  // `send(text)` tells whether it took the text; `typed(text)` hears of every change.
  constructor(words, { send, typed }) {
    this.#words = words;
    this.#send = send;
    this.#input = element("textarea", {
      rows: 1, enterKeyHint: "send", autocomplete: "off", "aria-describedby": "left",
      data: { label: "question", placeholder: "placeholder" },
      oninput: () => { this.fit(); typed(this.#input.value); },
      onkeydown: (event) => this.#key(event),
    });
    const data = { label: "send", title: "send" };
    this.#button = element("button", { className: "send", data }, [icon("send")]);
    this.node = element("form", {
      className: "composer",
      onsubmit: (event) => { event.preventDefault(); this.#submit(typed); },
    }, [this.#input, this.#button, this.#left]);
  }

  focus() {
    this.#input.focus();
  }

  set text(text) {
    this.#input.value = text;
    this.fit();
  }

  get text() {
    return this.#input.value;
  }

  set busy(busy) {
    this.node.classList.toggle("busy", busy);
    this.#button.setAttribute("aria-disabled", String(busy));
  }

  // As tall as what is written, up to a limit.
  fit() {
    this.#input.style.height = "auto";
    this.#input.style.height = `${Math.min(TALLEST_PX, this.#input.scrollHeight)}px`;
    const left = LONGEST - this.#length;
    const key = left < 0 ? "over" : "left";
    this.#left.textContent = left < NEAR_END ? this.#words.say(key, { n: Math.abs(left) }) : "";
    this.#left.classList.toggle("over", left < 0);
  }

  get #length() {
    return [...this.text.trim()].length;
  }

  #key(event) {
    // While an input method composes, Enter chooses a candidate; Safari says so by the code alone.
    const composing = event.isComposing || event.keyCode === 229;
    if (event.key !== "Enter" || event.shiftKey || composing) return;
    event.preventDefault();
    this.node.requestSubmit();
  }

  async #submit(typed) {
    const text = this.text;
    if (!text.trim() || this.#length > LONGEST) return;
    this.text = "";
    typed("");
    if (await this.#send(text.trim())) return;
    if (!this.text) this.text = text;
    typed(this.text);
  }
}
