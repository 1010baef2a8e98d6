// Who the customer is, as far as somebody has proved it, and what else there is of theirs.

import { element } from "../../../widget/dom.js";
import { icon } from "./icons.js";
import { section } from "./packet.js";
import { customerName, initials } from "./people.js";
import { tierOf } from "./row.js";

// Actions are {open(id), merge(from, into)}.
export function profileNodes(ticket, tools, actions) {
  const { words } = tools;
  return [
    section(words.say("profile"), [card(ticket, tools), facts(ticket, tools)], "profile"),
    ...duplicates(ticket, tools, actions),
    section(words.say("earlier"), [earlier(ticket, tools, actions)]),
  ];
}

function card({ customer, tier }, { words }) {
  const name = customerName(customer, words);
  const proof = customer.verified ? "verified" : "unverified";
  return element("div", { className: "person" }, [
    element("span", { className: "disc big hue0", "aria-hidden": "true" }, [initials(name)]),
    element("div", {}, [
      element("p", { className: "name" }, [name]),
      element("p", { className: "muted" }, [customer.organisation ?? ""]),
      element("p", { className: "badges" }, [
        tierOf({ tier }, words),
        element("span", { className: `proof ${proof}`, title: customer.verified ? "" : words.say("unverifiedHelp") }, [
          icon(customer.verified ? "verified" : "wrong"), words.say(proof),
        ]),
      ]),
    ]),
  ]);
}

function facts(ticket, { words, times }) {
  const { customer, profile } = ticket;
  const rows = [
    ["email", customer.email],
    ["contact", ticket.contact],
    ["speaks", ticket.locale && words.say(ticket.locale)],
    ["localTime", localTime(ticket.timezone, times)],
    ["channel", ticket.channel],
    ["page", ticket.page],
    ["labels", profile.labels?.join(", ")],
    ["satisfaction", satisfaction(profile.satisfaction)],
    ["opened", times.moment(ticket.opened_at)],
  ];
  const known = rows.filter(([, value]) => value);
  return element("dl", { className: "facts" }, known.flatMap(([name, value]) => [
    element("dt", {}, [words.say(name)]),
    element("dd", {}, [String(value)]),
  ]));
}

function satisfaction(scores) {
  if (!scores) return "";
  const { csat, nps, comment } = scores;
  return [csat && `CSAT ${csat}/5`, nps !== null && `NPS ${nps}`, comment].filter(Boolean).join(" · ");
}

function localTime(zone, times) {
  if (!zone) return "";
  try {
    return `${times.clock(Date.now(), zone)} · ${zone}`;
  } catch {
    return "";
  }
}

function duplicates(ticket, { words, times }, actions) {
  const active = ["open", "snoozed"].includes(ticket.state);
  if (!ticket.duplicates.length || !active) return [];
  const rows = ticket.duplicates.map((other) => element("li", {}, [
    ticketLink(other, times, actions),
    element("button", { type: "button", className: "button plain", onclick: () => actions.merge(other, ticket) }, [icon("merge"), words.say("mergeHere")]),
  ]));
  return [section(words.say("duplicates"), [element("ul", { className: "others" }, rows)], "duplicates")];
}

function earlier({ profile, id, duplicates: open }, { words, times }, actions) {
  const shown = new Set([id, ...open.map((each) => each.id)]);
  const others = profile.tickets.filter((each) => !shown.has(each.id));
  if (!others.length) return element("p", { className: "muted" }, [words.say("noEarlier")]);
  return element("ul", { className: "others" }, others.map((each) => element("li", {}, [
    ticketLink(each, times, actions),
    element("span", { className: "muted" }, [words.say(`state_${each.state}`)]),
  ])));
}

function ticketLink(ticket, times, actions) {
  return element("a", {
    href: `?ticket=${encodeURIComponent(ticket.id)}`,
    onclick: (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      actions.open(ticket.id);
    },
  }, [
    element("span", { className: "label" }, [`${ticket.label} · ${times.day(ticket.opened_at)}`]),
    element("span", { className: "summary" }, [ticket.summary]),
  ]);
}
