/** The choice of days: a named period, or a first and a last day; never both. */
import { element, freshId } from "../dom.js";
import { frame } from "./field.js";
import { segments } from "./segments.js";

const usual = "last_30_days";
const meanings = {
  today: "The day on which the file is made.",
  yesterday: "The day before the file is made.",
  last_7_days: "The 7 days that end yesterday.",
  last_30_days: "The 30 days that end yesterday.",
  last_90_days: "The 90 days that end yesterday.",
  this_week: "Monday to Sunday of this week, days to come included.",
  last_week: "Monday to Sunday of the week before.",
  this_month: "The whole calendar month, days to come included.",
  last_month: "The whole calendar month before.",
  this_quarter: "The whole calendar quarter, days to come included.",
  last_quarter: "The whole calendar quarter before.",
};

export function dates({ label, dateFrom, dateTo, period }) {
  const both = dateFrom && dateTo && period;
  const modes = [
    ...(period ? [periodMode(period, dateFrom || dateTo)] : []),
    ...(dateFrom || dateTo ? [daysMode(dateFrom, dateTo)] : []),
  ];
  const names = [dateFrom, dateTo, period].flatMap((field) => (field ? [field.name] : []));
  const choices = modes.map((mode) => ({ value: mode, label: mode.label }));
  const choice = segments("mode", choices, modes[0], (mode) => show(mode));
  const body = element(
    "div",
    { class: "dates" },
    both ? choice.element : null,
    modes.map((mode) => mode.element),
  );
  const whole = frame({ label, group: true }, body);
  const shown = () => choice.value();

  function show(mode) {
    for (const each of modes) each.element.hidden = each !== mode;
    for (const each of modes) each.clearProblem();
    whole.clearProblem();
  }

  show(modes[0]);
  return {
    ...whole,
    claims: (path) => names.includes(path),
    read: () => shown().read(),
    showProblem: (sentence, path) => shown().showProblem(sentence, path) || whole.showProblem(sentence),
    clearProblem() {
      whole.clearProblem();
      shown().clearProblem();
    },
    focus: () => shown().focus(),
  };
}

function periodMode(field, isOneOfTwo) {
  const chosen = field.choices.find(({ value }) => value === (field.initial ?? usual)) ?? field.choices[0];
  const input = element(
    "select",
    { id: freshId("field"), name: field.name },
    field.choices.map(({ value, label }) => element("option", { value, selected: value === chosen.value }, label)),
  );
  const meaning = element("p", { class: "hint" });
  const explain = () => (meaning.textContent = meanings[input.value] ?? "");
  input.addEventListener("change", explain);
  explain();
  const control = frame({ label: "Period", note: meaning, unseen: isOneOfTwo }, input);
  return mode("Period", control.element, { [field.name]: control }, () => ({ [field.name]: input.value }));
}

function daysMode(...fields) {
  const present = fields.filter(Boolean);
  const inputs = present.map((field) =>
    element("input", { id: freshId("field"), name: field.name, type: "date", value: field.initial, class: "date" }),
  );
  const controls = present.map((field, index) => frame({ label: field.label }, inputs[index]));
  const row = element(
    "div",
    { class: "pair" },
    controls.map((control) => control.element),
  );
  const read = () =>
    Object.fromEntries(inputs.filter((input) => input.value).map((input) => [input.name, input.value]));
  return mode("Dates", row, Object.fromEntries(present.map((field, index) => [field.name, controls[index]])), read);
}

/** One way of saying the days; `showProblem` tells whether there was a place for it. */
function mode(label, node, controls, read) {
  const all = Object.values(controls);
  return {
    label,
    element: node,
    read,
    showProblem(sentence, path) {
      controls[path]?.showProblem(sentence);
      return path in controls;
    },
    clearProblem: () => all.forEach((control) => control.clearProblem()),
    focus() {
      const wrong = all.find((control) => control.element.classList.contains("wrong"));
      (wrong ?? all[0]).focus();
    },
  };
}
