// How the ticket, the survey and the signs look; colours and sizes are the widget's own.

export const supportStyles = new CSSStyleSheet();

supportStyles.replaceSync(`
.signs { flex: none; padding: 4px 16px 6px; font-size: .8125em; color: var(--muted); }
.signs[hidden], .case[hidden], .survey[hidden] { display: none; }
.signs::before {
  display: inline-block; width: 8px; height: 8px; margin-right: 7px; content: "";
  background: var(--person); border-radius: 50%;
}
.signs.writes::before { animation: pulse 1.2s ease-in-out infinite; }

.case, .survey {
  flex: none; padding: 10px 16px; font-size: .875em; color: var(--text);
  background: var(--person-tint); border-top: 1px solid var(--line);
}
.about { display: flex; flex-wrap: wrap; gap: 0 10px; align-items: baseline; }
.about strong { color: var(--person); }
.about p { flex: 1 1 14em; }
.case-acts { display: flex; flex-wrap: wrap; align-items: center; gap: 2px 4px; margin: 4px -10px -6px; }
.case-acts input {
  flex: 1 1 11em; min-width: 0; height: 40px; margin-left: 10px; padding: 4px 12px; font: inherit;
  color: inherit; background: var(--surface); border: 1px solid var(--edge); border-radius: 20px;
}
.hint { flex: 1 1 12em; padding: 6px 10px; color: var(--muted); overflow-wrap: anywhere; }
.act {
  min-height: 44px; padding: 4px 10px; font-weight: 600; color: var(--person); background: none;
  border: 0; border-radius: 22px;
}
.act:hover { background: color-mix(in srgb, var(--person) 12%, transparent); }
.act.main { padding-inline: 16px; margin-inline-end: 10px; color: var(--surface); background: var(--person); }
.case-failure { flex: 1 1 100%; padding: 0 10px; color: var(--danger); }
.case-failure:empty { display: none; }

.survey { overflow-y: auto; max-height: 60%; padding-block: 12px; }
.survey p { font-weight: 600; }
.scale { display: flex; gap: 4px; margin: 6px 0 8px; }
.scale button {
  flex: 1 1 0; min-width: 0; height: 44px; padding: 0; background: var(--surface);
  border: 1px solid var(--line); border-radius: 10px;
}
.scale .csat { display: grid; place-items: center; color: var(--muted); }
.scale .csat:is(:hover, [aria-pressed="true"]) { color: var(--person); }
.scale svg { width: 26px; height: 26px; }
.scale .nps { font-size: .875em; font-variant-numeric: tabular-nums; }
.scale button:hover { border-color: var(--person); }
.scale [aria-pressed="true"] { border-color: var(--person); box-shadow: inset 0 0 0 1px var(--person); }
.scale .nps[aria-pressed="true"] { color: var(--surface); background: var(--person); }
.survey .poles { display: flex; justify-content: space-between; margin: -2px 0 8px; font-size: .8125em; font-weight: 400; color: var(--muted); }
.survey textarea {
  width: 100%; padding: 8px 12px; resize: vertical; background: var(--surface);
  border: 1px solid var(--edge); border-radius: 12px;
}
.survey .case-acts { justify-content: flex-end; }
@media (max-width: 40em), (max-height: 30em) {
  .case-acts input, .survey textarea { font-size: max(16px, 1em); } /* or iOS zooms in */
  .scale { gap: 2px; }
}
@media (forced-colors: active) {
  .scale [aria-pressed="true"] { forced-color-adjust: none; color: HighlightText; background: Highlight; }
}
`);
