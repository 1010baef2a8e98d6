// Who the customer is, as far as somebody has proved it, and what else there is of theirs.

import { element } from "../../../widget/dom.js";
import { icon } from "./icons.js";
import { section } from "./packet.js";
import { customerName, initials } from "./people.js";
import { tierOf } from "./row.js";

const MOST_TALKS = 5;
const LONGEST_LABEL = 40;

// Actions are {open(id), overhear(id), merge(from, into), label(changes)}.
export function profileNodes(ticket, tools, actions) {
  const { words } = tools;
  return [
    ...rating(ticket, words),
    section(words.say("profile"), [card(ticket, tools), ...labels(ticket, words, actions), facts(ticket, tools)], "profile"),
    ...duplicates(ticket, tools, actions),
    section(words.say("earlier"), [earlier(ticket, tools, actions)]),
    ...talks(ticket, tools, actions),
  ];
}

// What the customer thought of this very ticket.
function rating({ survey }, words) {
  if (!survey) return [];
  return [section(words.say("rating"), [
    element("p", { className: "scores" }, scores(survey, words)),
    ...(survey.comment ? [element("blockquote", { className: "comment" }, [survey.comment])] : []),
  ], "rating")];
}

function scores(survey, words) {
  return given(survey, words).map(({ name, value, text }) => element("span", {
    className: `score ${grade(name, value)}`, title: words.say(`${name}Help`),
  }, [text]));
}

function given({ csat, nps }, words) {
  const both = [["csat", csat, 5], ["nps", nps, 10]].filter(([, value]) => value !== null);
  return both.map(([name, value, most]) => ({ name, value, text: `${words.say(name)} ${Math.round(value * 10) / 10}/${most}` }));
}

function grade(name, value) {
  const [low, high] = name === "csat" ? [3, 4] : [7, 9]; // detractors give up to 6, promoters 9 or 10
  return value >= high ? "good" : value >= low ? "fair" : "poor";
}

function labels({ customer, profile }, words, actions) {
  if (!profile.labels) return [];
  const chips = profile.labels.map((label) => element("li", { className: "chip" }, [
    label,
    element("button", {
      type: "button", className: "remove", title: words.say("labelRemove", { label }), "aria-label": words.say("labelRemove", { label }),
      onclick: () => actions.label({ remove: [label] }),
    }, [icon("close")]),
  ]));
  const input = element("input", {
    className: "text", type: "text", name: "label", maxLength: LONGEST_LABEL, autocomplete: "off",
    placeholder: words.say("labelAdd"), "aria-label": words.say("labelAdd"),
    onkeydown: (event) => {
      if (event.key !== "Enter" || event.isComposing) return;
      const label = input.value.trim();
      input.value = "";
      if (label) actions.label({ add: [label] });
    },
  });
  return [element("div", { className: "labels" }, [
    element("ul", { "aria-label": words.say("labelsOf", { name: customerName(customer, words) }) }, chips), input,
  ])];
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
    ["contact", ticket.contact === customer.email ? "" : ticket.contact],
    ["speaks", ticket.locale && words.say(ticket.locale)],
    ["localTime", localTime(ticket.timezone, times)],
    ["channel", words.channel(ticket.channel)],
    ["page", ticket.page],
    ["satisfaction", satisfaction(profile, words)],
    ["opened", times.moment(ticket.opened_at)],
  ];
  const known = rows.filter(([, value]) => value);
  return element("dl", { className: "facts" }, known.flatMap(([name, value]) => [
    element("dt", {}, [words.say(name)]),
    element("dd", {}, [String(value)]),
  ]));
}

// Over all tickets: the mean of the one, the latest of the other.
function satisfaction(profile, words) {
  return given(profile, words).map(({ text }) => text).join(" · ");
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
    element("span", { className: "outcome" }, [
      element("span", { className: "muted" }, [words.say(`state_${each.state}`)]),
      ...scores(each, words),
    ]),
    ...(each.comment ? [element("blockquote", { className: "comment" }, [each.comment])] : []),
  ])));
}

// What the bot had to itself; the others are told of with their tickets.
function talks({ profile, conversation }, { words, times }, actions) {
  const alone = profile.conversations.filter(({ id, tickets }) => id !== conversation && !tickets).slice(0, MOST_TALKS);
  if (!alone.length) return [];
  const rows = alone.map((talk) => element("li", {}, [element("a", {
    href: `?${new URLSearchParams({ view: "live", talk: talk.id })}`,
    onclick: (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      actions.overhear(talk.id);
    },
  }, [element("span", { className: "summary" }, [times.moment(talk.created_at)]), element("span", { className: "label" }, [words.channel(talk.channel)])])]));
  return [section(words.say("withBot"), [element("ul", { className: "others" }, rows)])];
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
