// One key for what is done all day; none of them while somebody writes or a menu is open.

import { isMenuOpen } from "./menu.js";
import { isSheetOpen, showKeys } from "./sheet.js";
import { VIEWS } from "./views.js";

const HELP = [
  [["J", "K"], "helpMove"],
  [["Enter"], "helpOpen"],
  [["R"], "helpReply"],
  [["N"], "helpNote"],
  [[";"], "helpCanned"],
  [["Ctrl Enter"], "helpSend"],
  [["Ctrl Shift Enter"], "helpSendResolve"],
  [["C"], "helpClaim"],
  [["T"], "helpTakeOver"],
  [["A"], "helpAssign"],
  [["E"], "helpResolve"],
  [["S"], "helpSnooze"],
  [["P"], "helpPriority"],
  [["M"], "merge"],
  [["B"], "return"],
  [["I"], "helpContext"],
  [["/"], "helpSearch"],
  [["1", "to", String(VIEWS.length)], "helpViews"],
  [["Esc"], "helpLeave"],
  [["?"], "helpHelp"],
];

// The host is {move(step), compose(kind), run(action), takeOver(), search(), go(view), back(),
// ticket()}.
export function listenToKeys(host, words) {
  const help = () => showKeys(HELP, words);
  const run = (name) => () => host.run(name);
  const keys = {
    j: () => host.move(1),
    k: () => host.move(-1),
    r: () => host.compose("reply"),
    n: () => host.compose("note"),
    c: run("claim"),
    t: () => host.takeOver(),
    a: run("assign"),
    p: run("priority"),
    m: run("merge"),
    b: run("return"),
    i: run("context"),
    ";": run("canned"),
    e: () => host.run(host.ticket()?.state === "resolved" ? "reopen" : "resolve"),
    s: () => host.run(host.ticket()?.state === "snoozed" ? "wake" : "snooze"),
    "/": () => host.search(),
    "?": help,
    Escape: () => host.back(),
    ...Object.fromEntries(VIEWS.map((view, at) => [String(at + 1), () => host.go(view)])),
  };
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.defaultPrevented) return;
    if (isMenuOpen() || isSheetOpen() || isWriting(event.target)) return;
    const deed = keys[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!deed) return;
    event.preventDefault();
    deed();
  });
  return help;
}

function isWriting(target) {
  return target instanceof Element && target.closest("input, textarea, select, [contenteditable]") !== null;
}
