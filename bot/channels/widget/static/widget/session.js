// Who speaks: a visitor, or a customer once the page says who that is.

export class Session {
  #client;
  #memory;
  #host;
  #identity = null;
  #changes = Promise.resolve(); // the last one under way

  // Memory holds {session, greeting, customer}; the host is {locale(), announce(name, data)}.
  constructor({ client, memory, host }) {
    this.#client = client;
    this.#memory = memory;
    this.#host = host;
  }

  // {conversation, token}, null before it began.
  get current() {
    return this.#memory.state.session ?? null;
  }

  // The greeting.
  start() {
    return this.#inOrder(() => this.#startAs(this.#identity));
  }

  show() {
    return this.#inOrder(() => this.#client.show(this.current));
  }

  // Whether the conversation is the customer's, taken over from a visitor if need be.
  identify(identity) {
    this.#identity = identity;
    return this.#inOrder(() => this.#fits(identity));
  }

  // Once nothing changes it any more.
  async settled() {
    await this.#changes;
    return this.current;
  }

  // A token dies when its conversation is taken over: nobody may be under way with it then.
  #inOrder(work) {
    const done = this.#changes.then(work);
    this.#changes = done.catch(() => {});
    return done;
  }

  // Help stays within reach when an identity is refused; the page hears of it.
  async #startAs(identity) {
    const locale = this.#host.locale();
    try {
      const { greeting, ...session } = await this.#client.start(locale, identity || undefined);
      this.#memory.keep({ session, greeting, customer: subjectOf(identity) });
      return greeting;
    } catch (error) {
      if (error.slug !== "identity-refused") throw error;
      this.#refuse(identity, error);
      return this.#startAs(null);
    }
  }

  async #fits(identity) {
    const { customer } = this.#memory.state;
    const next = subjectOf(identity);
    if (!this.current || !(customer || identity)) return true;
    if (customer) return customer === next;
    try {
      const session = await this.#client.identify(this.current, identity);
      this.#memory.keep({ session, customer: next });
    } catch (error) {
      if (error.slug === "identity-refused") this.#refuse(identity, error);
      return error.slug !== "not-found";
    }
    return true;
  }

  #refuse(identity, error) {
    if (this.#identity === identity) this.#identity = null;
    this.#host.announce("identity-refused", { reason: error.reason });
  }
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
