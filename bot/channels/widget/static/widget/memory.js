// What outlives a reload. It is kept for the tab, not for the browser: two tabs never work on one
// pending message, and whoever uses a shared computer next finds nothing.

export class Memory {
  #key;
  #state = {};

  constructor(key) {
    this.#key = key;
    try {
      const kept = JSON.parse(sessionStorage.getItem(key));
      if (kept && typeof kept === "object") this.#state = kept;
    } catch {
      // Storage is forbidden or holds something else: begin with nothing.
    }
  }

  get state() {
    return this.#state;
  }

  keep(changes) {
    this.#state = { ...this.#state, ...changes };
    try {
      sessionStorage.setItem(this.#key, JSON.stringify(this.#state));
    } catch {
      // The conversation then lasts as long as the page.
    }
  }
}
