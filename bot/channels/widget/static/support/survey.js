// Two questions after a ticket is resolved. The first tap counts at once; nothing is asked twice.

import { drawing, element } from "../widget/dom.js";
import { say } from "./support-words.js";

const CSAT = [1, 2, 3, 4, 5];
const NPS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
const MOUTHS = [-4, -2, 0, 2, 4]; // how far down the middle of the mouth is, in the icon's units
const LONGEST_COMMENT = 1000;

export class Survey {
  #actions;
  #ticket = null; // the id of the ticket that is asked about
  #given = {}; // {csat, nps}
  #comment = "";
  #outcome = null; // the key of what is said last
  #saved = Promise.resolve(); // once what was given so far has been sent

  constructor(actions) {
    this.#actions = actions;
    this.node = element("form", {
      className: "survey", hidden: true, onsubmit: (event) => this.#submit(event),
    });
  }

  // The same survey may be announced again when a connection is taken up.
  show({ ticket }) {
    if (ticket === this.#ticket) return;
    this.#ticket = ticket;
    this.#given = {};
    this.#comment = "";
    this.#outcome = null;
    this.draw();
  }

  hide() {
    this.#ticket = null;
    this.draw();
  }

  draw() {
    this.node.hidden = this.#ticket === null;
    if (this.node.hidden) {
      this.node.replaceChildren();
    } else if (this.#outcome === "thanks") {
      this.node.replaceChildren(element("p", { role: "status" }, [this.#say("thanks")]));
    } else {
      this.node.replaceChildren(...this.#questions());
    }
  }

  #questions() {
    const first = this.#scale("csat", CSAT, (n) => face(MOUTHS[n - 1]), (n) => this.#say(`csat${n}`));
    if (this.#given.csat === undefined) return [first, this.#ends(["decline"])];
    const ends = { 0: this.#say("nps0"), 10: this.#say("nps10") };
    const second = this.#scale("nps", NPS, String, (n) => [n, ends[n]].filter(Boolean).join(", "));
    second.append(element("p", { className: "poles", "aria-hidden": "true" }, [
      element("span", {}, [ends[0]]), element("span", {}, [ends[10]]),
    ]));
    const label = this.#say("comment");
    const comment = element("textarea", {
      rows: 2, maxLength: LONGEST_COMMENT, value: this.#comment, placeholder: label,
      "aria-label": label, oninput: () => { this.#comment = comment.value; },
    });
    return [first, second, comment, this.#ends(["submit"])];
  }

  #scale(name, values, shown, label) {
    const buttons = values.map((value) => element("button", {
      type: "button", className: name, title: label(value), "aria-label": label(value),
      "aria-pressed": String(this.#given[name] === value), data: { value },
      onclick: () => this.#give(name, value),
    }, [shown(value)]));
    return element("div", { role: "group", "aria-label": this.#say(name) }, [
      element("p", {}, [this.#say(name)]),
      element("div", { className: "scale" }, buttons),
    ]);
  }

  #ends(keys) {
    const failure = this.#outcome ? this.#say(this.#outcome) : "";
    const buttons = keys.map((key) => key === "submit"
      ? element("button", { className: "act main" }, [this.#say(key)])
      : element("button", {
        type: "button", className: "act", onclick: () => this.#decline(),
      }, [this.#say(key)]));
    return element("div", { className: "case-acts" }, [
      element("span", { className: "case-failure", role: "alert" }, [failure]), ...buttons,
    ]);
  }

  async #give(name, value) {
    this.#given[name] = value;
    this.#outcome = null;
    this.draw();
    this.node.querySelector(`.${name}[aria-pressed="true"]`)?.focus();
    await this.#save({ [name]: value, more: true });
  }

  async #submit(event) {
    event.preventDefault();
    const comment = this.#comment.trim();
    if (!(await this.#save(comment ? { ...this.#given, comment } : this.#given))) return;
    this.#outcome = "thanks";
    this.draw();
  }

  async #decline() {
    const saved = this.#save({}); // nobody has to wait for a no
    this.hide();
    await saved;
  }

  async #save(body) {
    const ticket = this.#ticket;
    // What was given first arrives first.
    const sent = this.#saved.then(() => this.#actions.send("survey", { ...body, ticket }));
    this.#saved = sent.catch(() => {});
    try {
      await sent;
      return true;
    } catch {
      this.#outcome = "failed";
      this.draw();
      return false;
    }
  }

  #say(key) {
    return say(this.#actions.words.locale, key);
  }
}

function face(depth) {
  const y = 15 - depth / 3;
  return drawing(`M12 3a9 9 0 1 0 0 18a9 9 0 1 0 0-18zM9 9.2v.6M15 9.2v.6M8.3 ${y}q3.7 ${depth} 7.4 0`);
}
