/** A choice of any number of values. Nothing ticked means no filter, which is not the same as everything ticked. */
import { element, freshId, icon, setAttributes } from "../dom.js";
import { count } from "../text.js";
import { frame } from "./field.js";

const openUpTo = 5;

/** Few choices lie open; many are folded behind a button, with a search box. */
export function checklist(field) {
  const boxes = field.choices.map((choice) => box(field, choice));
  const ticked = () => boxes.filter(({ input }) => input.checked).map(({ choice }) => choice);
  const drawn = boxes.length <= openUpTo ? openList(field, boxes) : foldedList(field, boxes);
  const hint = field.fromData ? "" : field.hint; // the form says for all of them what nothing ticked means
  const control = frame({ ...field, hint, group: true, aside: drawn.aside }, drawn.element, drawn.focusTarget);
  const update = () => drawn.update(ticked());
  control.element.addEventListener("change", update);
  update();
  return {
    ...control,
    read: () => (ticked().length ? { [field.name]: ticked().map(({ value }) => value) } : {}),
  };
}

function box(field, choice) {
  const input = element("input", { type: "checkbox", name: field.name, value: String(choice.value) });
  input.checked = (field.initial ?? []).includes(choice.value);
  const note = choice.note ? element("span", { class: "note" }, choice.note) : null;
  const label = element("label", {}, input, element("span", {}, choice.label), note && " ", note);
  return { choice, input, label, words: `${choice.label} ${choice.note ?? ""}`.toLowerCase() };
}

/** Two buttons that tick or clear the boxes that `affected` gives. */
function allOrNone(name, affected) {
  const set = (checked) => (event) => {
    for (const { input } of affected()) input.checked = checked;
    event.target.dispatchEvent(new Event("input", { bubbles: true }));
    event.target.dispatchEvent(new Event("change", { bubbles: true }));
  };
  const button = (text, checked) =>
    element(
      "button",
      { type: "button", class: "link", "aria-label": `${text}: ${name}`, on: { click: set(checked) } },
      text,
    );
  return element("div", { class: "all-or-none" }, button("Select all", true), button("Select none", false));
}

function openList(field, boxes) {
  return {
    element: element(
      "div",
      { class: "pills" },
      boxes.map(({ label }) => label),
    ),
    aside: allOrNone(field.label, () => boxes),
    focusTarget: boxes[0]?.input ?? element("span"),
    update() {},
  };
}

function foldedList(field, boxes) {
  const panelId = freshId("choices");
  const summary = element("span", { class: "summary" });
  const tally = element("span", { class: "tally" });
  const opener = element(
    "button",
    { type: "button", class: "opener", "aria-expanded": "false", "aria-controls": panelId },
    summary,
    tally,
    icon("chevron-down"),
  );
  const { panel, search } = choicesPanel(field, boxes, panelId);

  function open(wanted) {
    panel.hidden = !wanted;
    setAttributes(opener, { "aria-expanded": String(wanted) });
    (wanted ? search : opener).focus();
  }

  opener.addEventListener("click", () => open(panel.hidden));
  panel.addEventListener("keydown", (event) => {
    if (event.key === "Escape") open(false);
  });
  return {
    element: element("div", { class: "folded" }, opener, panel),
    focusTarget: opener,
    update(ticked) {
      summary.textContent = summaryOf(field, ticked, boxes.length);
      tally.textContent = ticked.length ? `${count(ticked.length)} of ${count(boxes.length)}` : "";
      setAttributes(opener, { "aria-label": `${field.label}: ${summary.textContent} ${tally.textContent}`.trim() });
    },
  };
}

function choicesPanel(field, boxes, id) {
  const nothing = element("p", { class: "hint nothing", hidden: true }, "Nothing matches.");
  const shown = () => boxes.filter(({ label }) => !label.hidden);
  const search = element("input", {
    type: "search",
    placeholder: "Search",
    "aria-label": `Search ${field.label.toLowerCase()}`,
    autocomplete: "off",
  });

  function narrow() {
    const words = search.value.toLowerCase().split(/\s+/);
    for (const each of boxes) each.label.hidden = !words.every((word) => each.words.includes(word));
    nothing.hidden = shown().length > 0;
  }

  search.addEventListener("input", narrow);
  search.addEventListener("keydown", (event) => {
    if (event.key === "Enter") event.preventDefault();
  });
  const panel = element(
    "div",
    { class: "panel", id, hidden: true },
    element(
      "div",
      { class: "tools" },
      element("div", { class: "search" }, icon("search"), search),
      allOrNone(field.label, shown),
    ),
    element(
      "div",
      { class: "choices" },
      boxes.map(({ label }) => label),
      nothing,
    ),
  );
  return { panel, search };
}

function summaryOf(field, ticked, available) {
  if (ticked.length === 0) return "All (no filter)";
  if (ticked.length < available) return ticked.map(({ label }) => label).join(", ");
  return field.fromData ? "Every one; calls that have none are left out" : "Every one";
}
