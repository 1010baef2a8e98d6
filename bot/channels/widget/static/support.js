// What comes with a person: the ticket, who is there, the survey. Loaded when there is one, so that
// everybody else is spared it.

import { Ticket } from "./support/ticket.js";
import { Survey } from "./support/survey.js";
import { Signs } from "./support/signs.js";
import { supportStyles } from "./support/support-styles.js";

// `actions` are {words, send(path, body), announce(name, data)}; `send` posts below the conversation
// and may fail.
export class Support {
  #ticket;
  #survey;
  #signs;

  constructor(actions) {
    this.#signs = new Signs(actions);
    this.#ticket = new Ticket(actions);
    this.#survey = new Survey(actions);
    this.nodes = [this.#signs.node, this.#survey.node, this.#ticket.node];
    this.styles = supportStyles;
  }

  // An event of the conversation's stream, or that the conversation on the page is another one.
  take(name, data) {
    if (name === "ticket") {
      this.#ticket.show(data);
      if (!this.#ticket.isActive) this.#signs.hide();
    }
    if (name === "survey") this.#survey.show(data);
    if (name === "typing" || name === "presence") this.#signs.show(name, data);
    if (name === "status" && data.status !== "resolved") this.#survey.hide();
    if (name === "clear") {
      for (const part of [this.#ticket, this.#survey, this.#signs]) part.hide();
    }
  }

  typed() {
    if (this.#ticket.isActive) this.#signs.tell();
  }

  // Anew, in the language of the page.
  draw() {
    for (const part of [this.#ticket, this.#survey, this.#signs]) part.draw();
  }
}
