// The conversations that the bot has at the moment: who talks with it, how they sound, what was
// said last.

import { element } from "../../../widget/dom.js";
import { empty, failure } from "./empty.js";
import { customerName } from "./people.js";
import { tierOf } from "./row.js";
import { toneNode } from "./tone.js";
import { viewsButton } from "./views.js";

export class Talks {
  #tools;
  #host;
  #list = element("ol", { className: "rows" });
  #else = element("div", { className: "elsewise" });
  #found = [];
  #shape = "";

  // The host is {open(id), href(id), current(), showViews(button)}.
  constructor(tools, host) {
    this.#tools = tools;
    this.#host = host;
    const { words } = tools;
    const menu = viewsButton(words, host);
    this.node = element("section", { className: "queue talks", "aria-label": words.say("view_live"), hidden: true }, [
      element("header", {}, [menu, element("h1", { tabIndex: -1 }, [words.say("view_live")])]),
      element("div", { className: "scroll" }, [this.#list, this.#else]),
    ]);
  }

  async load() {
    try {
      const { conversations } = await this.#tools.api.talks();
      this.#found = conversations;
      this.draw();
    } catch (error) {
      if (!this.#list.childElementCount) this.#else.replaceChildren(failure(error, this.#tools, () => this.load()));
    }
  }

  // Anew only where something changed, so that focus and scrolling stay where they were.
  draw() {
    const current = this.#host.current();
    const shape = JSON.stringify([this.#found, current, Math.floor(Date.now() / 60_000)]);
    if (shape === this.#shape) return;
    this.#shape = shape;
    const focused = document.activeElement?.closest(".talks .row")?.dataset.id;
    this.#list.replaceChildren(...this.#found.map((talk) => this.#row(talk, talk.id === current)));
    this.#else.replaceChildren(...(this.#found.length ? [] : [empty("live", "", false, this.#tools)]));
    if (focused) this.focus(focused);
  }

  // From the row with the focus, else from the open conversation: its neighbour.
  move(step, current) {
    const ids = this.#found.map(({ id }) => id);
    const from = document.activeElement?.closest(".row")?.dataset.id ?? current;
    const at = ids.indexOf(from);
    const next = ids[at < 0 ? 0 : Math.min(ids.length - 1, Math.max(0, at + step))];
    if (next) this.focus(next);
  }

  focus(id) {
    const row = [...this.#list.children].find((each) => each.dataset.id === id);
    row?.firstChild.focus({ preventScroll: false });
  }

  #row(talk, current) {
    const { words, times } = this.#tools;
    const waits = talk.last_author === "customer";
    const by = { customer: "", bot: "assistant", agent: "someAgent" }[talk.last_author];
    const said = by ? words.say("lastSaid", { name: words.say(by), text: plain(talk.last_text) }) : talk.last_text;
    const link = element("a", {
      href: this.#host.href(talk.id), className: "ticket",
      onclick: (event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return;
        event.preventDefault();
        this.#host.open(talk.id);
      },
    }, [
      element("span", { className: "waits" }),
      element("span", { className: "line who" }, [
        element("span", { className: "name" }, [customerName(talk.customer, words)]),
        ...(talk.customer.organisation ? [element("span", { className: "organisation" }, [talk.customer.organisation])] : []),
        element("time", { className: "at", dateTime: talk.last_message_at, title: times.full(talk.last_message_at) }, [times.ago(talk.last_message_at)]),
      ]),
      element("span", { className: "line what" }, [said]),
      element("span", { className: "line how" }, [
        ...(talk.customer.verified ? [tierOf(talk, words)] : []),
        toneNode(talk.tone.trend, words, { named: true }),
        element("span", { className: "space" }),
        ...(talk.page ? [element("span", { className: "reason" }, [talk.page])] : []),
      ]),
    ]);
    if (current) link.setAttribute("aria-current", "true");
    return element("li", { className: `row${waits ? " waiting" : ""}`, data: { id: talk.id } }, [link]);
  }
}

// Without the signs of Markdown that would only be in the way on two lines.
function plain(text) {
  return text.replace(/\s?\[\d{1,2}\]|\*\*|`/g, "").replace(/\s+/g, " ");
}
