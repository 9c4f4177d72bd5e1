/** The frame of every control: label, hint, and the place for a problem; knows nothing of values. */
import { element, freshId, icon, setAttributes } from "../dom.js";

/**
 * Frames one input. `group` makes a fieldset with a legend, for several inputs that answer one question; `aside` stands
 * beside the label, `note` below the input, and a label is only heard where `unseen`.
 * Gives {element, showProblem(sentence), clearProblem(), focus()}.
 */
export function frame(question, body, focusTarget = body) {
  const { label, hint = "", group = false, aside = null, note = null, unseen = false } = question;
  const hintId = hint ? freshId("hint") : null;
  const problemId = freshId("problem");
  const problem = element("p", { class: "problem", id: problemId, hidden: true });
  const heading = headingOf(label, group, unseen, focusTarget.id);
  const box = element(
    group ? "fieldset" : "div",
    { class: "field" },
    aside ? element("div", { class: "headed" }, heading, aside) : heading,
    hint ? element("p", { class: "hint", id: hintId }, hint) : null,
    problem,
    body,
    note,
  );
  if (note) note.id = freshId("note");
  const described = group ? box : focusTarget;
  const describe = (...ids) => setAttributes(described, { "aria-describedby": ids.filter(Boolean).join(" ") || null });
  describe(hintId, note?.id);

  const control = {
    element: box,
    showProblem(sentence) {
      problem.replaceChildren(icon("alert"), sentence);
      problem.hidden = false;
      box.classList.add("wrong");
      if (!group) setAttributes(focusTarget, { "aria-invalid": "true" });
      describe(problemId, hintId, note?.id);
    },
    clearProblem() {
      problem.replaceChildren();
      problem.hidden = true;
      box.classList.remove("wrong");
      setAttributes(focusTarget, { "aria-invalid": null });
      describe(hintId, note?.id);
    },
    focus: () => focusTarget.focus(),
  };
  box.addEventListener("input", control.clearProblem);
  return control;
}

/** None where the body is a label itself. */
function headingOf(label, group, unseen, id) {
  if (!label) return null;
  return group ? element("legend", {}, label) : element("label", { for: id, class: unseen ? "unseen" : null }, label);
}
