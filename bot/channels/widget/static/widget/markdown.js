// Markdown as DOM nodes. Text becomes text nodes and nothing else: no HTML is ever parsed, images
// become their words, and a link leads only where a citation leads.

import { anchor, element } from "./dom.js";

const MAX_DEPTH = 8;

const FENCE = /^ {0,3}(`{3,}|~{3,})\s*([^`]*)$/;
const HEADING = /^ {0,3}#{1,6}\s+(.*?)\s*#*\s*$/;
const RULE = /^ {0,3}([-*_])(\s*\1){2,}\s*$/;
const QUOTE = /^ {0,3}>\s?/;
const ITEM = /^(\s*)([-*+]|\d{1,9}[.)])(\s+|$)/;
const TABLE_RULE = /^\s*\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?\s*$/;

// In order: code, escape, image, link, citation, strong, emphasis, strike, hard break, soft break.
const INLINE = new RegExp(
  [
    "(?<ticks>`+)(?<code>[^`]|[^`][\\s\\S]*?[^`])\\k<ticks>(?!`)",
    "\\\\(?<escaped>[!-/:-@[-`{-~])",
    "!\\[(?<alt>[^\\]\\n]*)\\]\\([^()\\s]*(?:\\s+\"[^\"]*\")?\\)",
    "\\[(?<label>[^\\[\\]\\n]+)\\]\\((?<target>[^()\\s]+)(?:\\s+\"[^\"]*\")?\\)",
    "\\[(?<cite>\\d{1,2})\\]",
    "(?<strongMark>\\*\\*|__)(?=\\S)(?<strong>[\\s\\S]*?\\S)\\k<strongMark>",
    "\\*(?=[^\\s*])(?<star>[^*]*[^\\s*])\\*",
    "(?<![\\p{L}\\p{N}_])_(?=[^\\s_])(?<under>[^_]*[^\\s_])_(?![\\p{L}\\p{N}_])",
    "~~(?=\\S)(?<strike>[^~]*\\S)~~",
    "(?<hard>(?: {2,}|\\\\)\\n\\s*)",
    "(?<soft>\\s*\\n\\s*)",
    "&(?<entity>amp|lt|gt|quot|nbsp|#39);",
  ].join("|"),
  "gu",
);

const ENTITIES = { amp: "&", lt: "<", gt: ">", quot: '"', nbsp: "\u00a0", "#39": "'" };
const CJK = /[\u3000-\u303f\u3400-\u9fff\uf900-\ufaff\uff00-\uffef]/;

// `cite(n)` gives the node of a citation marker, or null where there is no such citation;
// `links` maps the exact addresses that may be linked to where they lead.
export function renderMarkdown(text, { cite = () => null, links = new Map() } = {}) {
  const fragment = document.createDocumentFragment();
  fragment.append(...blocks(text.replace(/\r\n?/g, "\n").split("\n"), { cite, links }, 0));
  return fragment;
}

function blocks(lines, context, depth) {
  const nodes = [];
  let at = 0;
  while (at < lines.length) {
    if (!lines[at].trim()) {
      at += 1;
      continue;
    }
    const [node, next] = block(lines, at, context, depth);
    if (node) nodes.push(node);
    at = next;
  }
  return nodes;
}

function block(lines, at, context, depth) {
  const line = lines[at];
  if (FENCE.test(line)) return code(lines, at);
  if (HEADING.test(line)) {
    const title = inline(line.match(HEADING)[1], context, 0);
    return [element("p", { className: "heading" }, title), at + 1];
  }
  if (RULE.test(line)) return [element("hr"), at + 1];
  if (depth < MAX_DEPTH && QUOTE.test(line)) return quote(lines, at, context, depth);
  if (depth < MAX_DEPTH && ITEM.test(line)) return list(lines, at, context, depth);
  if (isTable(lines, at)) return table(lines, at, context);
  return paragraph(lines, at, context, depth);
}

function paragraph(lines, at, context, depth) {
  let end = at + 1;
  while (end < lines.length && lines[end].trim() && !interrupts(lines, end, depth)) end += 1;
  const text = lines.slice(at, end).join("\n").trim();
  return [element("p", {}, inline(text, context, 0)), end];
}

function interrupts(lines, at, depth) {
  const line = lines[at];
  const nests = depth < MAX_DEPTH && (QUOTE.test(line) || ITEM.test(line));
  return FENCE.test(line) || HEADING.test(line) || RULE.test(line) || nests || isTable(lines, at);
}

function code(lines, at) {
  const [, fence] = lines[at].match(FENCE);
  const closing = new RegExp(`^ {0,3}${fence[0]}{${fence.length},}\\s*$`);
  let end = at + 1;
  while (end < lines.length && !closing.test(lines[end])) end += 1;
  const text = element("code", {}, [lines.slice(at + 1, end).join("\n")]);
  return [element("pre", { tabIndex: 0 }, [text]), end + 1];
}

