// Who is an agent, for admins.

import { call } from "./api.js";
import { button, choice, element, field, notice, tell } from "./dom.js";
import { askTwice, codeField, form, openDialog, openPage, section } from "./shell.js";
import { locale, say, sayError } from "./words.js";

const AGENTS = "/inbox/api/admin/agents";
const EXPORT = "/inbox/api/admin/audit/export";

const { me, main } = await openPage(say("agents"));
const said = notice();
const rows = element("tbody");
main.className = "wide";
main.append(
  element("h1", {}, [say("agents")]),
  element("p", { className: "lead" }, [say("agentsText")]),
  said,
  list(),
  element("div", { className: "columns" }, [addition(), audit()]),
);
await load();

function list() {
  const heads = ["name", "role", "team", "status", "twoStep", "actions"].map((name) =>
    element("th", { scope: "col" }, [say(name)]),
  );
  const table = element("table", {}, [element("thead", {}, [element("tr", {}, heads)]), rows]);
  // On a phone it is wider than the page: the keyboard has to reach it to scroll it.
  const card = { className: "card table", tabIndex: 0, role: "region", ariaLabel: say("agents") };
  return element("div", card, [table]);
}

async function load() {
  const { agents } = await call(AGENTS);
  rows.replaceChildren(...agents.map(row));
}

function row(agent) {
  const own = agent.id === me.id ? ` (${say("you")})` : "";
  const status = agent.active ? (agent.has_password ? "active" : "invited") : "disabled";
  return element("tr", {}, [
    element("th", { scope: "row" }, [
      agent.name + own,
      element("span", { className: "hint" }, [agent.email]),
    ]),
    element("td", {}, [say(agent.role)]),
    element("td", {}, [agent.team ?? "–"]),
    element("td", {}, [
      element("span", { className: "badge", data: { status } }, [say(status)]),
    ]),
    element("td", {}, [agent.has_codes ? "✓" : "–"]),
    element("td", {}, [actions(agent)]),
  ]);
}

function actions(agent) {
  const deeds = deedsOn(agent);
  const select = element("select", { "aria-label": say("more", { name: agent.name }) }, [
    element("option", { value: "" }, ["…"]),
    ...deeds.map((deed) => element("option", { value: deed }, [say(`do-${deed}`)])),
  ]);
  select.addEventListener("change", async () => {
    const deed = select.value;
    select.value = "";
    if (deed) await change(agent, deed);
  });
  return select;
}

function deedsOn(agent) {
  if (!agent.active) return ["enable"];
  const deeds = [agent.role === "admin" ? "make-agent" : "make-admin", "reset-password"];
  if (agent.has_codes) deeds.push("reset-codes");
  return [...deeds, "disable"];
}

async function change(agent, deed) {
  const describe = () => say(`impact-${deed}`, { name: agent.name });
  await attempt(async () => {
    const response = await askTwice(`${AGENTS}/${agent.id}/${deed}`, say(`do-${deed}`), describe);
    if (response === null) return;
    const done = await response.json();
    tell(said, say("done"));
    await load();
    if (done.invitation) showInvitation(done);
  });
}

function addition() {
  const fields = [
    field(say("email"), { name: "email", type: "email", required: true, autocomplete: "off" }),
    field(say("name"), { name: "name", required: true, maxLength: 100, autocomplete: "off" }),
    field(say("team"), { name: "team", maxLength: 100, autocomplete: "off" }),
    choice(say("role"), { name: "role" }, [
      ["agent", say("agent")],
      ["admin", say("admin")],
    ]),
    choice(say("language"), { name: "locale", value: locale }, [
      ["en", "English"],
      ["zh", "中文"],
    ]),
    field(say("yourPassword"), {
      name: "password",
      type: "password",
      required: true,
      autocomplete: "current-password",
    }),
    codeField(me.has_codes),
  ];
  const send = async (values, node) => {
    const body = { ...values, team: values.team || null, code: values.code || null };
    const added = await call(AGENTS, body);
    node.reset();
    await load();
    showInvitation(added);
  };
  return section(say("add"), say("addText"), [
    form(fields, say("add"), send, { "credentials-refused": "current" }),
  ]);
}

function showInvitation({ agent, invitation }) {
  const address = new URL(invitation, location.origin).href;
  const copying = button(say("copy"), {
    className: "primary",
    onclick: async () => {
      await navigator.clipboard.writeText(address);
      copying.textContent = say("copied");
    },
  });
  const shown = { readOnly: true, value: address, "aria-label": say("invitation") };
  const dialog = openDialog(say("invitation"), [
    element("p", {}, [say("added", { name: agent.name })]),
    element("input", { ...shown, onfocus: (event) => event.target.select() }),
    element("div", { className: "buttons" }, [
      copying,
      button(say("close"), { className: "quiet", onclick: () => dialog.close() }),
    ]),
  ]);
}

function audit() {
  const exporting = button(say("export"), { onclick: () => attempt(exportLog) });
  return section(say("audit"), say("auditText"), [exporting]);
}

async function exportLog() {
  const describe = (impact) => say("impact-export", { count: impact.entries });
  const response = await askTwice(EXPORT, say("export"), describe);
  if (response === null) return;
  const href = URL.createObjectURL(await response.blob());
  element("a", { href, download: "audit.jsonl" }).click();
  URL.revokeObjectURL(href);
  tell(said, say("done"));
}

async function attempt(work) {
  tell(said, "");
  try {
    await work();
  } catch (error) {
    tell(said, sayError(error), "error");
  }
}
