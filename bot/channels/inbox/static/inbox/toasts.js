// Short words about what has just happened, with at most one thing to do about it.

import { element } from "../../../widget/dom.js";

const SHOWN_MS = 6000;

export class Toasts {
  node = element("div", { className: "toasts", role: "status", "aria-live": "polite" });

  // `action` is [label, run].
  say(text, { kind = "", action = null, ms = SHOWN_MS } = {}) {
    const parts = [element("span", {}, [text])];
    if (action) {
      const [label, run] = action;
      const onclick = () => { toast.remove(); run(); };
      parts.push(element("button", { type: "button", className: "button plain", onclick }, [label]));
    }
    const toast = element("div", { className: `toast ${kind}` }, parts);
    this.node.append(toast);
    while (this.node.childElementCount > 3) this.node.firstChild.remove();
    if (ms) setTimeout(() => toast.remove(), ms);
    return toast;
  }
}
