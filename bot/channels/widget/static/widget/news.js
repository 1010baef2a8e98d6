// Messages that nobody asked for right now: what an agent writes, who has the conversation.

import { backoffMs, pause } from "./stream.js";

export class News {
  #client;
  #take;
  #session = null;
  #lastId = null;
  #running = null; // the AbortController of the loop at work

  // `take(name, data)` is called for each event; it decides what it has seen already.
  constructor(client, take) {
    this.#client = client;
    this.#take = take;
    document.addEventListener("visibilitychange", () => this.#settle());
  }

  follow(session, lastId = this.#lastId) {
    if (session?.token === this.#session?.token) return;
    this.#session = session;
    this.#lastId = lastId;
    this.#running?.abort();
    this.#running = null;
    this.#settle();
  }

  // A page that nobody sees holds no connection; it catches up when it is seen again.
  #settle() {
    const wanted = this.#session !== null && !document.hidden;
    if (wanted && !this.#running) {
      this.#running = new AbortController();
      this.#run(this.#session, this.#running.signal);
    } else if (!wanted) {
      this.#running?.abort();
      this.#running = null;
    }
  }

  async #run(session, signal) {
    for (let attempt = 0; !signal.aborted; attempt++) {
      let waitMs = 0;
      try {
        for await (const event of this.#client.follow(session, this.#lastId, signal)) {
          if (signal.aborted) return;
          attempt = 0;
          waitMs = event.retryMs || waitMs;
          this.#lastId = event.id ?? this.#lastId;
          if (event.name) this.#take(event.name, event.data);
        }
      } catch (error) {
        if (error.slug === "not-found") return;
        waitMs = 1000 * (error.retryAfterS ?? 0);
      }
      await pause(waitMs + backoffMs(attempt), signal);
    }
  }
}
