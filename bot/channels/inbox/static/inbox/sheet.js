// Dialogs: a question to confirm, a small form, the help about keys.

import { element } from "../../../widget/dom.js";

export function isSheetOpen() {
  return document.querySelector("dialog[open]") !== null;
}

// `body` are nodes of a form; resolves to its values, or null when it was left.
export function ask({ title, body = [], submit, danger = false }, words) {
  return new Promise((resolve) => {
    const heading = element("h2", { id: "sheet-title" }, [title]);
    const cancel = element("button", { type: "button", className: "button", onclick: () => dialog.close() }, [words.say("cancel")]);
    const confirm = element("button", { type: "submit", className: `button primary${danger ? " danger" : ""}` }, [submit]);
    let values = null;
    const form = element("form", {
      onsubmit: (event) => {
        event.preventDefault();
        values = Object.fromEntries(new FormData(form));
        dialog.close();
      },
    }, [heading, ...body, element("footer", {}, [cancel, confirm])]);
    const dialog = show(form, () => resolve(values));
    (form.querySelector("input, textarea") ?? confirm).focus();
  });
}

// `groups` are rows of [keys, words]; keys that are all pressed stand in one string.
export function showKeys(rows, words) {
  const lines = rows.flatMap(([keys, name]) => [
    element("dt", {}, [words.say(name)]),
    element("dd", {}, keys.map((key) => (words.has(key) ? element("span", { className: "muted" }, [words.say(key)]) : element("kbd", {}, [key])))),
  ]);
  const close = element("button", { type: "button", className: "button", onclick: () => dialog.close() }, [words.say("close")]);
  const dialog = show(element("div", {}, [
    element("h2", { id: "sheet-title" }, [words.say("help")]),
    element("dl", { className: "keys" }, lines),
    element("footer", {}, [close]),
  ]));
  close.focus();
}

function show(content, closed = () => {}) {
  const dialog = element("dialog", {
    className: "sheet", "aria-labelledby": "sheet-title",
    onclose: () => { dialog.remove(); closed(); },
    onclick: (event) => { if (event.target === dialog) dialog.close(); },
    onkeydown: (event) => event.stopPropagation(),
  }, [element("div", { className: "page" }, [content])]);
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

export function field(label, control) {
  return element("label", { className: "field" }, [element("span", {}, [label]), control]);
}
