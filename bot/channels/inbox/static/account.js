// One's own account: profile, password, two-step sign-in.

import { call, keepCsrf } from "./api.js";
import { choice, drawing, element, field, notice, tell } from "./dom.js";
import { form, openPage, section } from "./shell.js";
import { locale, say } from "./words.js";

const LANGUAGES = [
  ["en", "English"],
  ["zh", "中文"],
];
const WRONG_PASSWORD = { "credentials-refused": "current" };

const { me, main } = await openPage(say("account"));
main.className = "narrow";
main.append(element("h1", {}, [say("account")]), profile(), password(), codes());

function profile() {
  const fields = [
    field(say("name"), { name: "name", value: me.name, required: true, maxLength: 100 }),
    choice(say("language"), { name: "locale", value: me.locale }, LANGUAGES),
  ];
  const send = async (values) => {
    await call("/inbox/api/account/profile", values);
    if (values.locale !== locale || values.name !== me.name) location.reload();
    return say("saved");
  };
  return section(say("profile"), say("profileText"), [form(fields, say("save"), send)]);
}

function password() {
  const secret = { type: "password", required: true };
  const fields = [
    field(say("currentPassword"), {
      ...secret,
      name: "current",
      autocomplete: "current-password",
    }),
    field(
      say("newPassword"),
      { ...secret, name: "password", autocomplete: "new-password" },
      say("newPasswordHint"),
    ),
  ];
  const send = async (values, node) => {
    const changed = await call("/inbox/api/account/password", values);
    keepCsrf(changed.csrf);
    node.reset();
    return say("passwordChanged");
  };
  return section(say("changePassword"), say("passwordText"), [
    form(fields, say("changePassword"), send, WRONG_PASSWORD),
  ]);
}

function codes(text = "") {
  const lead = say(me.has_codes ? "codesOn" : "codesOff");
  const said = notice();
  tell(said, text);
  const node = section(say("codes"), lead, [said, me.has_codes ? removal() : enrolment()]);
  node.id = "codes";
  return node;
}

function currentPassword(name) {
  return field(say("currentPassword"), {
    name: "password",
    id: name,
    type: "password",
    required: true,
    autocomplete: "current-password",
  });
}

function codeField() {
  return field(
    say("code"),
    { name: "code", required: true, inputMode: "numeric", autocomplete: "one-time-code" },
    say("codeHint"),
  );
}

function enrolment() {
  const begin = form(
    [currentPassword("enrol-password")],
    say("codesSetUp"),
    async (values) => begin.replaceWith(scan(await call("/inbox/api/account/codes", values))),
    WRONG_PASSWORD,
  );
  return begin;
}

function scan({ secret, qr }) {
  const picture = drawing(qr.size, qr.path, {
    class: "qr",
    role: "img",
    "aria-label": say("codesQr"),
  });
  const confirming = form([codeField()], say("codesConfirm"), async (values) => {
    await call("/inbox/api/account/codes/confirm", values);
    showCodes(true, say("codesDone"));
  });
  return element("div", {}, [
    element("p", {}, [say("codesScan")]),
    picture,
    element("p", { className: "hint" }, [say("codesManual")]),
    element("code", { className: "secret" }, [secret.match(/.{1,4}/g).join(" ")]),
    confirming,
  ]);
}

function removal() {
  return form(
    [currentPassword("remove-password"), codeField()],
    say("codesRemove"),
    async (values) => {
      await call("/inbox/api/account/codes/remove", values);
      showCodes(false, say("codesRemoved"));
    },
  );
}

function showCodes(hasCodes, text) {
  me.has_codes = hasCodes;
  document.getElementById("codes").replaceWith(codes(text));
}
