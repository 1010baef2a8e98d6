// What stands where there is nothing, and what stands where something failed: always a way on.

import { element } from "../../../widget/dom.js";
import { icon } from "./icons.js";

const capital = (text) => text[0].toUpperCase() + text.slice(1);

export function empty(view, search, fresh, { words, api, people }, clear) {
  if (search) {
    const button = element("button", { type: "button", className: "button", onclick: clear }, [words.say("clearSearch")]);
    return panel("search", words.say("emptySearch", { text: search }), words.say("emptySearchHelp"), [button]);
  }
  const name = `empty${capital(view)}`;
  const steps = fresh ? [firstSteps(words, api, people)] : [];
  return panel(view === "all" ? "inbox" : view, words.say(name), words.say(`${name}Help`), steps);
}

function firstSteps(words, api, people) {
  const demo = element("a", { href: api.home("demo"), target: "_blank", rel: "noopener" }, [words.say("tryDemo")]);
  const items = [element("li", {}, [words.say("firstStepTry"), " ", demo])];
  if (people.me.role === "admin" && people.all.length < 2) {
    const invite = element("a", { href: api.page("agents") }, [words.say("inviteAgents")]);
    items.unshift(element("li", {}, [words.say("firstStepInvite"), " ", invite]));
  }
  return element("div", { className: "steps" }, [element("h3", {}, [words.say("firstSteps")]), element("ol", {}, items)]);
}

export function chooseOne(words, what = "inbox") {
  if (what === "live") return panel("live", words.say("chooseTalk"), words.say("chooseTalkHelp"));
  return panel("inbox", words.say("choose"), words.say("chooseHelp"));
}

export function failure(error, { words, api }, retry) {
  if (error.slug === "signed-out") {
    const signIn = element("a", { className: "button primary", href: api.signIn }, [words.say("signIn")]);
    return panel("leave", words.say("signed-out"), "", [signIn]);
  }
  const missing = error.slug === "not-found";
  const again = element("button", { type: "button", className: "button", onclick: retry }, [icon("retry"), words.say("retry")]);
  return panel("dead", words.say(missing ? "notFound" : "loadFailed"), words.say(missing ? "notFoundHelp" : "loadFailedHelp"), missing ? [] : [again]);
}

function panel(drawing, title, text, actions = []) {
  return element("div", { className: "empty" }, [icon(drawing), element("h2", {}, [title]), element("p", {}, [text]), ...actions]);
}
