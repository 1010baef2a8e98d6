// One customer's conversation: begun, resumed, worked on, and shown in a transcript.

import { ProblemError } from "./client.js";
import { News } from "./news.js";

// Memory holds {session, greeting, customer, pending: {text, key} | null}.
export class Conversation {
  #client;
  #memory;
  #transcript;
  #host;
  #news;
  #running = null; // the AbortController of the turn at work
  #failure = null; // {slug, retry} of what is to be done again
  #beginnings = 0; // so that of two hasty ones only the last counts
  #opened = false;
  #shown = new Set(); // ids of messages on the page
  #identity = null;

  // The host is {locale(), work(busy), attend(status), suggest(text), notify(), announce(name, data)}.
  constructor({ client, memory, transcript, host }) {
    this.#client = client;
    this.#memory = memory;
    this.#transcript = transcript;
    this.#host = host;
    this.#news = new News(client, (name, data) => this.#take(name, data));
    addEventListener("online", () => {
      if (this.#failure?.slug === "offline") this.#failure.retry();
    });
  }

  get hasBegun() {
    return Boolean(this.#memory.state.session);
  }

  // The first time it is seen.
  async open() {
    if (this.#opened) return;
    this.#opened = true;
    await (this.hasBegun ? this.#resume() : this.begin());
  }

  // Nothing was said: the next opening begins anew.
  forget() {
    this.#opened = false;
    this.#memory.keep({ session: null, greeting: null, pending: null, customer: null });
  }

  leave() {
    this.#stop();
    this.#opened = false;
  }

  async begin() {
    const beginning = ++this.#beginnings;
    this.#stop();
    this.#transcript.clear();
    this.#host.attend("pending");
    this.forget();
    this.#opened = true;
    await this.#try("connecting", () => this.begin(), async () => {
      const started = await this.#start();
      if (beginning === this.#beginnings) this.#transcript.greet(started.greeting, true);
    });
  }

  async send(text) {
    if (this.#running) return false;
    this.#opened = true;
    if (!this.hasBegun) await this.begin();
    if (!this.hasBegun) return false;
    const pending = { text, key: newKey() };
    this.#memory.keep({ pending });
    this.#work(pending, { shown: false });
    return true;
  }

  askForPerson() {
    return this.send(null);
  }

  rate(message, rating, comment) {
    return this.#client.rate(this.#memory.state.session, message, rating, comment);
  }

  // Another customer never sees the conversation of the one before; null is a customer who left.
  async identify(identity) {
    this.#identity = identity;
    const { session, customer } = this.#memory.state;
    if (!session) return;
    const next = subjectOf(identity);
    if (customer && customer !== next) await this.#renew();
    else if (identity && !customer) await this.#takeOver(session, next);
  }

  async #takeOver(session, customer) {
    try {
      this.#memory.keep({ session: await this.#client.identify(session, this.#identity), customer });
      if (this.#opened) this.#followNews();
    } catch (error) {
      if (error.slug === "identity-refused") this.#refuse(error);
      if (error.slug === "not-found") await this.#renew();
    }
  }

  async #renew() {
    if (this.#opened) await this.begin();
    else this.forget();
  }

  // Help stays within reach when an identity is refused; the page hears of it.
  async #start() {
    const locale = this.#host.locale();
    let started;
    try {
      started = await this.#client.start(locale, this.#identity ?? undefined);
      this.#memory.keep({ customer: subjectOf(this.#identity) });
    } catch (error) {
      if (error.slug !== "identity-refused") throw error;
      this.#refuse(error);
      started = await this.#client.start(locale);
    }
    const { conversation, token, greeting } = started;
    this.#memory.keep({ session: { conversation, token }, greeting });
    return started;
  }

  #refuse(error) {
    this.#identity = null;
    this.#host.announce("identity-refused", { reason: error.reason });
  }

  async #resume() {
    await this.#try("connecting", () => this.#resume(), async () => {
      const { session, greeting, pending } = this.#memory.state;
      let found;
      try {
        found = await this.#client.show(session);
      } catch (error) {
        if (error.slug !== "not-found") throw error;
        await this.begin();
        if (pending?.text) this.#host.suggest(pending.text);
        return;
      }
      this.#transcript.clear();
      this.#transcript.greet(greeting, found.messages.length === 0);
      this.#transcript.restore(found.messages);
      this.#host.attend(found.status);
      this.#shown = new Set(found.messages.map((message) => message.id));
      const shown = found.messages.length - 1 === lastAsked(found.messages, pending ?? {});
      if (pending) this.#work(pending, { shown });
      else if (found.messages.length) this.#followNews(found.messages.at(-1).id);
    });
  }

  async #work(pending, { shown, renewed = false }) {
    const turn = new AbortController();
    this.#running = turn;
    this.#failure = null;
    this.#host.work(true);
    this.#transcript.begin(shown ? null : pending);
    const { session } = this.#memory.state;
    try {
      const reply = await this.#follow(session, pending, turn.signal);
      if (turn.signal.aborted) return;
      this.#memory.keep({ pending: null });
      this.#finish(reply);
    } catch (error) {
      if (turn.signal.aborted) return;
      this.#rest();
      this.#transcript.end();
      if (error.slug === "not-found" && !renewed) await this.#restart(pending);
      else this.#fail(error, () => this.#work(pending, { shown: true }));
    }
  }

  async #follow(session, pending, signal) {
    let reply = null;
    try {
      for await (const event of this.#client.turn(session, pending, signal)) {
        if (event.name === "reply") reply = event.data;
        else this.#transcript.progress(event);
      }
    } catch (error) {
      if (error.slug !== "offline" || signal.aborted) throw error;
      reply ??= await this.#recover(session, pending);
      if (!reply) throw error;
    }
    if (!reply) throw new ProblemError("failed");
    return reply;
  }

  // A stream that breaks again and again may hide an answer that is there all the same.
  async #recover(session, pending) {
    const { messages } = await this.#client.show(session);
    const asked = lastAsked(messages, pending);
    return messages.slice(asked).find((message) => message.reply)?.reply;
  }

  #finish(reply) {
    this.#rest();
    if (reply.message) this.#shown.add(reply.message);
    this.#transcript.finish(reply);
    this.#host.notify();
    this.#followNews(null); // from the start: an agent may have written during the turn
  }

  // The server knows the conversation no more: the message goes into a new one.
  async #restart(pending) {
    await this.#try("connecting", () => this.#restart(pending), async () => {
      this.#memory.keep({ customer: null });
      await this.#start();
      this.#memory.keep({ pending });
      this.#shown.clear();
      this.#host.attend("pending");
      this.#transcript.note("renewed");
      this.#work(pending, { shown: true, renewed: true });
    });
  }

  async #try(stage, again, work) {
    this.#failure = null;
    this.#transcript.stage(stage);
    try {
      await work();
      if (!this.#running) this.#transcript.stage(null);
    } catch (error) {
      this.#transcript.stage(null);
      this.#fail(error, again);
    }
  }

  #fail(error, again) {
    const slug = error instanceof ProblemError ? error.slug : "failed";
    const retry = () => {
      if (this.#failure?.retry !== retry) return;
      this.#failure = null;
      this.#transcript.recover();
      again();
    };
    this.#failure = { slug, retry };
    this.#transcript.fail(slug, error.retryAfterS ?? 0, retry);
  }

  #rest() {
    this.#running = null;
    this.#host.work(false);
  }

  #stop() {
    this.#running?.abort();
    this.#rest();
    this.#failure = null;
    this.#news.follow(null);
    this.#shown.clear();
  }

  #followNews(lastId) {
    this.#news.follow(this.#memory.state.session, lastId);
  }

  #take(name, data) {
    if (name === "status") this.#host.attend(data.status);
    if (name !== "message" || this.#shown.has(data.id)) return;
    // One's own messages are on the page already, and a turn at work brings its reply itself.
    if (data.author === "customer" || (data.author === "bot" && this.#running)) return;
    this.#shown.add(data.id);
    this.#transcript.arrive(data);
    this.#host.notify();
  }
}

// Where the pending message stands if it is the last of the customer's, otherwise past the end.
function lastAsked(messages, { text }) {
  const last = messages.findLastIndex((message) => message.author === "customer");
  const same = last >= 0 && (text === null || messages[last].text === text);
  return same ? last : messages.length;
}

function newKey() {
  // Unlike `randomUUID`, this is there without HTTPS too.
  return Array.from(crypto.getRandomValues(new Uint32Array(4)), (n) => n.toString(16)).join("-");
}

// Only to tell one customer from the next; the server alone says whether a token is true.
function subjectOf(identity) {
  try {
    const claims = identity.split(".")[1].replaceAll("-", "+").replaceAll("_", "/");
    return String(JSON.parse(atob(claims)).sub);
  } catch {
    return null;
  }
}
