// A menu at a button: arrow keys, type to filter where it is long, Escape gives the focus back.

import { element } from "../../../widget/dom.js";
import { icon } from "./icons.js";

const FILTERED_FROM = 8; // items, where they are no fixed set with icons
const GAP_PX = 4;

let open = null;

export function closeMenu() {
  open?.close();
}

export function isMenuOpen() {
  return open !== null;
}

// An item is {label, hint?, icon?, chosen?, run()}; a string stands as a heading.
export function openMenu(button, items, words) {
  const again = open?.button === button;
  closeMenu();
  if (again) return;
  open = new Menu(button, items, words);
}

class Menu {
  #list;
  #filter = null;
  #items;
  #words;

  constructor(button, items, words) {
    this.button = button;
    this.#items = items;
    this.#words = words;
    this.#list = element("ul", { className: "items", role: "menu", "aria-label": button.textContent || button.ariaLabel });
    const parts = [this.#list];
    if (items.length >= FILTERED_FROM && !items.some((item) => item.icon)) {
      const hint = words.say("filter");
      this.#filter = element("input", {
        className: "text", type: "text", placeholder: hint, "aria-label": hint, oninput: () => this.#draw(),
      });
      parts.unshift(this.#filter);
    }
    this.node = element("div", { className: "menu", onkeydown: (event) => this.#key(event) }, parts);
    (button.closest("dialog") ?? document.body).append(this.node);
    this.#draw();
    this.#place();
    button.setAttribute("aria-expanded", "true");
    (this.#filter ?? this.#buttons[0])?.focus();
    this.away = (event) => {
      if (!this.node.contains(event.target) && !button.contains(event.target)) this.close(false);
    };
    addEventListener("pointerdown", this.away);
    this.moved = () => this.close(false);
    addEventListener("resize", this.moved);
  }

  get #buttons() {
    return [...this.node.querySelectorAll("button")];
  }

  close(refocus = true) {
    if (open === this) open = null;
    removeEventListener("pointerdown", this.away);
    removeEventListener("resize", this.moved);
    this.node.remove();
    this.button.setAttribute("aria-expanded", "false");
    if (refocus) this.button.focus();
  }

  #draw() {
    const wanted = this.#filter?.value.trim().toLowerCase() ?? "";
    const found = this.#items.filter((item) => {
      const text = typeof item === "string" ? "" : `${item.label} ${item.hint ?? ""}`;
      return !wanted || text.toLowerCase().includes(wanted);
    });
    const rows = found.map((item) => (typeof item === "string" ? heading(item) : this.#row(item)));
    if (!rows.length) rows.push(heading(this.#words.say("noMatch")));
    this.#list.replaceChildren(...rows);
  }

  #row(item) {
    const parts = [element("span", { className: "label" }, [item.label])];
    if (item.icon) parts.unshift(icon(item.icon));
    if (item.hint) parts.push(element("span", { className: "hint" }, [item.hint]));
    if (item.chosen) parts.push(icon("check"));
    const button = element("button", {
      type: "button", role: item.chosen === undefined ? "menuitem" : "menuitemradio",
      ...(item.chosen !== undefined && { "aria-checked": String(item.chosen) }),
      onclick: () => { this.close(); item.run(); },
    }, parts);
    return element("li", { role: "none" }, [button]);
  }

  #key(event) {
    const buttons = this.#buttons;
    const at = buttons.indexOf(document.activeElement);
    const moves = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: buttons.length - 1 };
    if (event.key === "Escape") this.close();
    else if (event.key === "Tab") this.close(false);
    else if (event.key === "Enter" && at < 0) buttons[0]?.click();
    else if (event.key in moves && buttons.length && !(at < 0 && ["Home", "End"].includes(event.key))) {
      buttons.at(moves[event.key] % buttons.length).focus();
    } else return event.stopPropagation();
    event.preventDefault();
    event.stopPropagation();
  }

  // Below the button, above it where there is no room, never outside of the window.
  #place() {
    const { left, right, top, bottom } = this.button.getBoundingClientRect();
    const { offsetWidth: width, offsetHeight: height } = this.node;
    const below = bottom + GAP_PX + height <= innerHeight;
    const y = below ? bottom + GAP_PX : Math.max(GAP_PX, top - GAP_PX - height);
    const x = left + width <= innerWidth - GAP_PX ? left : Math.max(GAP_PX, right - width);
    this.node.style.translate = `${Math.round(x)}px ${Math.round(y)}px`;
  }
}

function heading(text) {
  return element("li", { className: "heading", role: "presentation" }, [text]);
}
