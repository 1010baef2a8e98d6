// Nodes from values: text becomes text nodes, no string is ever read as HTML.

const SVG = "http://www.w3.org/2000/svg";

const PATHS = {
  chat: "M4 5.5A1.5 1.5 0 0 1 5.5 4h13A1.5 1.5 0 0 1 20 5.5v9a1.5 1.5 0 0 1-1.5 1.5H11l-4.5 4v-4h-1A1.5 1.5 0 0 1 4 14.5zM8 8.5h8M8 11.8h5",
  close: "M6 6l12 12M18 6L6 18",
  down: "M6 9.5l6 6 6-6",
  send: "M12 19.5v-14M6 11l6-6 6 6",
  restart: "M12 5.5v13M5.5 12h13",
  person: "M12 12a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM5 19.5c.6-3.2 3.4-5 7-5s6.4 1.8 7 5",
  thumbUp: "M8 10.5V19M8 10.5l3.6-6c1.5 0 2.3 1 2 2.4L13 9.5h4.6c1.2 0 2 1.1 1.7 2.2l-1.5 5.8a2 2 0 0 1-1.9 1.5H8M8 10.5H5V19h3",
  thumbDown: "M16 13.5V5M16 13.5l-3.6 6c-1.5 0-2.3-1-2-2.4l.6-2.6H6.4c-1.2 0-2-1.1-1.7-2.2l1.5-5.8A2 2 0 0 1 8.1 5H16M16 13.5h3V5h-3",
  copy: "M9 9h10v11H9zM15 9V4.5H5v11h4",
  done: "M5 12.5l4.5 4.5L19 7.5",
};

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

export function icon(name) {
  return drawing(PATHS[name]);
}

export function drawing(d) {
  const svg = document.createElementNS(SVG, "svg");
  const path = document.createElementNS(SVG, "path");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  path.setAttribute("d", d);
  svg.append(path);
  return svg;
}

export function anchor(href, children, properties = {}) {
  return element("a", { href, target: "_blank", rel: "noopener noreferrer", ...properties }, children);
}
