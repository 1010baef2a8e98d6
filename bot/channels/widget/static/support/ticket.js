// The customer's ticket: who has it, when an answer comes, and what one can do about it.

import { element } from "../widget/dom.js";
import { say } from "./support-words.js";

const ACTIVE = ["open", "snoozed"];
const EMAIL = /^[^\s@]+@[^\s@]+\.[^\s@]+$/; // the server looks closer

export class Ticket {
  #actions;
  #data = null; // {number, state, due_in_words, assignee_name, contact}
  #asks = null; // "email" or "drop": what is being asked right now
  #failure = "";

  constructor(actions) {
    this.#actions = actions;
    this.node = element("section", { className: "case", hidden: true });
  }

  get isActive() {
    return ACTIVE.includes(this.#data?.state);
  }

  show(data) {
    this.#data = data;
    if (!this.isActive) this.#asks = null;
    this.draw();
  }

  hide() {
    this.show(null);
  }

  draw() {
    this.node.hidden = !this.isActive;
    if (!this.isActive) {
      this.node.replaceChildren();
      return;
    }
    const typed = this.node.querySelector("input")?.value;
    this.node.setAttribute("aria-label", this.#say("ticket", this.#data));
    this.node.replaceChildren(this.#about(), this.#below());
    const input = this.node.querySelector("input");
    if (input && typed) input.value = typed;
  }

  #about() {
    const { state, due_in_words: due, assignee_name: name, answered } = this.#data;
    const lines = [this.#say(due ? "waiting" : "kept")]; // no time is told where nobody is there
    if (name) lines[0] = this.#say("with", { name });
    if (state === "snoozed") lines.push(this.#say("snoozed"));
    else if (due && !answered) lines.push(this.#say("due", { due }));
    return element("div", { className: "about" }, [
      element("strong", {}, [this.#say("ticket", this.#data)]),
      element("p", {}, [lines.join(" ")]),
    ]);
  }

  #below() {
    if (this.#asks === "email") return this.#emailForm();
    if (this.#asks === "drop") return this.#dropForm();
    const { contact } = this.#data;
    const row = contact
      ? [element("span", { className: "hint" }, [this.#say("left", { email: contact })])]
      : [];
    row.push(
      this.#button(contact ? "change" : "leave", () => this.#ask("email")),
      this.#button("drop", () => this.#ask("drop")),
    );
    return element("div", { className: "case-acts" }, row);
  }

  #emailForm() {
    const label = this.#say("email");
    const input = element("input", {
      type: "email", name: "email", autocomplete: "email", maxLength: 254, required: true,
      placeholder: label, "aria-label": label,
    });
    return this.#form((event) => this.#leave(event, input.value.trim()), [
      input, this.#button("cancel", () => this.#ask(null)), this.#submit("save"),
    ]);
  }

  #dropForm() {
    return this.#form((event) => this.#drop(event), [
      element("span", { className: "hint" }, [this.#say("dropSure")]),
      this.#button("dropNo", () => this.#ask(null)), this.#submit("dropYes"),
    ]);
  }

  #form(onsubmit, children) {
    const failure = element("p", { className: "case-failure", role: "alert" }, [this.#failure]);
    const onkeydown = (event) => {
      if (event.key !== "Escape" || event.isComposing) return;
      event.preventDefault();
      event.stopPropagation();
      this.#ask(null);
    };
    return element("form", { className: "case-acts", noValidate: true, onsubmit, onkeydown }, [
      ...children, failure,
    ]);
  }

  async #leave(event, email) {
    event.preventDefault();
    if (!EMAIL.test(email)) return this.#fail("badEmail");
    return this.#try(() => this.#actions.send("contact", { email }), "badEmail");
  }

  async #drop(event) {
    event.preventDefault();
    return this.#try(() => this.#actions.send("handoff/cancel", {}));
  }

  // What came of it arrives as an event.
  async #try(work, refusal = "failed") {
    try {
      await work();
      this.#ask(null);
    } catch (error) {
      this.#fail(error.slug === "invalid-request" ? refusal : "failed");
    }
  }

  #fail(key) {
    this.#failure = this.#say(key);
    this.draw();
    this.node.querySelector("input, button")?.focus();
  }

  #ask(what) {
    this.#asks = what;
    this.#failure = "";
    this.draw();
    this.node.querySelector("input, .case-acts button")?.focus();
  }

  #button(key, onclick) {
    const words = key === "cancel" ? this.#actions.words.say("cancel") : this.#say(key);
    return element("button", { type: "button", className: "act", onclick }, [words]);
  }

  #submit(key) {
    return element("button", { className: "act main" }, [this.#say(key)]);
  }

  #say(key, values) {
    return say(this.#actions.words.locale, key, values);
  }
}
