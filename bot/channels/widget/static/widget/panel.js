// The dialog beside the page, on phones a sheet over it.

import { Composer } from "./composer.js";
import { Conversation } from "./conversation.js";
import { element, icon } from "./dom.js";
import { Transcript } from "./transcript.js";
import { LANGUAGE_TAGS } from "./words.js";

const SHEET = "(max-width: 40em), (max-height: 30em)";
const WITH_A_PERSON = ["ticket", "typing", "presence", "survey"]; // events that need more than this

export class Panel {
  #options;
  #words;
  #memory;
  #conversation;
  #composer;
  #transcript;
  #title;
  #sheet = matchMedia(SHEET);
  #support = null; // the promise of what comes with a person
  #lock = new CSSStyleSheet(); // of the page behind a sheet
  #presented = false; // unlike the attribute, the same through a change of shape

  // Options are {words, client, memory, name, questions(), toggled(open), worded(), notify(),
  // announce(name, data)}.
  constructor(options) {
    this.#options = options;
    this.#words = options.words;
    this.#memory = options.memory;
    this.#lock.replaceSync("html { overflow: hidden !important; }");
    this.#transcript = this.#buildTranscript();
    this.#composer = new Composer(this.#words, {
      send: (text) => this.#conversation.send(text),
      typed: (typed) => {
        this.#memory.keep({ typed });
        if (typed) this.#support?.then((support) => support?.typed());
      },
    });
    this.#conversation = this.#buildConversation();
    this.node = this.#build();
    this.#sheet.addEventListener("change", () => this.isOpen && this.#present());
    for (const change of ["resize", "scroll"]) {
      window.visualViewport?.addEventListener(change, () => this.#fit());
    }
    this.#composer.text = this.#memory.state.typed ?? "";
    this.#applyWords();
  }

  get isOpen() {
    return this.node.open;
  }

  open({ focus = true } = {}) {
    if (!this.isOpen) {
      this.#present();
      this.#memory.keep({ open: true });
      this.#options.toggled(true);
      this.#composer.fit();
    }
    if (focus) this.#focus();
    return this.#conversation.open();
  }

  // As it was before the page was left; a sheet would hide the page that was asked for.
  restore() {
    if (this.#memory.state.open && !this.#sheet.matches) this.open({ focus: false });
  }

  close() {
    if (!this.#presented) return;
    this.#memory.keep({ open: false });
    this.#hide();
  }

  async ask(text) {
    await this.open();
    return this.#conversation.send(text);
  }

  identify(identity) {
    return this.#conversation.identify(identity);
  }

  // Taken off the page; put back, it is as it was.
  leave() {
    this.#hide();
    this.#conversation.leave();
  }

  set locale(locale) {
    this.#words.locale = locale;
    this.#memory.keep({ locale });
    this.#applyWords();
    if (!this.#transcript.isFresh) return;
    // Nothing was said yet: the greeting may as well be in the chosen language.
    if (this.isOpen) this.#conversation.begin();
    else this.#conversation.forget();
  }

  #buildTranscript() {
    return new Transcript({
      words: this.#words,
      questions: this.#options.questions,
      resolve: (url, folder) => this.#options.client.resolve(url, folder),
      send: (text) => this.#answerChoice(() => this.#conversation.send(text)),
      askForPerson: () => this.#askForPerson(),
      rate: (...given) => this.#conversation.rate(...given),
    });
  }

  #buildConversation() {
    return new Conversation({
      client: this.#options.client,
      memory: this.#memory,
      transcript: this.#transcript,
      host: {
        locale: () => this.#words.locale,
        work: (busy) => { this.#composer.busy = busy; },
        attend: (name, data) => this.#attend(name, data),
        suggest: (text) => { this.#composer.text ||= text; },
        notify: this.#options.notify,
        announce: this.#options.announce,
      },
    });
  }

  #build() {
    this.#title = element("h2", { id: "title" }, this.#options.name ? [this.#options.name] : []);
    if (!this.#options.name) this.#title.dataset.word = "name";
    return element("dialog", {
      className: "panel", tabIndex: -1, "aria-labelledby": "title assistant",
      oncancel: (event) => { event.preventDefault(); this.close(); },
      onclose: () => this.node.open || this.close(),
      onkeydown: (event) => this.#key(event),
    }, [this.#buildHeader(), this.#transcript.node, this.#buildFooter()]);
  }

  #buildHeader() {
    const assistant = { id: "assistant", className: "assistant", data: { word: "assistant" } };
    const names = [this.#title, element("p", assistant)];
    const language = { type: "button", className: "language", data: { label: "language" } };
    return element("header", {}, [
      element("div", { className: "avatar" }, [icon("chat")]),
      element("div", { className: "names" }, names),
      element("button", { ...language, onclick: () => this.#switchLanguage() }),
      this.#control("restart", "restart", () => this.#restart()),
      this.#control("close", "down", () => this.close()),
    ]);
  }

  #attend(name, data) {
    if (WITH_A_PERSON.includes(name)) this.#support ??= this.#loadSupport();
    this.#support?.then((support) => support?.take(name, data));
  }

  // Null where it cannot be loaded: the conversation goes on, and the next event tries again.
  async #loadSupport() {
    try {
      const { Support } = await import(this.#options.client.resolve("widget-support.js"));
      const support = new Support({
        words: this.#words, send: (...given) => this.#conversation.act(...given),
      });
      this.node.lastChild.before(...support.nodes);
      this.node.getRootNode().adoptedStyleSheets.push(support.styles);
      return support;
    } catch {
      this.#support = null;
      return null;
    }
  }

  #buildFooter() {
    const person = { type: "button", className: "person", onclick: () => this.#askForPerson() };
    return element("footer", {}, [
      this.#composer.node,
      element("div", { className: "below" }, [
        element("button", person, [icon("person"), element("span", { data: { word: "person" } })]),
        element("p", { data: { word: "note" } }),
      ]),
    ]);
  }

  #control(name, picture, onclick) {
    const data = { label: name, title: name };
    return element("button", { type: "button", className: "control", data, onclick }, [icon(picture)]);
  }

  #applyWords() {
    this.node.lang = LANGUAGE_TAGS[this.#words.locale];
    this.#words.apply(this.node);
    const other = this.#words.locale === "zh" ? "en" : "zh";
    const button = this.node.querySelector(".language");
    button.textContent = other === "zh" ? "中文" : "EN";
    button.lang = LANGUAGE_TAGS[other];
    this.#composer.fit();
    this.#support?.then((support) => support?.draw());
    this.#options.worded();
  }

  #switchLanguage() {
    this.locale = this.#words.locale === "zh" ? "en" : "zh";
  }

  async #restart() {
    await this.#conversation.begin();
    this.#focus();
  }

  #askForPerson() {
    return this.#answerChoice(() => this.#conversation.askForPerson());
  }

  // The button that was pressed goes away; whoever uses a keyboard stays where the answer comes.
  #answerChoice(answer) {
    this.#focus();
    return answer();
  }

  #present() {
    this.#presented = true;
    if (this.node.open) this.node.close();
    const pages = document.adoptedStyleSheets.filter((sheet) => sheet !== this.#lock);
    if (this.#sheet.matches) {
      this.node.showModal();
      pages.push(this.#lock);
    } else {
      this.node.show();
    }
    document.adoptedStyleSheets = pages;
    this.#fit();
  }

  #hide() {
    if (!this.#presented) return;
    this.#presented = false;
    this.node.close();
    document.adoptedStyleSheets = document.adoptedStyleSheets.filter((s) => s !== this.#lock);
    this.#options.toggled(false);
  }

  // Over a page whose keyboard is up, the sheet covers what is still seen.
  #fit() {
    const { height, offsetTop } = window.visualViewport ?? { height: innerHeight, offsetTop: 0 };
    this.node.style.setProperty("--seen-height", `${height}px`);
    this.node.style.setProperty("--seen-top", `${offsetTop}px`);
  }

  // Where touch is the pointer, focus in the text would raise the keyboard over the conversation.
  #focus() {
    if (matchMedia("(pointer: coarse)").matches) this.node.focus();
    else this.#composer.focus();
  }

  #key(event) {
    if (event.key !== "Escape" || event.isComposing || event.defaultPrevented) return;
    event.preventDefault();
    this.close();
  }
}
