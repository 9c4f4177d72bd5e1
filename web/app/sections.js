/** Lays a report's fields out in sections: dates, options, filters, file; holds no values. */
import { controlFor } from "./controls/index.js";
import { element } from "./dom.js";
import { describeFields } from "./schema.js";
import { formatName } from "./text.js";

const setByThePage = ["format", "isPreview", "maxRows"];

/** The form's sections and its controls by the part of the request that they fill. */
export function sectionsOf(report, lists) {
  const fields = describeFields(report.parameters, lists).map((field) => [field, controlFor(field)]);
  const more = describeFields(report.output).filter(({ name }) => !setByThePage.includes(name));
  const output = [formatField(report.formats), ...more].map((field) => [field, controlFor(field)]);
  const [format, ...fileOptions] = output;
  const kind = (field) => (field.kind === "dates" ? "dates" : field.kind === "several" ? "filters" : "options");
  const of = (wanted) => fields.filter(([field]) => kind(field) === wanted);
  return {
    params: fields.map(([, control]) => control),
    output: output.map(([, control]) => control),
    sections: [
      section(null, of("dates")),
      section("Options", of("options")),
      section("Filters", of("filters"), "A filter with nothing ticked leaves nothing out."),
      section("File", [format], "", folded("More about the file", fileOptions)),
    ],
  };
}

function section(title, fields, hint = "", last = null) {
  const drawn = fields.map(([, control]) => control.element).filter(Boolean);
  if (!drawn.length) return null;
  return element(
    "section",
    {},
    title ? element("h2", {}, title) : null,
    hint ? element("p", { class: "hint" }, hint) : null,
    element("div", { class: "fields" }, drawn, last),
  );
}

/** Controls that most people leave alone. */
function folded(title, fields) {
  const drawn = fields.map(([, control]) => control.element).filter(Boolean);
  if (!drawn.length) return null;
  return element("details", {}, element("summary", {}, title), element("div", { class: "fields" }, drawn));
}

function formatField(available = ["xlsx"]) {
  const choices = available.map((value) => ({ value, label: formatName(value) }));
  return { name: "format", kind: "one", label: "Format", choices, initial: available[0], required: true };
}
