// What was sent and is not confirmed yet: shown at once, kept when it failed, sent once.

export class Outgoing {
  #tools;
  #host;
  #sent = [];

  // The host is {changed(ticket), drawn(), restore(kind, text), fail(error)}.
  constructor(tools, host) {
    this.#tools = tools;
    this.#host = host;
    addEventListener("beforeunload", (event) => { if (this.#sent.length) event.preventDefault(); });
  }

  // Without those that arrived although no answer said so.
  of(ticket) {
    const arrived = new Set(ticket.messages.map((message) => message.client_message_id).filter(Boolean));
    this.#sent = this.#sent.filter(({ key }) => !arrived.has(key));
    return this.#sent.filter((sent) => sent.ticket === ticket.id);
  }

  send(ticket, kind, text, resolve) {
    const sent = { ticket: ticket.id, kind, text, resolve, key: crypto.randomUUID?.() ?? String(Math.random()), at: new Date().toISOString(), failed: null };
    this.#sent.push(sent);
    return this.#deliver(sent);
  }

  retry(sent) {
    sent.failed = null;
    return this.#deliver(sent);
  }

  edit(sent) {
    this.#forget(sent);
    this.#host.drawn();
    this.#host.restore(sent.kind, sent.text);
  }

  async #deliver(sent) {
    this.#host.drawn();
    const { api, words, toasts } = this.#tools;
    const body = { text: sent.text, client_message_id: sent.key, ...(sent.kind === "reply" && { resolve: sent.resolve }) };
    try {
      const ticket = await api.act(sent.ticket, sent.kind, body);
      this.#forget(sent);
      this.#host.changed(ticket);
      if (sent.resolve) toasts.say(words.say("done_resolve", ticket));
    } catch (error) {
      sent.failed = words.has(error.slug) ? error.slug : "failed";
      this.#host.drawn();
      if (error.slug === "signed-out") this.#host.fail(error);
    }
  }

  #forget(sent) {
    this.#sent = this.#sent.filter((each) => each !== sent);
  }
}
