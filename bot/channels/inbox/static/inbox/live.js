// News from the server as they come, over a stream that is taken up again when it breaks.

import { backoffMs, pause } from "../../../widget/stream.js";

export class Live {
  #api;
  #host;
  #leaving = null;

  // The host is {news(name, data), connected(), lost(), signedOut()}.
  constructor(api, host) {
    this.#api = api;
    this.#host = host;
  }

  async follow() {
    this.#leaving = new AbortController();
    const { signal } = this.#leaving;
    let lastId = null;
    for (let attempt = 0; !signal.aborted; attempt++) {
      try {
        for await (const event of this.#api.follow(lastId, signal)) {
          if (attempt >= 0) this.#host.connected(lastId !== null && attempt > 0);
          attempt = -1;
          lastId = event.id ?? lastId;
          if (event.name) this.#host.news(event.name, event.data);
        }
      } catch (error) {
        if (signal.aborted) return;
        if (error.slug === "signed-out") return this.#host.signedOut();
      }
      if (attempt >= 1) this.#host.lost();
      await pause(backoffMs(Math.max(attempt, 0), 500, 15_000), signal);
    }
  }

  leave() {
    this.#leaving?.abort();
  }
}
