/** The list of reports by category; each entry is a link, so that it can be opened, bookmarked and gone back to. */
import { element, icon, setAttributes } from "./dom.js";
import { humanise } from "./text.js";

const categories = {
  calls: "Calls",
  performance: "Performance",
  tat: "Turnaround time",
  surveys: "Surveys",
};

/** Gives {element, mark(reportId)}; `choose(reportId)` is told of a choice. */
export function catalogue(reports, choose) {
  const links = new Map(reports.map((report) => [report.id, entry(report, choose)]));
  const groups = byCategory(reports);
  const list = element(
    "nav",
    { class: "card catalogue", "aria-label": "Reports" },
    [...groups].map(([category, members]) =>
      group(
        category,
        members.map(({ id }) => links.get(id)),
      ),
    ),
  );
  const mark = (chosen) => {
    for (const [id, link] of links) setAttributes(link, { "aria-current": id === chosen ? "page" : null });
  };
  return { element: list, mark };
}

function byCategory(reports) {
  const groups = new Map();
  for (const report of reports) groups.set(report.category, [...(groups.get(report.category) ?? []), report]);
  return groups;
}

function group(category, links) {
  const title = categories[category] ?? humanise(category ?? "Reports");
  return element(
    "section",
    {},
    element("h2", {}, title),
    element(
      "ul",
      {},
      links.map((link) => element("li", {}, link)),
    ),
  );
}

function entry(report, choose) {
  const open = (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    choose(report.id);
  };
  return element(
    "a",
    { href: `/?${new URLSearchParams({ report: report.id })}`, title: report.description, on: { click: open } },
    icon(report.icon),
    element("span", {}, report.name),
  );
}
