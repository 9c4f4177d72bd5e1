/** A report's form, built from its schemas: collects what was chosen, shows what is wrong with it; sends nothing. */
import { element, icon } from "./dom.js";
import { showProblems } from "./problems.js";
import { sectionsOf } from "./sections.js";

/**
 * Gives {element, focus()}. `submit(body, showError)` returns a promise; until it is settled nothing more is sent.
 * `showError(error)` tells whether it could: not when the form is off the page. `lists` are the choices that are data.
 */
export function reportForm(report, lists, submit) {
  const heading = element("h1", { tabindex: "-1" }, report.name);
  const parts = sectionsOf(report, lists);
  const banner = element("div", { class: "banner", role: "alert", tabindex: "-1", hidden: true });
  const button = element("button", { class: "button primary", type: "submit" }, "Create file");
  const form = element(
    "form",
    { class: "card report", novalidate: true, "aria-label": report.name, on: { submit: send } },
    element("header", {}, heading, element("p", {}, report.description), facts(report)),
    banner,
    parts.sections,
    element("footer", {}, button),
  );

  async function send(event) {
    event.preventDefault();
    if (button.getAttribute("aria-disabled") === "true") return;
    clear();
    busy(true);
    const body = { reportId: report.id, params: valuesOf(parts.params), output: valuesOf(parts.output) };
    await submit(body, showError);
    busy(false);
  }

  function busy(now) {
    button.setAttribute("aria-disabled", String(now));
    button.textContent = now ? "Sending…" : "Create file";
  }

  function clear() {
    banner.hidden = true;
    for (const control of [...parts.params, ...parts.output]) control.clearProblem?.();
  }

  function showError(error) {
    if (!form.isConnected) return false;
    clear();
    showProblems(error, parts, banner);
    return true;
  }

  return { element: form, focus: () => heading.focus() };
}

function facts({ estimatedTime }) {
  return estimatedTime ? element("p", { class: "facts" }, icon("timer"), `Usually takes ${estimatedTime}`) : null;
}

function valuesOf(controls) {
  return Object.assign({}, ...controls.map((control) => control.read()));
}
