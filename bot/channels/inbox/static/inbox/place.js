// Where the agent is, as the address says it: /inbox?view=mine&ticket=…

import { VIEWS } from "./views.js";

export function place() {
  const asked = new URLSearchParams(location.search);
  const view = asked.get("view");
  return { view: [...VIEWS, "dead"].includes(view) ? view : "all", ticket: asked.get("ticket") };
}

// Going from one ticket to the next does not fill the history.
export function visit({ view, ticket }) {
  const asked = new URLSearchParams({ view, ...(ticket && { ticket }) });
  const before = place();
  const address = `${location.pathname}?${asked}`;
  if (before.ticket && ticket) history.replaceState(null, "", address);
  else history.pushState(null, "", address);
  return { view, ticket };
}
