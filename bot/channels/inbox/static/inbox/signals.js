// How many wait, where one sees it from another tab: the title, and notifications if wanted.

const KEY = "firstline-inbox:notify";

export class Signals {
  #words;

  constructor(words) {
    this.#words = words;
  }

  count(waiting) {
    const name = `${this.#words.say("inbox")} · Firstline`;
    document.title = waiting ? `(${waiting > 99 ? "99+" : waiting}) ${name}` : name;
  }

  get on() {
    return globalThis.Notification?.permission === "granted" && read() === "on";
  }

  // What came of it: "on", "off" or "denied".
  async toggle() {
    if (this.on) return keep("off");
    const permission = await globalThis.Notification?.requestPermission();
    return permission === "granted" ? keep("on") : "denied";
  }

  // Only to somebody who looks elsewhere; never with a customer's words.
  tell(text, onclick) {
    if (!this.on || (document.visibilityState === "visible" && document.hasFocus())) return;
    const notification = new Notification("Firstline", { body: text, tag: text });
    notification.onclick = () => {
      focus();
      notification.close();
      onclick?.();
    };
  }
}

function read() {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}

function keep(state) {
  try {
    localStorage.setItem(KEY, state);
  } catch {
    // Then it is asked anew next time.
  }
  return state;
}
