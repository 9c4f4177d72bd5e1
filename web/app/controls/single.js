/** Controls for one value: text, number, date, yes or no, and one of several choices. */
import { element, freshId } from "../dom.js";
import { frame } from "./field.js";
import { segments } from "./segments.js";

const inputTypes = { integer: "number", number: "number", date: "date", time: "time", text: "text" };
const fewChoices = 4;

/** A text, number, date or time; an empty one is left out. */
export function entry(field) {
  const input = element("input", {
    id: freshId("field"),
    name: field.name,
    type: inputTypes[field.kind],
    value: field.initial,
    autocomplete: "off",
    min: field.minimum,
    max: field.maximum,
    maxlength: field.maxLength,
    required: field.required,
    step: field.kind === "number" ? "any" : null,
    class: inputTypes[field.kind],
  });
  const numeric = input.type === "number";
  return {
    ...frame({ ...field, hint: field.hint || rangeHint(field, numeric) }, input),
    read: () => (input.value === "" ? {} : { [field.name]: numeric ? Number(input.value) : input.value }),
  };
}

function rangeHint({ minimum, maximum }, numeric) {
  if (!numeric || (minimum === undefined && maximum === undefined)) return "";
  if (maximum === undefined) return `${minimum} or more.`;
  return minimum === undefined ? `At most ${maximum}.` : `${minimum} to ${maximum}.`;
}

/** Texts of which there may be several, one in a line. */
export function lines(field) {
  const input = element("textarea", { id: freshId("field"), name: field.name, rows: 3, required: field.required });
  input.value = (field.initial ?? []).join("\n");
  const texts = () =>
    input.value
      .split("\n")
      .map((line) => line.trim())
      .filter(Boolean);
  return {
    ...frame({ ...field, hint: field.hint || "One in a line." }, input),
    read: () => (texts().length ? { [field.name]: texts() } : {}),
  };
}

/** Yes or no; the box says what yes means. */
export function toggle(field) {
  const input = element("input", { id: freshId("field"), name: field.name, type: "checkbox" });
  input.checked = field.initial === true;
  const box = element("label", { class: "toggle" }, input, field.label);
  const note = field.hint ? element("p", { class: "hint" }, field.hint) : null;
  const control = frame({ note }, box, input);
  return { ...control, read: () => ({ [field.name]: input.checked }) };
}

/** One of several choices: side by side when they are few and one is needed, else in a list. */
export function oneOf(field) {
  const settled = field.required || field.initial !== undefined;
  if (settled && field.choices.length <= fewChoices) return segmented(field);
  const input = element(
    "select",
    { id: freshId("field"), name: field.name, required: field.required },
    field.initial === undefined ? element("option", { value: "" }, field.required ? "Choose…" : "Any") : null,
    field.choices.map(({ value, label }, index) =>
      element("option", { value: index, selected: value === field.initial }, label),
    ),
  );
  return {
    ...frame(field, input),
    read: () => (input.value === "" ? {} : { [field.name]: field.choices[Number(input.value)].value }),
  };
}

function segmented(field) {
  const choice = segments(field.name, field.choices, field.initial ?? field.choices[0].value);
  return {
    ...frame({ ...field, group: true }, choice.element),
    focus: choice.focus,
    read: () => ({ [field.name]: choice.value() }),
  };
}

/** A value that the schema leaves no choice about. */
export function fixed(field) {
  return { element: null, read: () => ({ [field.name]: field.initial }) };
}
