/** Shows a refused request: each problem at its field, the rest in the form's banner; decides nothing about values. */
import { element, icon } from "./dom.js";
import { reference } from "./failure.js";
import { plural, sentence, stretch } from "./text.js";

/** Fills the banner and the fields of `parts` ({params, output}: controls), and moves to the first that is wrong. */
export function showProblems(error, parts, banner) {
  const { wrong, homeless } = placeProblems(error, parts);
  banner.replaceChildren(icon("alert"), element("div", {}, opening(error, wrong), listOf(homeless), reference(error)));
  banner.hidden = false;
  (wrong[0] ?? banner).focus();
}

/** Shows each problem at the control it is about; gives those controls, and the problems without one. */
function placeProblems({ details }, parts) {
  const wrong = new Set();
  const homeless = [];
  const entries = Array.isArray(details) ? details : [];
  for (const { path = "", problem = "" } of entries.toReversed()) {
    // so that the first of a field's problems stands

    const { control, name } = homeOf(path, problem, parts);
    if (control) {
      control.showProblem(sentence(problem), name);
      control.element.closest("details")?.setAttribute("open", "");
      wrong.add(control);
    } else homeless.unshift({ path, problem });
  }
  return { wrong: [...parts.params, ...parts.output].filter((control) => wrong.has(control)), homeless };
}

/** The control that claims the path; for a problem of the whole part, the control of a field that the problem names. */
function homeOf(path, problem, parts) {
  const [part, ...rest] = path.split(".");
  const names = rest.length ? [rest.join(".")] : (problem.match(/\w+/g) ?? []);
  for (const name of names) {
    const control = parts[part]?.find((each) => each.element && each.claims(name));
    if (control) return { control, name: rest.length ? name : "" };
  }
  return {};
}

/** What happened; where fields tell it themselves, only how many they are. */
function opening(error, wrong) {
  const wait = error.retryAfter ? ` Wait ${stretch(error.retryAfter)}.` : "";
  const fields = `No file yet: ${plural(wrong.length, "field")} below must change.`;
  return element("p", {}, wrong.length ? fields : error.message + wait);
}

function listOf(problems) {
  if (!problems.length) return null;
  const named = ({ path, problem }) =>
    ["", "params", "output"].includes(path) ? sentence(problem) : `${path}: ${problem}`;
  return element(
    "ul",
    {},
    problems.map((each) => element("li", {}, named(each))),
  );
}
