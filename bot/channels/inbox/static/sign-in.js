// Sign-in, and the first password of whoever comes with an invitation.

import { call } from "./api.js";
import { element, field } from "./dom.js";
import { brand, codeField, form } from "./shell.js";
import { otherLocale, say } from "./words.js";

const INVITATION = "#invitation=";
const BELOW = /^\/inbox(?:[/?]|$)/;

function signIn() {
  const email = { name: "email", type: "email", required: true, autocomplete: "username" };
  const password = { name: "password", type: "password", required: true };
  const fields = [
    field(say("email"), { ...email, autofocus: true }),
    field(say("password"), { ...password, autocomplete: "current-password" }),
    codeField(),
  ];
  return show(say("signInTo"), "", [
    form(fields, say("signIn"), async (values) => {
      await call("/inbox/api/sign-in", { ...values, code: values.code || null });
      location.assign(next());
    }),
    element("p", { className: "hint" }, [say("noAccount")]),
  ]);
}

// Where they wanted to go: only ever a page of the inbox. Whatever is no path below it, or leaves
// it by its dots, leads to the inbox itself.
function next() {
  const asked = new URLSearchParams(location.search).get("next") ?? "";
  if (!BELOW.test(asked)) return "/inbox";
  const { pathname, search } = new URL(location.origin + asked);
  return BELOW.test(pathname) && pathname !== location.pathname ? pathname + search : "/inbox";
}

// This page in the other language, which still knows the invitation and where they wanted to go.
function otherPage(hash) {
  const query = new URLSearchParams(location.search);
  query.set("locale", otherLocale);
  return `?${query}${hash}`;
}

function acceptInvitation(token) {
  history.replaceState(null, "", location.pathname + location.search);
  const password = { type: "password", required: true, autocomplete: "new-password" };
  const fields = [
    field(say("newPassword"), { ...password, name: "password" }, say("newPasswordHint")),
    field(say("again"), { ...password, name: "again" }),
    codeField(),
  ];
  const send = async (values, node) => {
    const again = node.elements.again;
    again.setCustomValidity(values.password === values.again ? "" : say("differ"));
    again.oninput = () => again.setCustomValidity("");
    if (!node.reportValidity()) return;
    await call("/inbox/api/invitation", {
      token,
      password: values.password,
      code: values.code || null,
    });
    location.assign("/inbox");
  };
  const entry = form(fields, say("start"), send, { "credentials-refused": "invitation" });
  return show(say("welcome"), say("choosePassword"), [entry], INVITATION + token);
}

function show(title, text, children, hash = "") {
  document.title = `${title} · ${say("product")}`;
  const head = [brand(), element("h1", {}, [title])];
  if (text) head.push(element("p", { className: "lead" }, [text]));
  const card = element("div", { className: "card" }, [...head, ...children]);
  const language = element("a", { href: otherPage(hash), lang: otherLocale }, [
    say("otherLanguage"),
  ]);
  document.body.append(
    element("main", { id: "main", className: "entrance" }, [
      card,
      element("p", { className: "languages" }, [language]),
    ]),
  );
  card.querySelector("input").focus();
}

if (location.hash.startsWith(INVITATION)) acceptInvitation(location.hash.slice(INVITATION.length));
else signIn();
