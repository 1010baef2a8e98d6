// One's own account: profile, password, two-step sign-in.

import { call, keepCsrf } from "./api.js";
import { button, choice, drawing, element, field, notice, tell } from "./dom.js";
import { codeField, form, openPage, section } from "./shell.js";
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
    codeField(me.has_codes),
  ];
  const send = async (values, node) => {
    const changed = await call("/inbox/api/account/password", proof(values));
    keepCsrf(changed.csrf);
    node.reset();
    return say("passwordChanged");
  };
  return section(say("changePassword"), say("passwordText"), [
    form(fields, say("changePassword"), send, WRONG_PASSWORD),
  ]);
}

function proof(values) {
  return { ...values, code: values.code || null };
}

function codes(text = "") {
  const lead = say(me.has_codes ? "codesOn" : "codesOff");
  const said = notice();
  tell(said, text);
  const parts = me.has_codes ? [recovery(), removal()] : [enrolment()];
  const node = section(say("codes"), lead, [said, ...parts]);
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
  const confirming = form([codeField(true, "confirm-code")], say("codesConfirm"), async (values) => {
    const { recovery_codes } = await call("/inbox/api/account/codes/confirm", values);
    me.has_codes = true;
    showRecoveryCodes(recovery_codes, say("codesDone"));
  });
  return element("div", {}, [
    element("p", {}, [say("codesScan")]),
    picture,
    element("p", { className: "hint" }, [say("codesManual")]),
    element("code", { className: "secret" }, [secret.match(/.{1,4}/g).join(" ")]),
    confirming,
  ]);
}

// Shown this once: nobody can read them from the server again.
function showRecoveryCodes(list, text) {
  me.recovery_codes = list.length;
  const said = notice();
  tell(said, text);
  const copying = button(say("recoveryCopy"), {
    className: "primary",
    onclick: async () => {
      await navigator.clipboard.writeText(list.join("\n"));
      copying.textContent = say("copied");
    },
  });
  const kept = button(say("recoveryKept"), { className: "quiet", onclick: () => showCodes("") });
  const items = list.map((code) => element("li", {}, [element("code", {}, [code])]));
  const node = section(say("recovery"), say("recoveryText"), [
    said,
    element("ol", { className: "recovery" }, items),
    element("div", { className: "buttons" }, [copying, kept]),
  ]);
  node.id = "codes";
  document.getElementById("codes").replaceWith(node);
  node.tabIndex = -1;
  node.focus();
}

function recovery() {
  const left = element("p", {}, [say("recoveryLeft", { count: me.recovery_codes })]);
  const renewing = form(
    [currentPassword("recovery-password"), codeField(true, "recovery-code")],
    say("recoveryRenew"),
    async (values) => {
      const { recovery_codes } = await call("/inbox/api/account/codes/recovery", proof(values));
      showRecoveryCodes(recovery_codes, say("recoveryRenewed"));
    },
  );
  return element("div", {}, [element("h3", {}, [say("recovery")]), left, renewing]);
}

function removal() {
  const removing = form(
    [currentPassword("remove-password"), codeField(true, "remove-code")],
    say("codesRemove"),
    async (values) => {
      await call("/inbox/api/account/codes/remove", proof(values));
      me.has_codes = false;
      showCodes(say("codesRemoved"));
    },
  );
  return element("div", {}, [element("h3", {}, [say("codesRemoveTitle")]), removing]);
}

function showCodes(text) {
  document.getElementById("codes").replaceWith(codes(text));
}
