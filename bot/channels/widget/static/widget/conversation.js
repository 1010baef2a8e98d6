// One customer's conversation: begun, resumed, worked on, and shown in a transcript.

import { ProblemError } from "./client.js";
import { News } from "./news.js";
import { Session } from "./session.js";

// Memory holds {session, greeting, customer, pending: {text, key} | null}.
export class Conversation {
  #client;
  #memory;
  #transcript;
  #host;
  #news;
  #running = null; // the AbortController of the turn at work
  #failure = null; // {slug, retry} of what is to be done again
  #epoch = 0; // grows when what is on its way no longer counts
  #opening = null; // the promise of a conversation on the page
  #shown = new Set(); // ids of messages on the page
  #session;

  // The host is {locale(), work(busy), attend(name, data), suggest(text), notify(), announce(name, data)}.
  constructor({ client, memory, transcript, host }) {
    this.#client = client;
    this.#memory = memory;
    this.#transcript = transcript;
    this.#host = host;
    this.#session = new Session({ client, memory, host });
    this.#news = new News(client, (name, data) => this.#take(name, data));
    addEventListener("online", () => {
      if (this.#failure?.slug === "offline") this.#failure.retry();
    });
  }

  get hasBegun() {
    return this.#session.current !== null;
  }

  // The first time it is seen, and again after it failed.
  open() {
    this.#opening ??= this.hasBegun ? this.#resume() : this.#begin();
    return this.#opening;
  }

  // Nothing was said: the next opening begins anew.
  forget() {
    this.#opening = null;
    this.#memory.keep({ session: null, greeting: null, pending: null, customer: null });
  }

  leave() {
    this.#stop();
    this.#opening = null;
  }

  begin() {
    this.#opening = this.#begin();
    return this.#opening;
  }

  async #begin() {
    this.#stop();
    this.#transcript.clear();
    this.#host.attend("clear");
    this.forget();
    const epoch = this.#epoch;
    await this.#try("connecting", () => this.begin(), async () => {
      const greeting = await this.#session.start();
      if (epoch === this.#epoch) this.#transcript.greet(greeting, true);
    });
  }

  async send(text) {
    await this.open();
    if (this.#running || !this.#opening) return false;
    const pending = { text, key: newKey() };
    this.#memory.keep({ pending });
    this.#work(pending, { shown: false });
    return true;
  }

  askForPerson() {
    return this.send(null);
  }

  act(path, body) {
    return this.#client.act(this.#session.current, path, body);
  }

  rate(message, rating, comment) {
    return this.#client.rate(this.#session.current, message, rating, comment);
  }

  // Another customer never sees the conversation of the one before; null is a customer who left.
  async identify(identity) {
    const before = this.#session.current;
    const fits = await this.#session.identify(identity);
    if (!fits) await (this.#opening ? this.begin() : this.forget());
    else if (this.#opening && before && before !== this.#session.current) this.#followNews();
  }

  async #resume() {
    const epoch = this.#epoch;
    await this.#try("connecting", () => this.open(), async () => {
      const { greeting, pending } = this.#memory.state;
      let found;
      try {
        found = await this.#session.show();
      } catch (error) {
        if (error.slug !== "not-found" || epoch !== this.#epoch) throw error;
        await this.begin();
        if (pending?.text) this.#host.suggest(pending.text);
        return;
      }
      if (epoch !== this.#epoch) return;
      this.#transcript.clear();
      this.#transcript.greet(greeting, found.messages.length === 0);
      this.#transcript.restore(found.messages);
      this.#shown = new Set(found.messages.map((message) => message.id));
      const since = pending ? messagesSince(found.messages, pending) : [];
      if (pending && !replyIn(since)) {
        this.#work(pending, { shown: since.length > 0 });
      } else {
        this.#memory.keep({ pending: null });
        if (found.messages.length) this.#followNews(found.messages.at(-1).id);
      }
    });
  }

  async #work(pending, { shown, renewed = false }) {
    const turn = new AbortController();
    this.#running = turn;
    this.#failure = null;
    this.#host.work(true);
    this.#transcript.begin(shown ? null : pending);
    const session = this.#session.current;
    try {
      const reply = await this.#follow(session, pending, turn.signal);
      if (turn.signal.aborted) return;
      this.#memory.keep({ pending: null });
      this.#finish(reply);
    } catch (error) {
      const replaced = session !== await this.#session.settled();
      if (turn.signal.aborted) return;
      this.#rest();
      this.#transcript.end();
      if (error.slug === "not-found" && replaced) this.#work(pending, { shown: true, renewed });
      else if (error.slug === "not-found" && !renewed) await this.#restart(pending);
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
    return replyIn(messagesSince(messages, pending));
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
      await this.#session.start();
      this.#memory.keep({ pending });
      this.#shown.clear();
      this.#host.attend("clear");
      this.#transcript.note("renewed");
      this.#work(pending, { shown: true, renewed: true });
    });
  }

  async #try(stage, again, work) {
    const epoch = this.#epoch;
    this.#failure = null;
    this.#transcript.stage(stage);
    try {
      await work();
      if (epoch === this.#epoch && !this.#running) this.#transcript.stage(null);
    } catch (error) {
      if (epoch !== this.#epoch) return;
      this.#opening = null;
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
    this.#epoch += 1;
    this.#running?.abort();
    this.#rest();
    this.#failure = null;
    this.#news.follow(null);
    this.#shown.clear();
  }

  #followNews(lastId) {
    this.#news.follow(this.#session.current, lastId);
  }

  #take(name, data) {
    if (name !== "message") this.#host.attend(name, data);
    if (name !== "message" || this.#shown.has(data.id)) return;
    // One's own messages are on the page already, and a turn at work brings its reply itself.
    if (data.author === "customer" || (data.author === "bot" && this.#running)) return;
    this.#shown.add(data.id);
    this.#transcript.arrive(data);
    this.#host.notify();
  }
}

// The pending message and what followed it; nothing when it never arrived.
function messagesSince(messages, { key }) {
  const at = messages.findIndex((message) => message.client_message_id === key);
  return at < 0 ? [] : messages.slice(at);
}

function replyIn(messages) {
  return messages.find((message) => message.reply)?.reply;
}

function newKey() {
  // Unlike `randomUUID`, this is there without HTTPS too.
  return Array.from(crypto.getRandomValues(new Uint32Array(4)), (n) => n.toString(16)).join("-");
}
