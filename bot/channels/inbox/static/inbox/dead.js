// What could not be delivered, and the way to try it again: for admins.

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
      const { deliveries } = await this.#tools.api.deadLetters();
      this.#list.replaceChildren(...deliveries.map((delivery) => this.#row(delivery)));
      this.#else.replaceChildren(...(deliveries.length ? [] : [empty("dead", "", false, this.#tools)]));
    } catch (error) {
      this.#list.replaceChildren();
      this.#else.replaceChildren(failure(error, this.#tools, () => this.load()));
    }
  }

  #row(delivery) {
    const { words, times } = this.#tools;
    const open = element("a", {
      href: `?ticket=${encodeURIComponent(delivery.ticket ?? "")}`,
      onclick: (event) => { event.preventDefault(); this.#host.open(delivery.ticket); },
    }, [delivery.label]);
    const replay = element("button", { type: "button", className: "button", onclick: () => this.#replay(delivery, replay) }, [icon("retry"), words.say("replay")]);
    return element("li", {}, [
      element("p", { className: "what" }, [words.say(`deadWhat_${delivery.recipient}`, delivery), ...(delivery.ticket ? [" · ", open] : [])]),
      element("p", { className: "muted" }, [`${times.moment(delivery.created_at)} · ${words.say("deadAttempts", { n: delivery.attempts, error: delivery.error ?? "" })}`]),
      replay,
    ]);
  }

  async #replay(delivery, button) {
    const { api, words, toasts } = this.#tools;
    button.disabled = true;
    try {
      await api.replay(delivery.key);
      toasts.say(words.say("replayed"));
    } catch (error) {
      this.#host.fail(error);
    }
    await this.load();
    this.#host.changed();
  }
}
