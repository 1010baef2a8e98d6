// What every signed-in page stands in: the bar on top, the content below it.

import { call, keepCsrf, request, SIGN_IN } from "./api.js";
import { button, element, field, notice, tell } from "./dom.js";
import { otherLocale, say, sayError } from "./words.js";

// Gives {me, main}: who is signed in, and where the page's content goes.
export async function openPage(title) {
  const me = await call("/inbox/api/me");
  keepCsrf(me.csrf);
  document.title = `${title} · ${say("product")}`;
  const main = element("main", { id: "main", tabIndex: -1 });
  document.body.append(skipLink(), bar(me), main);
  return { me, main };
}

export function brand() {
  const mark = element("img", { src: "/inbox/static/icon.svg", width: 22, height: 22, alt: "" });
  return element("span", { className: "brand" }, [mark, say("product")]);
}

function skipLink() {
  return element("a", { className: "skip", href: "#main" }, [say("skip")]);
}

function bar(me) {
  const links = [["/inbox", "queue"]];
  if (me.role === "admin") links.push(["/inbox/agents", "agents"]);
  const nav = element(
    "nav",
    { "aria-label": say("navigation") },
    links.map(([href, name]) => link(href, say(name))),
  );
  return element("header", { className: "bar" }, [
    brand(),
    nav,
    element("div", { className: "own" }, [
      button(say("otherLanguage"), {
        className: "quiet",
        lang: otherLocale,
        onclick: changeLanguage,
      }),
      link("/inbox/account", me.name, say("account")),
      button(say("signOut"), { className: "quiet", onclick: signOut }),
    ]),
  ]);
}

function link(href, text, title = "") {
  const node = element("a", { href, title }, [text]);
  if (location.pathname === href) node.setAttribute("aria-current", "page");
  return node;
}

async function changeLanguage() {
  await call("/inbox/api/account/profile", { locale: otherLocale });
  location.reload();
}

async function signOut() {
  await call("/inbox/api/sign-out", {});
  location.assign(SIGN_IN);
}

export function section(title, text, children) {
  const head = [element("h2", {}, [title])];
  if (text) head.push(element("p", { className: "lead" }, [text]));
  return element("section", { className: "card" }, [...head, ...children]);
}

// A form that sends its values with `send`; a refusal is said below it and the focus stays.
export function form(fields, label, send, special = {}) {
  const said = notice();
  const submit = button(label, { type: "submit", className: "primary" });
  const buttons = element("div", { className: "buttons" }, [submit]);
  const node = element("form", {}, [...fields, said, buttons]);
  node.addEventListener("submit", async (event) => {
    event.preventDefault();
    submit.disabled = true;
    tell(said, "");
    try {
      const text = await send(Object.fromEntries(new FormData(node)), node);
      if (text) tell(said, text);
    } catch (error) {
      if (error.slug === "code-needed") revealCode(node);
      tell(said, sayError(error, special), "error");
    } finally {
      submit.disabled = false;
    }
  });
  return node;
}

// For who has two-step sign-in; hidden until it is asked for, unless it is known that it will be.
export function codeField(isShown = false, id = "field-code") {
  const node = field(
    say("code"),
    { name: "code", id, autocomplete: "one-time-code", maxLength: 40, required: isShown },
    say("codeHint"),
  );
  node.dataset.code = "";
  node.hidden = !isShown;
  return node;
}

function revealCode(form) {
  const code = form.querySelector("[data-code]");
  if (!code) return;
  code.hidden = false;
  code.querySelector("input").focus();
}

// Opens a dialog; Escape closes it, and the focus returns to where it was.
export function openDialog(title, children) {
  const dialog = element("dialog", { "aria-label": title }, [
    element("h2", {}, [title]),
    ...children,
  ]);
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

// Asks twice: `describe(impact)` says what would happen, password and code confirm it. Gives the
// response of the second request, null when it was cancelled.
export async function askTwice(path, title, describe) {
  const demand = await call(path, {});
  return new Promise((resolve) => {
    const password = { name: "password", type: "password", required: true };
    const confirming = form(
      [
        field(
          say("yourPassword"),
          { ...password, id: "confirm-password", autocomplete: "current-password" },
          say("within"),
        ),
        codeField(false, "confirm-code"),
      ],
      title,
      async (values) => {
        const { password, code } = values;
        const body = { confirmation: demand.confirmation, password, code: code || null };
        const response = await request(path, body);
        resolve(response);
        dialog.close();
      },
      { "credentials-refused": "current" },
    );
    confirming
      .querySelector(".buttons")
      .append(button(say("cancel"), { className: "quiet", onclick: () => dialog.close() }));
    const dialog = openDialog(title, [element("p", {}, [describe(demand.impact)]), confirming]);
    dialog.addEventListener("close", () => resolve(null));
  });
}
