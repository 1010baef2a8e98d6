// One ticket of the queue in three lines: who, what, and how urgent.

import { element } from "../../../widget/dom.js";
import { icon } from "./icons.js";
import { customerName } from "./people.js";
import { toneNode } from "./tone.js";

export function rowNode(ticket, { words, times, people, clocks }, { current, href, open }) {
  const name = customerName(ticket.customer, words);
  const waits = ticket.waiting_for === "agent";
  const who = element("span", { className: "line who" }, [
    element("span", { className: "name" }, [name]),
    ...(ticket.customer.organisation ? [element("span", { className: "organisation" }, [ticket.customer.organisation])] : []),
    element("time", { className: "at", dateTime: ticket.last_message_at, title: times.full(ticket.last_message_at) }, [times.ago(ticket.last_message_at)]),
  ]);
  const what = element("span", { className: "line what" }, [ticket.summary || "…"]);
  const how = element("span", { className: "line how" }, [
    ...priorityOf(ticket, words),
    tierOf(ticket, words),
    element("span", { className: "reason" }, [words.say(`reason_${ticket.reason}`)]),
    toneNode(ticket.tone.trend, words),
    element("span", { className: "space" }),
    clockOf(ticket, { words, times, clocks }),
    people.disc(ticket.assignee),
  ]);
  const link = element("a", {
    href, className: "ticket", data: { id: ticket.id },
    onclick: (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      open(ticket.id);
    },
  }, [
    element("span", { className: "waits", title: words.say(waits ? "waits_agent" : "waits_customer") }, [
      element("span", { className: "unseen" }, [words.say(waits ? "waits_agent" : "waits_customer")]),
    ]),
    who, what, how,
  ]);
  if (current) link.setAttribute("aria-current", "true");
  const row = element("li", { className: `row ${ticket.priority}`, data: { id: ticket.id } }, [link]);
  row.classList.toggle("waiting", waits);
  return row;
}

// What runs, or what it waits for: a date, or the customer.
function clockOf(ticket, { words, times, clocks }) {
  const { first_response: first, resolution } = ticket.clocks;
  const owed = !first.met_at && first.state !== "stopped";
  if (owed || resolution.state !== "paused") return clocks.node(ticket.clocks);
  const until = ticket.state === "snoozed" && ticket.snoozed_until;
  const text = until ? words.say("until", { time: times.moment(until) }) : words.say("waits_short");
  const title = until ? text : words.say("waits_customer");
  return element("span", { className: "clock", title, data: { state: "paused" } }, [text]);
}

export function tierOf({ tier }, words) {
  return element("span", { className: `tier ${tier}` }, [words.say(`tier_${tier}`)]);
}

export function priorityOf({ priority }, words) {
  if (priority === "normal") return [];
  const label = words.say(`priority_${priority}`);
  return [element("span", { className: `priority ${priority}`, title: label, role: "img", "aria-label": label }, [icon("flag")])];
}
