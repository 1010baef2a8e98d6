// Where the agent is, as the address says it: /inbox?view=mine&ticket=… or /inbox?view=live&talk=…

import { VIEWS } from "./views.js";

export function place() {
  const asked = new URLSearchParams(location.search);
  const view = asked.get("view");
  const known = [...VIEWS, "dead"].includes(view) ? view : "all";
  const ticket = asked.get("ticket") || null;
  return { view: known, ticket, talk: known === "live" && !ticket ? asked.get("talk") || null : null };
}

// Going from one ticket or conversation to the next does not fill the history.
export function visit({ view, ticket = null, talk = null }) {
  const asked = new URLSearchParams({ view, ...(ticket && { ticket }), ...(talk && { talk }) });
  const before = place();
  const address = `${location.pathname}?${asked}`;
  const goesOn = (before.ticket && ticket) || (before.talk && talk);
  if (goesOn) history.replaceState(null, "", address);
  else history.pushState(null, "", address);
  return { view, ticket, talk };
}
