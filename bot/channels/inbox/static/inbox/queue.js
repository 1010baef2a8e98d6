// The list of tickets in a view. Rows are replaced only where they changed, so that focus and
// scrolling stay where they were.

import { element } from "../../../widget/dom.js";
import { empty, failure } from "./empty.js";
import { icon } from "./icons.js";
import { rowNode } from "./row.js";
import { viewsButton } from "./views.js";

const SEARCH_MS = 200;
const LONGEST = 200; // characters the server looks for

export class Queue {
  #tools;
  #host;
  #title = element("h1", { tabIndex: -1 });
  #search;
  #list = element("ol", { className: "rows" });
  #else = element("div", { className: "elsewise" });
  #known = new Map(); // shape of each row as it is drawn
  #timer = 0;

  // The host is {open(id), href(id), search(text), retry(), showViews(button)}.
  constructor(tools, host) {
    this.#tools = tools;
    this.#host = host;
    const { words } = tools;
    const hint = words.say("searchHint");
    this.#search = element("input", {
      className: "text", type: "search", placeholder: hint, "aria-label": words.say("search"), autocomplete: "off",
      maxLength: LONGEST,
      oninput: () => {
        clearTimeout(this.#timer);
        this.#timer = setTimeout(() => host.search(this.#search.value.trim()), SEARCH_MS);
      },
      onkeydown: (event) => this.#leaveSearch(event),
    });
    const menu = viewsButton(words, host);
    this.node = element("section", { className: "queue", "aria-label": words.say("queue") }, [
      element("header", {}, [menu, this.#title, element("label", { className: "search" }, [icon("search"), this.#search])]),
      element("div", { className: "scroll" }, [this.#list, this.#else]),
    ]);
  }

  get ids() {
    return [...this.#list.children].map((row) => row.dataset.id);
  }

  show({ tickets, view, search, current, fresh }) {
    const { words } = this.#tools;
    this.#title.textContent = words.say(`view_${view}`);
    const rows = tickets.map((ticket) => this.#row(ticket, ticket.id === current));
    this.#replace(rows);
    this.#known = new Map(rows.map(({ id, shape, row }) => [id, { shape, row }]));
    this.#else.replaceChildren(...(tickets.length ? [] : [empty(view, search, fresh, this.#tools, () => this.#clear())]));
  }

  fail(error) {
    if (this.#list.childElementCount) return;
    this.#else.replaceChildren(failure(error, this.#tools, () => this.#host.retry()));
  }

  #row(ticket, current) {
    const shape = JSON.stringify([ticket, current, Math.floor(Date.now() / 60_000)]);
    const known = this.#known.get(ticket.id);
    if (known?.shape === shape) return { id: ticket.id, ...known };
    const row = rowNode(ticket, this.#tools, {
      current, href: this.#host.href(ticket.id), open: (id) => this.#host.open(id),
    });
    return { id: ticket.id, shape, row };
  }

  #replace(rows) {
    const focused = document.activeElement?.closest(".row")?.dataset.id;
    this.#list.replaceChildren(...rows.map(({ row }) => row));
    if (focused) this.focus(focused);
  }

  focus(id) {
    const row = [...this.#list.children].find((each) => each.dataset.id === id);
    row?.firstChild.focus({ preventScroll: false });
    return Boolean(row);
  }

  // From the row with the focus, else from the open ticket: its neighbour.
  move(step, current) {
    const ids = this.ids;
    const from = document.activeElement?.closest(".row")?.dataset.id ?? current;
    const at = ids.indexOf(from);
    const next = ids[at < 0 ? 0 : Math.min(ids.length - 1, Math.max(0, at + step))];
    if (next) this.focus(next);
  }

  startSearch() {
    this.#search.focus();
    this.#search.select();
  }

  #clear() {
    this.#search.value = "";
    this.#host.search("");
    this.#search.focus();
  }

  #leaveSearch(event) {
    if (event.key === "Escape" && this.#search.value) this.#clear();
    else if (event.key === "Escape") this.#search.blur();
    else if (event.key === "ArrowDown" || event.key === "Enter") this.focus(this.ids[0]);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
}
