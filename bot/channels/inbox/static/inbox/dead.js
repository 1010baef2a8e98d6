// What was given up, on its way out or in, and the way to try it again: for admins.

import { element } from "../../../widget/dom.js";
import { empty, failure } from "./empty.js";
import { icon } from "./icons.js";
import { viewsButton } from "./views.js";

export class DeadLetters {
  #tools;
  #host;
  #list = element("ul", { className: "letters" });
  #else = element("div", { className: "elsewise" });

  // The host is {open(ticket), fail(error), changed(), showViews(button)}.
  constructor(tools, host) {
    this.#tools = tools;
    this.#host = host;
    const { words } = tools;
    const menu = viewsButton(words, host);
    this.node = element("section", { className: "dead", "aria-label": words.say("deadTitle"), hidden: true }, [
      element("header", {}, [menu, element("h1", {}, [words.say("deadTitle")])]),
      element("div", { className: "scroll" }, [this.#list, this.#else]),
    ]);
  }

  async load() {
    try {
      const { api } = this.#tools;
      const [{ deliveries }, { events }] = await Promise.all([api.deadLetters(), api.deadEvents()]);
      const rows = [...events.map((event) => this.#arrival(event)), ...deliveries.map((delivery) => this.#delivery(delivery))];
      this.#list.replaceChildren(...rows);
      this.#else.replaceChildren(...(rows.length ? [] : [empty("dead", "", false, this.#tools)]));
    } catch (error) {
      this.#list.replaceChildren();
      this.#else.replaceChildren(failure(error, this.#tools, () => this.load()));
    }
  }

  #arrival(event) {
    const { api, words } = this.#tools;
    const what = words.say("deadWhat_inbound", { channel: words.channel(event.channel), kind: words.arrival(event.kind) });
    return this.#row([what], event.received_at, event, "handleAgain", () => api.replayEvent(event));
  }

  #delivery(delivery) {
    const { api, words } = this.#tools;
    const open = element("a", {
      href: `?ticket=${encodeURIComponent(delivery.ticket ?? "")}`,
      onclick: (event) => { event.preventDefault(); this.#host.open(delivery.ticket); },
    }, [delivery.label]);
    const named = { ...delivery, name: words.channel(delivery.name) };
    const what = [words.say(`deadWhat_${delivery.recipient}`, named), ...(delivery.ticket ? [" · ", open] : [])];
    return this.#row(what, delivery.created_at, delivery, "replay", () => api.replay(delivery.key));
  }

  #row(what, at, { attempts, error }, label, again) {
    const { words, times } = this.#tools;
    const replay = element("button", { type: "button", className: "button", onclick: () => this.#replay(again, replay) }, [icon("retry"), words.say(label)]);
    return element("li", {}, [
      element("p", { className: "what" }, what),
      element("p", { className: "muted" }, [`${times.moment(at)} · ${words.say("deadAttempts", { n: attempts, error: error ?? "" })}`]),
      replay,
    ]);
  }

  async #replay(again, button) {
    const { words, toasts } = this.#tools;
    button.disabled = true;
    try {
      await again();
      toasts.say(words.say("replayed"));
    } catch (error) {
      this.#host.fail(error);
    }
    await this.load();
    this.#host.changed();
  }
}
