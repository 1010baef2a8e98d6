// Nodes from values: text becomes text nodes, no string is ever read as HTML.

const SVG = "http://www.w3.org/2000/svg";

// `on...` properties are listeners, `data` is the dataset, names with a dash are attributes.
export function element(name, properties = {}, children = []) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (key === "data") Object.assign(node.dataset, value);
    else if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else if (key === "role" || key.includes("-")) node.setAttribute(key, value);
    else node[key] = value;
  }
  node.append(...children);
  return node;
}

// One path in a square of so many units.
export function drawing(size, path, properties = {}) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", `0 0 ${size} ${size}`);
  for (const [key, value] of Object.entries(properties)) svg.setAttribute(key, value);
  const shape = document.createElementNS(SVG, "path");
  shape.setAttribute("d", path);
  svg.append(shape);
  return svg;
}

// A label with its input; `hint` is read out with it.
export function field(label, properties, hint = "") {
  const id = properties.id ?? `field-${properties.name}`;
  const input = element("input", { ...properties, id });
  const parts = [element("label", { htmlFor: id }, [label]), input];
  if (hint) {
    input.setAttribute("aria-describedby", `${id}-hint`);
    parts.push(element("p", { className: "hint", id: `${id}-hint` }, [hint]));
  }
  return element("div", { className: "field" }, parts);
}

// `options` are pairs of value and label.
export function choice(label, properties, options) {
  const id = properties.id ?? `field-${properties.name}`;
  const items = options.map(([value, text]) => element("option", { value }, [text]));
  const select = element("select", { ...properties, id }, items);
  if (properties.value !== undefined) select.value = properties.value;
  return element("div", { className: "field" }, [
    element("label", { htmlFor: id }, [label]),
    select,
  ]);
}

export function button(label, properties = {}) {
  return element("button", { type: "button", ...properties }, [label]);
}

// What is said about a form or page; errors are read out at once.
export function notice() {
  return element("p", { className: "notice", role: "status", hidden: true });
}

export function tell(node, text, kind = "done") {
  node.setAttribute("role", kind === "error" ? "alert" : "status");
  node.dataset.kind = kind;
  node.textContent = text;
  node.hidden = !text;
}
