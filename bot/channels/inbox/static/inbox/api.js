// The inbox's HTTP interface: JSON in and out, problems as errors, news as events.

import { ProblemError } from "../../../widget/client.js";
import { readEvents } from "../../../widget/stream.js";

const ROOT = new URL("../../../", import.meta.url); // where the server stands, below any prefix
const API = new URL("inbox/api/", ROOT);
const TIMEOUT_MS = 20_000;
const SAFE = new Set(["GET", "HEAD"]);

export class Api {
  #csrf = "";
  #agent = null; // the id of whoever this page is for

  // The address of an article or a citation; null where it leads nowhere on the web.
  resolve(url) {
    try {
      const address = new URL(url, ROOT);
      return ["http:", "https:"].includes(address.protocol) ? address.href : null;
    } catch {
      return null;
    }
  }

  // Only articles of this very server.
  article(url) {
    const address = this.resolve(url);
    return address?.startsWith(new URL("kb/", ROOT).href) ? address : null;
  }

  get signIn() {
    const next = location.pathname + location.search;
    return new URL(`inbox/sign-in?next=${encodeURIComponent(next)}`, ROOT).href;
  }

  home(path) {
    return new URL(path, ROOT).href;
  }

  page(name) {
    return new URL(`inbox/${name}`, ROOT).href;
  }

  async me() {
    const me = await this.#ask("GET", "me");
    this.#agent ??= me.id;
    if (me.id !== this.#agent) throw new ProblemError("signed-out"); // another agent, in another tab
    this.#csrf = me.csrf ?? "";
    return me;
  }

  agents() { return this.#ask("GET", "agents"); }
  queue(view, search) { return this.#ask("GET", `queue?${new URLSearchParams({ view, search })}`); }
  ticket(id) { return this.#ask("GET", `tickets/${encodeURIComponent(id)}`); }
  talks() { return this.#ask("GET", "conversations"); }
  talk(id) { return this.#ask("GET", `conversations/${encodeURIComponent(id)}`); }
  takeOver(id) { return this.#ask("POST", `conversations/${encodeURIComponent(id)}/take-over`, {}); }
  label(customer, changes) { return this.#ask("POST", `customers/${encodeURIComponent(customer)}/labels`, changes); }
  customer(id) { return this.#ask("GET", `customers/${encodeURIComponent(id)}`); }
  canned(locale) { return this.#ask("GET", `canned?locale=${locale}`); }
  deadLetters() { return this.#ask("GET", "outbox/dead"); }
  deadEvents() { return this.#ask("GET", "inbound/dead"); }
  replay(key) { return this.#ask("POST", `outbox/${encodeURIComponent(key)}/replay`, {}); }
  replayEvent({ channel, key }) { return this.#ask("POST", "inbound/replay", { channel, key }); }
  signOut() { return this.#ask("POST", "sign-out", {}); }
  profile(changes) { return this.#ask("POST", "account/profile", changes); }

  // `action` is one of claim, assign, reply, note, snooze, wake, resolve, reopen, return,
  // prioritise, merge, typing, attend, leave, wrong.
  act(ticket, action, body = {}) {
    return this.#ask("POST", `tickets/${encodeURIComponent(ticket)}/${action}`, body);
  }

  // Everything after the event `lastId`; ends when the server ends it.
  async *follow(lastId, signal) {
    const headers = { Accept: "text/event-stream", ...(lastId && { "Last-Event-ID": lastId }) };
    const response = await this.#fetch("events", { headers, signal });
    yield* readEvents(response.body);
  }

  // Once more where the agent has signed in anew, in another tab.
  async #ask(method, path, body) {
    try {
      return await this.#send(method, path, body);
    } catch (error) {
      if (error.slug !== "forgery-refused") throw error;
      await this.me();
      return this.#send(method, path, body);
    }
  }

  async #send(method, path, body) {
    const late = AbortSignal.timeout(TIMEOUT_MS);
    const headers = { Accept: "application/json" };
    if (!SAFE.has(method)) headers["X-CSRF-Token"] = this.#csrf;
    if (body !== undefined) headers["Content-Type"] = "application/json";
    const sent = body === undefined ? {} : { body: JSON.stringify(body) };
    const response = await this.#fetch(path, { method, headers, signal: late, ...sent });
    return response.status === 204 ? null : response.json();
  }

  async #fetch(path, options) {
    let response;
    try {
      response = await fetch(new URL(path, API), { ...options, credentials: "same-origin" });
    } catch (error) {
      if (options.signal?.aborted && error.name === "AbortError") throw error;
      throw new ProblemError("offline");
    }
    if (response.ok) return response;
    const problem = await response.json().catch(() => ({}));
    const slug = String(problem.type ?? "").split("/").pop();
    if (response.status === 401) throw new ProblemError("signed-out");
    throw new ProblemError(slug || (response.status >= 502 ? "offline" : "failed"), {
      reason: problem.reason ?? problem.assignee,
      retryAfterS: Number(response.headers.get("Retry-After")) || 0,
    });
  }
}
