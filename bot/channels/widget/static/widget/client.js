// Firstline's HTTP interface: problems as errors, turns as events, cut connections resumed.

import { backoffMs, pause, readEvents } from "./stream.js";

const RESUMES = 4;
const RESUME_MS = 500;
const TIMEOUT_MS = 30_000; // until a response begins
const GATEWAY_STATUSES = [502, 503, 504]; // of a proxy, while a server starts anew

export class ProblemError extends Error {
  constructor(slug, { reason = null, retryAfterS = 0 } = {}) {
    super(slug);
    this.slug = slug;
    this.reason = reason;
    this.retryAfterS = retryAfterS;
  }
}

// A session is {conversation, token}.
export class Client {
  #server;

  constructor(server) {
    this.#server = server;
  }

  // The address behind a citation, null unless it is one of the web; with `folder` only one below
  // it on this server.
  resolve(url, folder) {
    try {
      const { href } = new URL(url, this.#server);
      const fits = folder ? href.startsWith(this.#server + folder) : /^https?:/.test(href);
      return fits ? href : null;
    } catch {
      return null;
    }
  }

  async start(locale, identity) {
    const { timeZone: timezone } = new Intl.DateTimeFormat().resolvedOptions();
    // What follows the path may be nobody else's business.
    const page = location.href.split("?")[0].split("#")[0];
    return (await this.#post("v1/conversations", { locale, identity, timezone, page })).json();
  }

  async identify({ conversation, token }, identity) {
    const path = `v1/conversations/${conversation}/identify`;
    return (await this.#post(path, { identity }, { token })).json();
  }

  async show({ conversation, token }) {
    return (await this.#request(`v1/conversations/${conversation}`, { token })).json();
  }

  async act({ conversation, token }, path, body) {
    await this.#post(`v1/conversations/${conversation}/${path}`, body, { token });
  }

  async rate({ token }, message, rating, comment) {
    await this.#post(`v1/messages/${message}/feedback`, { rating, comment }, { token });
  }

  // Everything after the message `lastId`, as events; ends when the server ends it.
  async *follow({ conversation, token }, lastId, signal) {
    const headers = { Accept: "text/event-stream", ...(lastId && { "Last-Event-ID": lastId }) };
    const path = `v1/conversations/${conversation}/events`;
    yield* readEvents((await this.#request(path, { token, headers, signal })).body);
  }

  // Events of one turn. A message without a text asks for a person. A cut connection is taken up
  // where it ended; the key makes sure that nothing happens twice.
  async *turn({ conversation, token }, { text, key }, signal) {
    const route = text === null ? "handoff" : "messages";
    const path = `v1/conversations/${conversation}/${route}`;
    const body = { client_message_id: key, ...(text !== null && { text }) };
    let lastId = null;
    for (let attempt = 0; ; attempt++) {
      try {
        const headers = { Accept: "text/event-stream", ...(lastId && { "Last-Event-ID": lastId }) };
        const response = await this.#post(path, body, { token, headers, signal });
        for await (const event of turnEvents(response)) {
          lastId = event.id ?? lastId;
          if (event.name === "error") throw new ProblemError("failed");
          if (event.name === "done") return;
          if (event.name) yield event;
        }
      } catch (error) {
        const cut = !(error instanceof ProblemError) || error.slug === "offline";
        if (!cut || signal.aborted) throw error;
      }
      if (attempt >= RESUMES || !navigator.onLine) throw new ProblemError("offline");
      await pause(backoffMs(attempt, RESUME_MS), signal);
      if (signal.aborted) throw new ProblemError("offline");
    }
  }

  #post(path, body, { headers = {}, ...options } = {}) {
    return this.#request(path, {
      ...options,
      method: "POST",
      headers: { "Content-Type": "application/json", ...headers },
      body: JSON.stringify(body),
    });
  }

  async #request(path, { token, headers = {}, signal, ...options } = {}) {
    const authorization = token ? { Authorization: `Bearer ${token}` } : {};
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(), TIMEOUT_MS);
    let response;
    try {
      response = await fetch(new URL(path, this.#server), {
        ...options,
        headers: { ...headers, ...authorization },
        credentials: "omit",
        signal: signal ? AbortSignal.any([signal, late.signal]) : late.signal,
      });
    } catch {
      throw new ProblemError("offline");
    } finally {
      clearTimeout(timer);
    }
    if (response.ok) return response;
    throw await problemOf(response);
  }
}

async function* turnEvents(response) {
  if (response.headers.get("Content-Type")?.startsWith("application/json")) {
    yield { id: null, name: "reply", data: await response.json() };
    yield { id: null, name: "done" };
  } else {
    yield* readEvents(response.body);
  }
}

async function problemOf(response) {
  const problem = await response.json().catch(() => ({}));
  const unsaid = GATEWAY_STATUSES.includes(response.status) ? "offline" : "failed";
  const slug = String(problem.type ?? "").split("/").pop() || unsaid;
  const retryAfterS = Number(response.headers.get("Retry-After")) || 0;
  return new ProblemError(slug, { reason: problem.reason, retryAfterS });
}
