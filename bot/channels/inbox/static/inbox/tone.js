// The course of a conversation's tone: one bar a message of the customer, the latest last.

import { element } from "../../../widget/dom.js";

const SVG = "http://www.w3.org/2000/svg";
const SHOWN = 8;
const WIDTH = 4;
const GAP = 2;
const HEIGHT = 14;
const LEAST = 3;

export function toneNode(course, words, { shown = SHOWN, named = false } = {}) {
  const last = course.slice(-shown);
  const label = words.say("toneCourse", { tones: last.map(({ label: l }) => words.say(`tone_${l}`)).join(", ") });
  if (!last.length) return element("span", { className: "tone" });
  const latest = last.at(-1).label;
  const svg = document.createElementNS(SVG, "svg");
  const width = last.length * (WIDTH + GAP) - GAP;
  svg.setAttribute("viewBox", `0 0 ${width} ${HEIGHT}`);
  svg.setAttribute("width", width);
  svg.setAttribute("height", HEIGHT);
  svg.setAttribute("aria-hidden", "true");
  last.forEach(({ label: tone, score }, at) => svg.append(bar(at, tone, score)));
  const text = element("span", { className: named ? "" : "unseen" }, [named ? words.say(`tone_${latest}`) : label]);
  return element("span", { className: `tone ${latest}`, title: label }, [svg, text]);
}

function bar(at, tone, score) {
  const height = Math.max(LEAST, Math.round(score * HEIGHT));
  const rect = document.createElementNS(SVG, "rect");
  const box = { x: at * (WIDTH + GAP), y: HEIGHT - height, width: WIDTH, height, rx: 1 };
  for (const [name, value] of Object.entries(box)) rect.setAttribute(name, value);
  rect.setAttribute("class", tone);
  return rect;
}
