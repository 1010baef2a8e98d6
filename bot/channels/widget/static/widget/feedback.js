// Thumbs under a reply; a thumb down asks why. Both can be changed as often as one likes.

import { element, icon } from "./dom.js";

const REASONS = ["whyWrong", "whyOld", "whyMissing", "whyOther"];
const LONGEST_COMMENT = 1000;

export class Feedback {
  #words;
  #rate;
  #rating;
  #thumbs;
  #form = null;
  #outcome = element("span", { className: "outcome", role: "status" });

  // `rate(rating, comment)` saves it and may fail.
  constructor(words, rate, rating = null) {
    this.#words = words;
    this.#rate = rate;
    this.#rating = rating;
    this.#thumbs = { up: this.#thumb("up", "thumbUp"), down: this.#thumb("down", "thumbDown") };
    this.node = element("div", { className: "feedback" });
    this.#press();
  }

  get controls() {
    return [this.#thumbs.up, this.#thumbs.down, this.#outcome];
  }

  #thumb(rating, picture) {
    const onclick = () => this.#choose(rating);
    const data = { label: rating, title: rating };
    const label = this.#words.say(rating);
    const properties = { type: "button", className: "tool", title: label, data, onclick };
    return element("button", { ...properties, "aria-label": label }, [icon(picture)]);
  }

  #press() {
    for (const [rating, button] of Object.entries(this.#thumbs)) {
      button.setAttribute("aria-pressed", String(rating === this.#rating));
    }
  }

  async #choose(rating) {
    this.#close();
    // The thumb counts at once, whether a reason follows or not.
    if (rating === "down") this.#ask();
    if (rating !== this.#rating) await this.#save(rating);
  }

  async #save(rating, comment) {
    const before = this.#rating;
    this.#rating = rating;
    this.#press();
    try {
      await this.#rate(rating, comment);
      this.#say(rating === "up" || comment !== undefined ? "thanks" : null);
      return true;
    } catch {
      this.#rating = before;
      this.#press();
      this.#say("unsaved");
      return false;
    }
  }

  #say(key) {
    this.#outcome.textContent = key ? this.#words.say(key) : "";
  }

  #ask() {
    const say = (key) => this.#words.say(key);
    const chips = REASONS.map((key) => element("button", {
      type: "button", className: "choice", "aria-pressed": "false", value: say(key),
      onclick: ({ currentTarget: chip }) =>
        chip.setAttribute("aria-pressed", String(chip.ariaPressed !== "true")),
    }, [say(key)]));
    const comment = element("textarea", {
      rows: 2, maxLength: LONGEST_COMMENT, placeholder: say("comment"), "aria-label": say("comment"),
    });
    const cancel = { type: "button", className: "plain", onclick: () => this.#close(true) };
    this.#form = element("form", {
      className: "reasons", "aria-label": say("why"),
      onsubmit: (event) => this.#submit(event, chips, comment),
      onkeydown: (event) => this.#escape(event),
    }, [
      element("p", {}, [say("why")]),
      element("div", { className: "choices" }, chips),
      comment,
      element("div", { className: "ends" }, [
        element("button", cancel, [say("cancel")]),
        element("button", { className: "primary" }, [say("submit")]),
      ]),
    ]);
    this.node.append(this.#form);
    chips[0].focus({ preventScroll: true });
    this.#form.scrollIntoView({ block: "nearest" });
  }

  async #submit(event, chips, comment) {
    event.preventDefault();
    const chosen = chips.filter((chip) => chip.ariaPressed === "true").map((chip) => chip.value);
    const reasons = [...chosen, comment.value.trim()].filter(Boolean).join(" · ");
    if (await this.#save("down", reasons.slice(0, LONGEST_COMMENT))) this.#close(true);
  }

  #escape(event) {
    if (event.key !== "Escape" || event.isComposing) return;
    event.stopPropagation();
    event.preventDefault();
    this.#close(true);
  }

  #close(refocus = false) {
    this.#form?.remove();
    this.#form = null;
    if (refocus) this.#thumbs.down.focus();
  }
}
