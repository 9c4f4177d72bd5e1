/** Builds DOM nodes; data only ever become text and attributes, never markup. */
import { shapes } from "./icons.js";

let ids = 0;

/** A document-wide unique id. */
export function freshId(prefix) {
  ids += 1;
  return `${prefix}-${ids}`;
}

/** An element; attributes that are null, undefined or false are left out, `on` holds listeners. */
export function element(tag, { on = {}, ...attributes } = {}, ...children) {
  const node = document.createElement(tag);
  setAttributes(node, attributes);
  for (const [event, listener] of Object.entries(on)) node.addEventListener(event, listener);
  node.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return node;
}

export function setAttributes(node, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) node.removeAttribute(name);
    else node.setAttribute(name, value === true ? "" : String(value));
  }
}

/** A line drawing that only repeats what the text beside it says. */
export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  setAttributes(svg, { viewBox: "0 0 24 24", class: "icon", "aria-hidden": "true", focusable: "false" });
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", shapes[name] ?? shapes.file);
  svg.append(path);
  return svg;
}

/** Says something to people who listen to the page; the sentence is seen by nobody. */
export function announce(sentence) {
  document.getElementById("announcer").textContent = sentence;
}

export function prefersStillness() {
  return matchMedia("(prefers-reduced-motion: reduce)").matches;
}
