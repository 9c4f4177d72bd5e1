/** What a signed-in person sees: the reports, the chosen one's form, and this session's files; wires them together. */
import { catalogue } from "./catalogue.js";
import { element, icon } from "./dom.js";
import { failure } from "./failure.js";
import { FilesPanel } from "./files/panel.js";
import { forgetRecords } from "./files/record.js";
import { reportForm } from "./form.js";
import { capitalised } from "./text.js";

const paths = { reports: "/functions/v1/reports", options: "/functions/v1/report-options" };

/** Fills `main` and gives a function that closes everything, for the reason "ended" or "signed-out". */
export function openWorkspace(main, api, subject) {
  const closing = new AbortController();
  const files = new FilesPanel(api, subject, closing.signal);
  const loaded = element("div", { class: "loaded" });
  main.replaceChildren(element("div", { class: "workspace" }, loaded, files.element));
  load(loaded, api, files, closing.signal);
  return (reason) => {
    closing.abort();
    if (reason === "signed-out") forgetRecords();
  };
}

async function load(place, api, files, signal) {
  place.replaceChildren(element("p", { class: "card waiting", "aria-busy": "true" }, "Loading the reports…"));
  try {
    const [reports, options] = await Promise.all([
      api.get(paths.reports, { signal }),
      api.get(paths.options, { signal }),
    ]);
    show(place, catalogueOf(reports.data), listsOf(options.data), files, signal);
  } catch (error) {
    if (signal.aborted) return;
    const again = () => load(place, api, files, signal);
    const button = element("button", { class: "button", type: "button", on: { click: again } }, "Try again");
    place.replaceChildren(element("div", { class: "card" }, failure(error, button)));
  }
}

/** The reports, each with the schema of its output: its own, or the one that the catalogue gives for all. */
function catalogueOf({ reports, output }) {
  return reports.map((report) => ({ output, ...report, description: capitalised(report.description ?? "") }));
}

/** The choices of the properties whose choices are data. */
function listsOf({ banks = [], engineers = [], regions = [] }) {
  return {
    banks: banks.map(({ id, name }) => ({ value: id, label: name })),
    engineers: engineers.map(({ id, name, region }) => ({ value: id, label: name, note: region })),
    regions: regions.map((name) => ({ value: name, label: name })),
  };
}

function show(place, reports, lists, files, signal) {
  const forms = new Map();
  const stage = element("div", { class: "stage" });
  const list = catalogue(reports, (id) => {
    history.pushState(null, "", `/?${new URLSearchParams({ report: id })}`);
    open(true);
  });

  /** Shows the report that the address names, in the state in which its form was left. */
  function open(moveFocus) {
    const named = new URLSearchParams(location.search).get("report");
    const report = reports.find(({ id }) => id === named) ?? (reports.length === 1 ? reports[0] : undefined);
    list.mark(report?.id);
    place.classList.toggle("chosen", report !== undefined && reports.length > 1);
    document.title = report ? `${report.name} · CoSTAR Reports` : "CoSTAR Reports";
    if (report && !forms.has(report.id)) forms.set(report.id, reportForm(report, lists, submitter(report)));
    const form = forms.get(report?.id);
    stage.replaceChildren(...(form ? [backLink(goBack), form.element] : [invitation(reports)]));
    if (form && moveFocus) form.focus();
  }

  const submitter = (report) => (body, showError) => files.submit(report, body, showError);

  function goBack() {
    history.pushState(null, "", "/");
    open(false);
    list.element.querySelector("a").focus();
  }

  addEventListener("popstate", () => open(true), { signal });
  place.replaceChildren(list.element, stage);
  open(false);
}

function backLink(goBack) {
  return element(
    "button",
    { class: "link back", type: "button", on: { click: goBack } },
    icon("arrow-left"),
    "All reports",
  );
}

function invitation(reports) {
  const sentence = reports.length
    ? "Choose a report on the left, say which days and which calls, and get a file."
    : "There is no report that you may run. Ask an administrator for access.";
  return element("div", { class: "card invitation" }, element("h1", {}, "Reports"), element("p", {}, sentence));
}
