// How it looks, whatever the page around it does. A page may set, on the element or above it:
//   --firstline-accent      colour of the launcher, buttons, links       #1f5fd6, dark #8ab4ff
//   --firstline-on-accent   what is written on it                        white, dark #0b1730
//   --firstline-radius      of the panel and of messages                 16px
//   --firstline-font        font family                                  the system's
//   --firstline-width       of the panel                                 400px
//   --firstline-inset       distance from the corner of the window       20px
//   --firstline-layer       z-index                                      2147483000
// and on the tag data-theme="light" or "dark"; without it the system's theme is followed.

export const styles = new CSSStyleSheet();

styles.replaceSync(`
:host {
  all: initial !important;
  direction: ltr !important;
  position: fixed !important;
  z-index: var(--firstline-layer, 2147483000) !important;
  color-scheme: light dark !important;
  --accent: var(--firstline-accent, light-dark(#1f5fd6, #8ab4ff));
  --on-accent: var(--firstline-on-accent, light-dark(#fff, #0b1730));
  --radius: var(--firstline-radius, 16px);
  --inset: var(--firstline-inset, 20px);
  --surface: light-dark(#fff, #171e2a);
  --sunken: light-dark(#f1f4f9, #222b3a);
  --line: light-dark(#dde3ec, #303b4e);
  --edge: light-dark(#7b879c, #76849c);
  --text: light-dark(#172033, #e8edf6);
  --muted: light-dark(#56627a, #a3afc4);
  --tint: color-mix(in srgb, var(--accent) 14%, var(--surface));
  --on-tint: color-mix(in srgb, var(--accent) 65%, var(--text));
  --danger: light-dark(#a3211a, #ffb8b0);
  --danger-tint: light-dark(#fdeeec, #47221f);
  --person: light-dark(#0c6b4f, #7fdcb8);
  --person-tint: light-dark(#e3f5ee, #143c30);
  font: medium/1.55 var(--firstline-font, system-ui, -apple-system, "Segoe UI", Roboto,
    "PingFang SC", "Hiragino Sans GB", "Microsoft YaHei", "Noto Sans CJK SC", "Noto Sans SC",
    "Liberation Sans", sans-serif) !important;
  color: var(--text) !important;
}
:host([hidden]) { display: none !important; }
:host([data-theme="light"]) { color-scheme: light !important; }
:host([data-theme="dark"]) { color-scheme: dark !important; }

*, ::before, ::after { box-sizing: border-box; }
button, textarea { font: inherit; color: inherit; }
button { cursor: pointer; touch-action: manipulation; }
h2, h3, p, ol { margin: 0; }
a { color: var(--accent); text-underline-offset: .18em; }
svg {
  flex: none; width: 22px; height: 22px; fill: none; stroke: currentcolor; stroke-width: 1.7;
  stroke-linecap: round; stroke-linejoin: round;
}
:focus { outline: none; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
.author {
  position: absolute; overflow: hidden; width: 1px; height: 1px; padding: 0; border: 0;
  clip-path: inset(50%); white-space: nowrap;
}

.launcher {
  position: fixed; right: max(var(--inset), env(safe-area-inset-right));
  bottom: max(var(--inset), env(safe-area-inset-bottom));
  display: grid; place-items: center; width: 56px; height: 56px; padding: 0;
  color: var(--on-accent); background: var(--accent); border: 0; border-radius: 50%;
  box-shadow: 0 2px 6px rgb(10 20 50 / 20%), 0 10px 28px rgb(10 20 50 / 22%);
  transition: transform .15s;
}
.launcher:hover { transform: translateY(-2px); }
.launcher:focus-visible { outline: 3px solid var(--surface); box-shadow: 0 0 0 6px var(--accent); }
.launcher svg { width: 28px; height: 28px; }
.launcher.unread::after {
  position: absolute; top: 1px; right: 1px; width: 15px; height: 15px; content: "";
  background: #d92d20; border: 2px solid #fff; border-radius: 50%;
}

.panel {
  position: fixed; inset: auto max(var(--inset), env(safe-area-inset-right))
    calc(max(var(--inset), env(safe-area-inset-bottom)) + 70px) auto;
  flex-direction: column; overflow: hidden;
  width: min(var(--firstline-width, 400px), 100vw - 2 * var(--inset));
  height: min(680px, 100dvh - 90px - 2 * var(--inset));
  max-width: none; max-height: none; margin: 0; padding: 0;
  font-size: .9375em; color: var(--text); background: var(--surface);
  border: 1px solid var(--line); border-radius: var(--radius);
  box-shadow: 0 4px 12px rgb(10 20 50 / 10%), 0 20px 60px rgb(10 20 50 / 22%);
}
.panel[open] { display: flex; animation: rise .18s ease-out; }
.panel:focus-visible { outline: none; }
@keyframes rise { from { opacity: 0; transform: translateY(10px); } }

header {
  display: flex; align-items: center; gap: 2px; flex: none;
  padding: 8px 6px 8px 14px; border-bottom: 1px solid var(--line);
}
.avatar {
  display: grid; flex: none; place-items: center; width: 38px; height: 38px;
  color: var(--on-accent); background: var(--accent); border-radius: 12px;
}
.names { flex: 1; min-width: 0; padding-inline: 8px 4px; }
h2 { overflow: hidden; font-size: 1em; line-height: 1.35; text-overflow: ellipsis; white-space: nowrap; }
.assistant { font-size: .8125em; line-height: 1.35; color: var(--muted); }
.control, .language, .tool {
  display: grid; flex: none; place-items: center; min-width: 44px; height: 44px; padding: 0;
  color: var(--muted); background: none; border: 0; border-radius: 12px;
}
.language { font-size: .875em; font-weight: 600; }
:is(.control, .language, .tool):hover { color: var(--text); background: var(--sunken); }

.transcript {
  position: relative; flex: 1; overflow: hidden auto; padding: 16px; overscroll-behavior: contain;
}
.log, .draft { display: grid; gap: 14px; }
.draft:not(:empty) { margin-top: 14px; }
.message { min-width: 0; max-width: 100%; }
.body { overflow-wrap: anywhere; }
.customer .body, .bot .body, .agent .body { padding: 10px 14px; border-radius: var(--radius); }
.customer { justify-self: end; max-width: 86%; }
.customer .body {
  color: var(--on-accent); white-space: pre-wrap; background: var(--accent);
  border-bottom-right-radius: 4px;
}
.bot, .agent { justify-self: start; }
.bot .body { background: var(--sunken); border-bottom-left-radius: 4px; }
.agent .author {
  position: static; display: block; width: auto; height: auto; margin: 0 0 4px 2px;
  font-size: .8125em; font-weight: 600; color: var(--person); clip-path: none;
}
.agent .body {
  background: var(--person-tint); border-left: 3px solid var(--person); border-radius: 4px;
  border-start-end-radius: var(--radius); border-end-end-radius: var(--radius);
}
.unsent { display: block; font-size: .8125em; text-align: right; color: var(--danger); }

.body :is(p, ul, ol, pre, blockquote, .table) { margin: 0 0 .625em; }
.body :is(ul, ol) { padding-left: 1.4em; }
.body li + li { margin-top: .3em; }
.body li > :is(p, ul, ol, pre) { margin: .25em 0 0; }
.body .heading { font-weight: 600; }
.body hr { height: 1px; background: var(--line); border: 0; }
.body blockquote { padding-left: .75em; color: var(--muted); border-left: 3px solid var(--line); }
.body code {
  padding: .1em .3em; font: .875em/1.5 ui-monospace, "SF Mono", Menlo, Consolas,
    "Liberation Mono", monospace; background: light-dark(#e2e8f1, #313d51); border-radius: 5px;
}
.body pre { overflow-x: auto; padding: .625em .75em; background: light-dark(#e2e8f1, #313d51); border-radius: 10px; }
.body pre code { padding: 0; background: none; }
.body .table { overflow-x: auto; background: var(--surface); border: 1px solid var(--line); border-radius: 10px; }
table { width: 100%; font-size: .9375em; border-collapse: collapse; }
:is(th, td) { min-width: 5.5em; padding: .4em .65em; text-align: left; vertical-align: top; overflow-wrap: break-word; }
th { background: var(--sunken); }
tr + tr td, thead + tbody td { border-top: 1px solid var(--line); }

.body > :last-child { margin-bottom: 0; }

.cite { position: relative; margin: 0 .1em; font-size: .6875em; line-height: 1; vertical-align: .3em; }
.cite > *, .number {
  display: inline-block; min-width: 1.9em; padding: .4em .45em; font-weight: 600; line-height: 1;
  text-align: center; text-decoration: none; color: var(--on-tint); background: var(--tint);
  border-radius: 6px;
}
.cite a::after { position: absolute; inset: -8px -3px; content: ""; }
.cite a:hover { color: var(--on-accent); background: var(--accent); }
.sources { margin-top: 10px; padding-top: 8px; border-top: 1px solid var(--line); }
h3 { font-size: .8125em; font-weight: 600; color: var(--muted); }
.body .sources ol { display: grid; gap: 2px; margin: 4px 0 0; padding: 0; list-style: none; }
.sources li {
  position: relative; display: grid; grid-template-columns: auto minmax(0, 1fr); align-items: baseline;
  gap: 1px 8px; margin: 0 -8px; padding: 7px 8px; font-size: .9375em; border-radius: 10px;
}
.body .sources li + li { margin-top: 0; }
.sources li:hover { background: var(--tint); }
.sources li a { font-weight: 500; }
.sources li a::after { position: absolute; inset: 0; content: ""; }
.number { font-size: .6875em; }
.body .excerpt {
  display: -webkit-box; overflow: hidden; grid-column: 2; margin: 0; font-size: .875em;
  line-height: 1.45; color: var(--muted); -webkit-box-orient: vertical; -webkit-line-clamp: 2;
}

.tools { display: flex; align-items: center; margin: 4px -10px -8px; }
.tool svg { width: 19px; height: 19px; }
.tool[aria-pressed="true"] { color: var(--accent); }
.tool[aria-pressed="true"] svg { fill: var(--tint); }
.outcome { flex: 1; padding: 0 6px; font-size: .8125em; line-height: 1.3; color: var(--muted); }
.reasons { margin-top: 10px; padding-top: 10px; border-top: 1px solid var(--line); }
.reasons > p { font-size: .875em; font-weight: 600; }
.reasons textarea {
  width: 100%; margin-top: 8px; padding: 8px 12px; resize: vertical; background: var(--surface);
  border: 1px solid var(--edge); border-radius: 12px;
}
.ends { display: flex; justify-content: flex-end; gap: 8px; margin-top: 8px; }

.choices { display: flex; flex-wrap: wrap; gap: 8px; margin-top: 10px; }
.choice, .plain, .primary, .retry, .person {
  min-height: 44px; padding: 6px 16px; font-size: .9375em; line-height: 1.35; text-align: left;
  color: var(--accent); background: none; border-radius: 22px; overflow-wrap: anywhere;
  border: 1px solid color-mix(in srgb, var(--accent) 45%, var(--surface));
}
:is(.choice, .plain, .person):hover { background: var(--tint); }
.choice[aria-pressed="true"] { color: var(--on-accent); background: var(--accent); border-color: var(--accent); }
.primary { font-weight: 600; color: var(--on-accent); background: var(--accent); border-color: var(--accent); }
.plain { color: var(--muted); border-color: transparent; }

.stage { display: flex; align-items: center; gap: 8px; margin-top: 12px; font-size: .875em; color: var(--muted); }
.stage:empty { display: none; }
.stage::before {
  width: 8px; height: 8px; content: ""; background: var(--accent); border-radius: 50%;
  animation: pulse 1.2s ease-in-out infinite;
}
@keyframes pulse { 50% { opacity: .25; transform: scale(.8); } }
.note { font-size: .8125em; text-align: center; color: var(--muted); }
.failure { padding: 8px 8px 8px 14px; font-size: .9375em; color: var(--danger); background: var(--danger-tint); border-radius: var(--radius); }
.failure p { display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between; gap: 6px 12px; }
.retry { font-weight: 600; color: inherit; border-color: currentcolor; }
.retry:disabled { cursor: default; opacity: .6; }

footer { flex: none; padding: 10px 12px max(6px, env(safe-area-inset-bottom)); border-top: 1px solid var(--line); }
.composer {
  display: grid; grid-template-columns: minmax(0, 1fr) auto; align-items: end; padding: 2px 2px 2px 16px;
  background: var(--surface); border: 1px solid var(--edge); border-radius: 25px;
}
.composer:focus-within { border-color: var(--accent); box-shadow: 0 0 0 1px var(--accent); }
.composer textarea {
  min-width: 0; max-height: 160px; margin: 0; padding: 9px 0; line-height: 1.5; resize: none; background: none; border: 0; outline: none;
}
textarea::placeholder { color: var(--muted); opacity: 1; }
.send {
  display: grid; place-items: center; width: 44px; height: 44px; padding: 0; color: var(--on-accent);
  background: var(--accent); border: 0; border-radius: 50%;
}
.busy .send { cursor: default; opacity: .45; }
.left { grid-column: 1 / -1; padding: 0 14px 6px 0; font-size: .75em; text-align: right; color: var(--muted); }
.left:empty { display: none; }
.left.over { font-weight: 600; color: var(--danger); }
.below { display: flex; align-items: center; justify-content: space-between; gap: 8px; padding-top: 4px; }
.person { display: flex; flex: none; align-items: center; gap: 6px; padding: 4px 10px; font-size: .875em; font-weight: 600; border-color: transparent; }
.person svg { width: 19px; height: 19px; }
.below p { padding-right: 6px; font-size: .75em; line-height: 1.3; text-align: right; color: var(--muted); }

@media (max-width: 40em), (max-height: 30em) {
  .panel {
    inset: var(--seen-top, 0) 0 auto 0; width: 100%; height: var(--seen-height, 100dvh);
    padding: env(safe-area-inset-top) env(safe-area-inset-right) 0 env(safe-area-inset-left);
    border: 0; border-radius: 0; box-shadow: none;
  }
  .composer textarea, .reasons textarea { font-size: max(16px, 1em); } /* or iOS zooms in */
  .panel::backdrop { background: light-dark(#fff, #171e2a); }
}
@media (prefers-reduced-motion: reduce) {
  *, ::before, ::after { animation: none !important; transition: none !important; }
}
@media (forced-colors: active) {
  .panel, .launcher, .body, .send, .primary { border: 1px solid CanvasText; }
  .choice[aria-pressed="true"], .tool[aria-pressed="true"] { forced-color-adjust: none; color: HighlightText; background: Highlight; }
  .stage::before, .launcher.unread::after { background: Highlight; forced-color-adjust: none; }
}
@media print { :host { display: none !important; } }
`);
