/** A row of choices of which exactly one is taken: radio buttons that look like one control. */
import { element, freshId } from "../dom.js";

/** Gives {element, value(), focus()}; `chosen` is told of a change. */
export function segments(name, choices, initial, chosen = () => {}) {
  const group = freshId(name);
  const inputs = choices.map(({ value }, index) =>
    element("input", {
      type: "radio",
      name: group,
      value: index,
      class: "unseen",
      checked: value === initial,
      on: { change: () => chosen(value) },
    }),
  );
  const row = element(
    "div",
    { class: "segments" },
    choices.map(({ label }, index) => element("label", {}, inputs[index], element("span", {}, label))),
  );
  const taken = () => inputs.findIndex((input) => input.checked);
  return { element: row, value: () => choices[taken()].value, focus: () => inputs[taken()].focus() };
}
