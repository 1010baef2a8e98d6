// The menu of the agent's own things, and on a phone the views as a menu.

import { setTheme, theme, THEMES } from "./theme.js";
import { VIEWS } from "./views.js";

const capital = (text) => text[0].toUpperCase() + text.slice(1);

export function viewItems(words, me, current, counts, go) {
  const shown = me.role === "admin" ? [...VIEWS, "dead"] : VIEWS;
  return shown.map((view) => ({
    label: words.say(`view_${view}`), icon: view === "all" ? "inbox" : view, chosen: view === current,
    hint: counts[view] ? String(counts[view]) : "", run: () => go(view),
  }));
}

export function accountItems({ api, words, people, toasts }, { signals, help, fail }) {
  const leave = (page) => () => { location.href = api.page(page); };
  const notify = async () => {
    if ((await signals.toggle()) === "denied") toasts.say(words.say("notifyDenied"), { kind: "bad" });
  };
  const language = async () => {
    try {
      await api.profile({ locale: words.locale === "zh" ? "en" : "zh" });
      location.reload();
    } catch (error) {
      fail(error);
    }
  };
  const signOut = async () => {
    await api.signOut().catch(() => {});
    location.href = api.signIn;
  };
  return [
    { label: words.say("shortcuts"), icon: "keyboard", hint: "?", run: help },
    { label: words.say(signals.on ? "notifyOff" : "notifyOn"), icon: "bell", run: notify },
    { label: words.say("language"), icon: "language", run: language },
    words.say("appearance"),
    ...THEMES.map((name) => ({ label: words.say(`theme${capital(name)}`), icon: "theme", chosen: theme() === name, run: () => setTheme(name) })),
    people.me.name,
    { label: words.say("account"), icon: "settings", run: leave("account") },
    ...(people.me.role === "admin" ? [{ label: words.say("agents"), icon: "team", run: leave("agents") }] : []),
    { label: words.say("leave"), icon: "leave", run: signOut },
  ];
}
