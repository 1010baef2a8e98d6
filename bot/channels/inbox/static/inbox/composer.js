// Where an agent writes: a reply to the customer or a note for the others.

import { element } from "../../../widget/dom.js";
import { icon } from "./icons.js";
import { sourceList } from "./lines.js";
import { customerName } from "./people.js";

const LONGEST = 4000; // characters
const TYPING_MS = 3000;

export class Composer {
  #tools;
  #host;
  #drafts;
  #ticket = null;
  #kind = "reply";
  #typedAt = 0;
  #tabs = {};
  #parts = {};

  // The host is {send(kind, text, resolve), typing(), canned(button), reopen()}.
  constructor(tools, drafts, host) {
    this.#tools = tools;
    this.#drafts = drafts;
    this.#host = host;
    // The text keeps the focus: it is higher while it has it, and no button may move from under
    // the pointer that presses it.
    const onmousedown = (event) => { if (event.target.closest("button")) event.preventDefault(); };
    this.node = element("section", { className: "composer", onmousedown }, [this.#head(), this.#banner(), this.#area(), this.#foot(), this.#closed()]);
  }

  #head() {
    const { words } = this.#tools;
    for (const kind of ["reply", "note"]) {
      this.#tabs[kind] = element("button", {
        type: "button", className: "tab", "aria-pressed": "false", title: kind === "reply" ? "R" : "N",
        onclick: () => this.focus(kind),
      }, [icon(kind), words.say(kind)]);
    }
    return element("div", { className: "kinds" }, Object.values(this.#tabs));
  }

  #banner() {
    const { words } = this.#tools;
    const drop = element("button", { type: "button", className: "button plain", onclick: () => this.#dropDraft() }, [words.say("draftDrop")]);
    this.#parts.sources = element("div", {});
    this.#parts.banner = element("div", { className: "suggested", hidden: true }, [icon("draft"), element("span", {}, [words.say("draft")]), drop, this.#parts.sources]);
    return this.#parts.banner;
  }

  #area() {
    this.#parts.text = element("textarea", {
      rows: 2, oninput: () => this.#typed(), onkeydown: (event) => this.#key(event),
    });
    return this.#parts.text;
  }

  #foot() {
    const { words } = this.#tools;
    const canned = element("button", {
      type: "button", className: "button plain", "aria-haspopup": "menu", "aria-expanded": "false", title: `${words.say("canned")} (;)`, "aria-label": words.say("canned"),
      onclick: () => this.#host.canned(canned),
    }, [icon("canned"), element("span", {}, [words.say("canned")])]);
    const use = element("button", { type: "button", className: "button plain", hidden: true, title: words.say("draftUse"), "aria-label": words.say("draftUse"), onclick: () => this.#useDraft() }, [icon("draft"), element("span", {}, [words.say("draftUse")])]);
    const left = element("span", { className: "left", role: "status" });
    const resolve = element("button", { type: "button", className: "button both", title: "Ctrl Shift Enter", onclick: () => this.#send(true) }, [words.say("sendResolve")]);
    const send = element("button", { type: "button", className: "button primary", title: "Ctrl Enter", onclick: () => this.#send(false) }, [words.say("send")]);
    Object.assign(this.#parts, { canned, use, left, resolve, send });
    return element("div", { className: "foot" }, [canned, use, element("span", { className: "space" }), left, resolve, send]);
  }

  #closed() {
    const { words } = this.#tools;
    this.#parts.state = element("span", {});
    const reopen = element("button", { type: "button", className: "button", onclick: () => this.#host.reopen() }, [words.say("reopen")]);
    this.#parts.reopen = reopen;
    this.#parts.closed = element("div", { className: "closed", hidden: true }, [this.#parts.state, reopen]);
    return this.#parts.closed;
  }

  show(ticket) {
    const isNew = this.#ticket?.id !== ticket.id;
    this.#ticket = ticket;
    const { words } = this.#tools;
    const active = ["open", "snoozed"].includes(ticket.state);
    this.#parts.closed.hidden = active;
    this.#parts.state.textContent = `${words.say("overTicket", { state: words.say(`state_${ticket.state}`) })} ${ticket.state === "resolved" ? words.say("overHelp") : ""}`;
    this.#parts.reopen.hidden = ticket.state !== "resolved";
    this.#tabs.reply.disabled = !active;
    if (isNew) this.#kind = active ? "reply" : "note";
    else if (!active && this.#kind === "reply" && !this.#parts.text.value) this.#kind = "note";
    if (isNew) this.#fill();
    this.#draw();
  }

  // What was kept, else the suggested draft while no agent has answered.
  #fill() {
    const { id, packet, messages } = this.#ticket;
    const kept = this.#drafts.get(id, this.#kind);
    const answered = messages.some(({ author }) => author === "agent");
    const fresh = this.#kind === "reply" && kept === null && !answered && packet.draft.text;
    this.#parts.text.value = fresh ? this.#suggestion() : (kept ?? "");
    this.#draw();
  }

  // Its sources become links that the customer can follow.
  #suggestion() {
    const { text, citations } = this.#ticket.packet.draft;
    const links = citations.map(({ title, url }) => [title, this.#tools.api.resolve(url)]).filter(([, url]) => url);
    const list = links.map(([title, url]) => `- [${title.replace(/[[\]]/g, " ")}](${url})`);
    return [text.replace(/\s?\[\d{1,2}\]/g, ""), list.join("\n")].filter(Boolean).join("\n\n");
  }

  #useDraft() {
    this.#parts.text.value = [this.#parts.text.value.trim(), this.#suggestion()].filter(Boolean).join("\n\n");
    this.#keep();
    this.focus("reply");
  }

  #dropDraft() {
    this.#parts.text.value = "";
    this.#keep();
    this.focus("reply");
  }

  focus(kind = this.#kind) {
    if (this.#tabs[kind].disabled) return;
    if (kind !== this.#kind) {
      this.#kind = kind;
      this.#fill();
    }
    this.#draw();
    const { text } = this.#parts;
    text.focus();
    text.setSelectionRange(text.value.length, text.value.length);
  }

  // At the cursor, as words of their own.
  insert(text) {
    if (this.#kind !== "reply") this.focus("reply");
    const area = this.#parts.text;
    const before = area.value.slice(0, area.selectionStart).trimEnd();
    const after = area.value.slice(area.selectionEnd).trimStart();
    const gap = text.includes("\n") || /[.!?。！？]$/.test(before) ? "\n\n" : " ";
    const start = [before, text].filter(Boolean).join(before ? gap : "");
    area.value = [start, after].filter(Boolean).join(gap);
    area.focus();
    area.setSelectionRange(start.length, start.length);
    this.#typed();
  }

  restore(kind, text) {
    this.focus(kind);
    this.#parts.text.value = [text, this.#parts.text.value].filter(Boolean).join("\n\n");
    this.#keep();
  }

  #typed() {
    this.#keep();
    const now = Date.now();
    if (this.#kind !== "reply" || now - this.#typedAt < TYPING_MS) return;
    this.#typedAt = now;
    this.#host.typing();
  }

  #keep() {
    this.#drafts.keep(this.#ticket.id, this.#kind, this.#parts.text.value);
    this.#draw();
  }

  #draw() {
    const { words } = this.#tools;
    const { text, banner, use, send, resolve, canned, left, sources } = this.#parts;
    const note = this.#kind === "note";
    const { draft } = this.#ticket.packet;
    const name = customerName(this.#ticket.customer, words);
    const suggested = !note && Boolean(draft.text) && text.value === this.#suggestion();
    this.node.classList.toggle("noting", note);
    for (const [kind, tab] of Object.entries(this.#tabs)) tab.setAttribute("aria-pressed", String(kind === this.#kind));
    text.placeholder = note ? words.say("noteHint") : words.say("replyHint", { name });
    text.setAttribute("aria-label", text.placeholder);
    banner.hidden = !suggested;
    sources.replaceChildren(...(suggested && draft.citations.length ? [sourceList(draft.citations, this.#tools)] : []));
    use.hidden = note || suggested || !draft.text;
    canned.hidden = note;
    resolve.hidden = note;
    send.textContent = words.say(note ? "addNote" : "send");
    const over = text.value.length - LONGEST;
    left.textContent = over > 0 ? words.say("tooLong", { n: over }) : "";
    const blocked = over > 0 || !text.value.trim();
    for (const button of [send, resolve]) button.setAttribute("aria-disabled", String(blocked));
  }

  #key(event) {
    if (event.isComposing) return;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      this.#send(event.shiftKey && this.#kind === "reply");
    } else if (event.key === "Escape") {
      event.preventDefault();
      this.#parts.text.blur();
    }
    event.stopPropagation();
  }

  #send(resolve) {
    const text = this.#parts.text.value.trim();
    if (!text || text.length > LONGEST) return this.#parts.text.focus();
    this.#parts.text.value = "";
    this.#keep();
    this.#typedAt = 0;
    this.#host.send(this.#kind, text, resolve);
  }
}
