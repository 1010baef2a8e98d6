// The entry: finds its tag, puts one launcher on the page, opens the panel.

import { Client } from "./widget/client.js";
import { element, icon } from "./widget/dom.js";
import { Memory } from "./widget/memory.js";
import { Panel } from "./widget/panel.js";
import { styles } from "./widget/styles.js";
import { Words, isLocale, preferredLocale } from "./widget/words.js";

const NAME = "firstline-widget";

// The tag's settings, all of them optional: data-server, data-locale, data-identity, data-theme,
// data-name (of the product), data-questions (to begin with, one a line or between bars).
class FirstlineWidget extends HTMLElement {
  static observedAttributes = ["data-identity", "data-locale"];

  #panel = null;
  #launcher = null;
  #words = null;

  connectedCallback() {
    if (!this.#panel) this.#build();
    this.#panel.restore();
  }

  disconnectedCallback() {
    this.#panel.leave();
  }

  attributeChangedCallback(name, before, value) {
    if (!this.#panel || before === value) return;
    if (name === "data-identity") this.#panel.identify(value);
    else if (isLocale(value)) this.#panel.locale = value;
  }

  open() {
    this.#panel.open();
  }

  close() {
    this.#panel.close();
  }

  ask(text) {
    return this.#panel.ask(text);
  }

  // A verified customer from now on; null when the customer has left.
  identify(identity) {
    return this.#panel.identify(identity);
  }

  #build() {
    const server = serverOf(this.dataset.server);
    const memory = new Memory(`firstline:${server}`);
    const asked = [memory.state.locale, this.dataset.locale].find(isLocale);
    this.#words = new Words(asked ?? preferredLocale());
    this.#launcher = element("button", {
      type: "button", className: "launcher", "aria-haspopup": "dialog",
      onclick: () => (this.#panel.isOpen ? this.#panel.close() : this.#panel.open()),
    });
    this.#panel = new Panel({
      words: this.#words,
      client: new Client(server),
      memory,
      name: this.dataset.name,
      questions: () => questionsOf(this.dataset.questions),
      toggled: (open) => this.#toggled(open),
      worded: () => this.#panel && this.#label(false),
      notify: () => this.#label(!this.#panel.isOpen),
      announce: (name, detail) => this.dispatchEvent(new CustomEvent(`firstline:${name}`, { detail })),
    });
    const root = this.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [styles];
    root.append(this.#launcher, this.#panel.node);
    // To the page they would come from an element that nobody types into: its shortcuts would act.
    for (const key of ["keydown", "keypress", "keyup"]) {
      root.addEventListener(key, (event) => event.stopPropagation());
    }
    this.#toggled(false, { focus: false });
    if (this.dataset.identity) this.#panel.identify(this.dataset.identity);
  }

  #toggled(open, { focus = !open } = {}) {
    this.#launcher.setAttribute("aria-expanded", String(open));
    this.#launcher.replaceChildren(icon(open ? "down" : "chat"));
    this.#label(false);
    if (focus) this.#launcher.focus();
  }

  #label(unread) {
    this.#launcher.classList.toggle("unread", unread);
    const key = unread ? "launcherUnread" : this.#panel.isOpen ? "shut" : "launcher";
    this.#launcher.setAttribute("aria-label", this.#words.say(key));
  }
}

function serverOf(stated) {
  const server = new URL(stated || ".", stated ? document.baseURI : import.meta.url);
  return server.href.endsWith("/") ? server.href : `${server.href}/`;
}

function questionsOf(stated = "") {
  return stated.split(/[|\n]/).map((question) => question.trim()).filter(Boolean);
}

// Modules are not told which tag loaded them; the address does.
function ownTag() {
  const tags = [...document.querySelectorAll("script[src]")];
  return tags.find((tag) => tag.src === import.meta.url);
}

function place() {
  if (document.querySelector(NAME)) return;
  const widget = element(NAME, { data: { ...ownTag()?.dataset } });
  document.body.append(widget);
}

// Two tags, two copies of this script or a second visit by a page's router: still one widget.
if (!customElements.get(NAME)) {
  customElements.define(NAME, FirstlineWidget);
  if (document.body) place();
  else addEventListener("DOMContentLoaded", place, { once: true });
}
