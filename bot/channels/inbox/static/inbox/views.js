// The left column: views with their counts, and what belongs to the agent.

import { element } from "../../../widget/dom.js";
import { icon } from "./icons.js";

export const VIEWS = ["mine", "unassigned", "breaching", "team", "all", "snoozed", "resolved", "live"];
// Lists of something else than tickets; the counts beside them are read with all tickets.
export const OTHERS = new Set(["live", "dead"]);
const ALARMING = new Set(["breaching", "dead"]);
const MOST = 99;

export class Views {
  #words;
  #items = new Map();
  #account;
  #state = element("span", { className: "state", role: "status" });

  // The host is {go(view), me(), disc(), accountMenu(button)}.
  constructor(words, host) {
    this.#words = words;
    const shown = host.me().role === "admin" ? [...VIEWS, "dead"] : VIEWS;
    for (const view of shown) this.#items.set(view, this.#item(view, host));
    this.#account = element("button", {
      type: "button", className: "account", "aria-haspopup": "menu", "aria-expanded": "false",
      onclick: () => host.accountMenu(this.#account),
    }, [host.disc(), element("span", { className: "who" }, [host.me().name])]);
    this.node = element("nav", { className: "views", "aria-label": words.say("views") }, [
      element("p", { className: "brand" }, [element("span", { className: "logo", "aria-hidden": "true" }), "Firstline"]),
      element("ul", {}, [...this.#items.values()].map(({ row }) => row)),
      element("footer", {}, [this.#state, this.#account]),
    ]);
  }

  #item(view, host) {
    const count = element("span", { className: "count" });
    const link = element("a", {
      href: `?view=${view}`,
      onclick: (event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return;
        event.preventDefault();
        host.go(view);
      },
    }, [icon(view === "all" ? "inbox" : view), element("span", { className: "name" }, [this.#words.say(`view_${view}`)]), count]);
    return { row: element("li", { data: { view } }, [link]), link, count };
  }

  show(current, counts) {
    for (const [view, { row, link, count }] of this.#items) {
      const n = counts[view] ?? 0;
      count.textContent = n ? (n > MOST ? `${MOST}+` : String(n)) : "";
      row.classList.toggle("alarm", ALARMING.has(view) && n > 0);
      if (view === current) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
  }

  connection(key) {
    this.#state.dataset.state = key;
    this.#state.textContent = key === "live" ? "" : this.#words.say(key);
  }
}

// On a phone the views are in a menu; the host shows it at its button.
export function viewsButton(words, host) {
  const button = element("button", {
    type: "button", className: "button plain views-button", "aria-haspopup": "menu", "aria-expanded": "false",
    "aria-label": words.say("views"), onclick: () => host.showViews(button),
  }, [icon("inbox"), icon("down")]);
  return button;
}
