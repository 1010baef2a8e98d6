// The conversation as it is shown. Only finished messages enter the log, which is read out; the
// reply that is still being written stands below it, unheard.

import { element } from "./dom.js";
import { choice, choiceRow, draftBody, messageNode, replyNode } from "./message.js";
import { linksIn, renderMarkdown } from "./markdown.js";

const NEAR_END_PX = 120;

export class Transcript {
  #actions;
  #log;
  #draft = element("div", { className: "draft", inert: true });
  #stage = element("p", { className: "stage", role: "status" });
  #attempt = null; // at the turn, as its event ids name it
  #text = "";
  #frame = 0;
  #own = null; // message of the turn at work, as the customer wrote it

  constructor(actions) {
    const label = { label: "log" };
    this.#actions = actions;
    this.#log = element("div", { className: "log", role: "log", data: label });
    this.node = element("div", { className: "transcript" }, [this.#log, this.#draft, this.#stage]);
  }

  get #words() {
    return this.#actions.words;
  }

  // Nothing was said yet.
  get isFresh() {
    return !this.#log.querySelector(".customer, .bot ~ .bot, .agent");
  }

  clear() {
    this.#log.replaceChildren();
    this.end();
  }

  // With questions to begin with while nothing was asked.
  greet(text, fresh) {
    if (!text) return;
    const node = messageNode("bot", [renderMarkdown(text)], this.#actions);
    const questions = fresh ? this.#actions.questions() : [];
    const buttons = questions.map((each) => choice(each, () => this.#actions.send(each)));
    if (buttons.length) node.append(choiceRow(buttons));
    this.#add(node);
  }

  // History is shown, not read out.
  restore(messages) {
    this.#log.ariaLive = "off";
    const last = messages.at(-1);
    for (const message of messages) this.#add(this.#recorded(message, message === last));
    setTimeout(() => { this.#log.ariaLive = "polite"; });
    this.#scroll();
  }

  arrive(message) {
    const follow = this.#isNearEnd;
    this.#add(this.#recorded(message, true));
    if (follow) this.#scroll(true);
  }

  #recorded({ author, text, reply, feedback, agent_name: agent }, live) {
    if (author === "system") return noteNode([text]);
    if (author === "bot" && reply) return replyNode(reply, this.#actions, { live, feedback });
    // An agent's links lead to articles; whatever else is written as a link stays a text.
    const links = linksIn(text, (url) => this.#actions.resolve(url, "kb/"));
    const body = author === "customer" ? text : renderMarkdown(text, { links });
    return messageNode(author, [body], this.#actions, agent);
  }

  note(key) {
    const words = element("p", { data: { word: key } }, [this.#words.say(key)]);
    this.#add(noteNode([words]));
  }

  // A turn: begun with the customer's message unless that stands there already.
  begin(message) {
    this.recover(message !== null);
    for (const spent of this.#log.querySelectorAll(".message > .choices")) spent.remove();
    if (message) {
      const text = message.text ?? this.#words.say("request");
      this.#own = messageNode("customer", [text], this.#actions);
      this.#add(this.#own);
    }
    this.stage("connecting");
    this.#scroll();
  }

  progress({ id, name, data }) {
    const attempt = id?.split(".")[0];
    if (attempt !== this.#attempt) this.#text = ""; // begun again: what came before is void
    this.#attempt = attempt;
    if (name === "status") this.stage(data.stage);
    if (name === "delta") this.#text += data.text;
    if (name === "delta") this.#frame ||= requestAnimationFrame(() => this.#draw());
  }

  #draw() {
    this.#frame = 0;
    const follow = this.#isNearEnd;
    if (!this.#draft.firstChild) this.#draft.append(messageNode("bot", [], this.#actions));
    this.#draft.firstChild.lastChild.replaceChildren(draftBody(this.#text));
    if (follow) this.#scroll();
  }

  finish(reply) {
    const follow = this.#isNearEnd;
    this.end();
    if (reply.text) this.#add(replyNode(reply, this.#actions, { live: true }));
    else this.note("silent");
    if (follow) this.#scroll();
  }

  end() {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    this.#text = "";
    this.#attempt = null;
    this.#draft.replaceChildren();
    this.stage(null);
  }

  stage(key) {
    if (key) this.#stage.dataset.word = key;
    else delete this.#stage.dataset.word;
    this.#stage.textContent = key ? this.#words.say(key) : "";
  }

  fail(slug, seconds, retry) {
    const key = this.#words.has(slug) ? slug : "failed";
    const text = element("p", {}, [this.#words.say(key, { s: seconds })]);
    const label = [this.#words.say("retry")];
    const button = element("button", { type: "button", className: "retry", onclick: retry }, label);
    if (slug !== "origin-refused") {
      button.disabled = seconds > 0;
      setTimeout(() => { button.disabled = false; }, seconds * 1000);
      text.append(" ", button);
    }
    this.#add(element("div", { className: "failure", role: "alert" }, [text]));
    this.#scroll();
  }

  // Failures go; a message that was given up for another one says that it was not sent.
  recover(givenUp = false) {
    const failures = this.#log.querySelectorAll(".failure");
    for (const node of failures) node.remove();
    if (givenUp && failures.length && this.#own) {
      const mark = { className: "unsent", data: { word: "unsent" } };
      this.#own.append(element("span", mark, [this.#words.say("unsent")]));
    }
  }

  #add(node) {
    this.#log.append(node);
  }

  get #isNearEnd() {
    const { scrollHeight, scrollTop, clientHeight } = this.node;
    return scrollHeight - scrollTop - clientHeight < NEAR_END_PX;
  }

  // As far as the end, but never past the latest question: a long answer is read from its start.
  #scroll(toEnd = false) {
    const question = toEnd ? null : [...this.#log.querySelectorAll(".customer")].at(-1);
    const end = this.node.scrollHeight - this.node.clientHeight;
    this.node.scrollTop = question ? Math.min(end, question.offsetTop - 12) : end;
  }
}

// What happened, said by nobody.
function noteNode(children) {
  return element("div", { className: "note" }, children);
}