function quote(lines, at, context, depth) {
  let end = at;
  while (end < lines.length && QUOTE.test(lines[end])) end += 1;
  const inner = lines.slice(at, end).map((line) => line.replace(QUOTE, ""));
  return [element("blockquote", {}, blocks(inner, context, depth + 1)), end];
}

function list(lines, at, context, depth) {
  const [, indent, marker] = lines[at].match(ITEM);
  const ordered = /\d/.test(marker);
  const items = [];
  while (at < lines.length) {
    const match = lines[at].match(ITEM);
    if (!match || match[1].length > indent.length + 1 || /\d/.test(match[2]) !== ordered) break;
    const end = endOfItem(lines, at + 1, match[1].length);
    const width = match[1].length + match[2].length + 1;
    const inner = [lines[at].slice(match[0].length), ...lines.slice(at + 1, end).map(outdent(width))];
    items.push(element("li", {}, tight(blocks(inner, context, depth + 1))));
    at = end;
    while (at < lines.length && !lines[at].trim() && ITEM.test(lines[at + 1] ?? "")) at += 1;
  }
  const properties = ordered ? { start: Number.parseInt(marker, 10) } : {};
  return [element(ordered ? "ol" : "ul", properties, items), at];
}

function endOfItem(lines, at, indent) {
  for (; at < lines.length; at++) {
    const line = lines[at];
    const inset = line.length - line.trimStart().length;
    if (!line.trim()) {
      const next = lines[at + 1] ?? "";
      if (next.length - next.trimStart().length <= indent) return at;
    } else if (inset <= indent + 1 && (ITEM.test(line) || !lines[at - 1].trim())) {
      return at;
    } else if (inset <= indent && interrupts(lines, at, 0)) {
      return at;
    }
  }
  return at;
}

function outdent(width) {
  return (line) => line.slice(Math.min(width, line.length - line.trimStart().length));
}

// An item of one paragraph is shown without the paragraph around it.
function tight(nodes) {
  return nodes.flatMap((node, index) =>
    index === 0 && node.localName === "p" && !node.className ? [...node.childNodes] : [node],
  );
}

function isTable(lines, at) {
  return lines[at].includes("|") && TABLE_RULE.test(lines[at + 1] ?? "") &&
    lines[at + 1].includes("-") && cells(lines[at]).length === cells(lines[at + 1]).length;
}

function table(lines, at, context) {
  let end = at + 2;
  while (end < lines.length && lines[end].trim() && lines[end].includes("|")) end += 1;
  const row = (line, name) =>
    element("tr", {}, cells(line).map((cell) => element(name, {}, inline(cell, context, 0))));
  const head = element("thead", {}, [row(lines[at], "th")]);
  const body = element("tbody", {}, lines.slice(at + 2, end).map((line) => row(line, "td")));
  const whole = element("table", {}, [head, body]);
  return [element("div", { className: "table", tabIndex: 0 }, [whole]), end];
}

function cells(line) {
  return line.trim().replace(/^\||\|$/g, "").split(/(?<!\\)\|/).map((c) => c.trim().replace(/\\\|/g, "|"));
}

function inline(text, context, depth) {
  const nodes = [];
  let at = 0;
  for (const match of text.matchAll(INLINE)) {
    if (match.index > at) nodes.push(text.slice(at, match.index));
    nodes.push(...span(match, text, context, depth));
    at = match.index + match[0].length;
  }
  if (at < text.length) nodes.push(text.slice(at));
  return nodes;
}

function span(match, whole, context, depth) {
  const g = match.groups;
  const within = (text) => (depth < MAX_DEPTH ? inline(text, context, depth + 1) : [text]);
  if (g.code !== undefined) return [element("code", {}, [g.code.trim()])];
  if (g.escaped !== undefined) return [g.escaped];
  if (g.alt !== undefined) return [g.alt];
  if (g.label !== undefined) return [link(g.target, within(g.label), context)].flat();
  if (g.cite !== undefined) return [context.cite(Number(g.cite)) ?? match[0]];
  if (g.strong !== undefined) return [element("strong", {}, within(g.strong))];
  if (g.star !== undefined || g.under !== undefined) {
    return [element("em", {}, within(g.star ?? g.under))];
  }
  if (g.strike !== undefined) return [element("s", {}, within(g.strike))];
  if (g.hard !== undefined) return [element("br")];
  if (g.entity !== undefined) return [ENTITIES[g.entity]];
  return [joint(whole, match)];
}

// Lines of Chinese join without a space.
function joint(whole, match) {
  const before = whole[match.index - 1] ?? "";
  const after = whole[match.index + match[0].length] ?? "";
  return CJK.test(before) && CJK.test(after) ? "" : " ";
}

function link(target, label, { links }) {
  return links.has(target) ? anchor(links.get(target), label) : label;
}

// The links of a text that may be followed: `resolve` gives where one leads, or nothing.
export function linksIn(text, resolve) {
  const links = new Map();
  for (const [, url] of text.matchAll(/\]\(([^()\s]+)/g)) {
    const address = resolve(url);
    if (address) links.set(url, address);
  }
  return links;
}
