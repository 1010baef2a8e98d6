// What was written and not sent outlives a reload: kept for the tab, for each ticket and kind.

import { Memory } from "../../../widget/memory.js";

export class Drafts {
  #memory = new Memory("firstline-inbox:drafts");

  get(ticket, kind) {
    return this.#memory.state[`${ticket}.${kind}`] ?? null;
  }

  // An empty text is kept, too: it says that the suggested draft is not wanted.
  keep(ticket, kind, text) {
    this.#memory.keep({ [`${ticket}.${kind}`]: text });
  }

  forget(ticket, kind) {
    this.#memory.keep({ [`${ticket}.${kind}`]: undefined });
  }
}
