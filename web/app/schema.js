/** Reads a JSON Schema object into descriptions of form fields; draws nothing, and knows no report. */
import { humanise } from "./text.js";

const dateNames = ["dateFrom", "dateTo", "period"];

/**
 * The fields of an object schema: first the dates, as one field of kind `dates`, then the others in their order.
 * `lists` gives the choices, [{value, label, note?}], of the properties whose choices are data.
 */
export function describeFields(schema, lists = {}) {
  const properties = Object.entries(schema?.properties ?? {});
  const required = new Set(schema?.required);
  const described = properties.map(([name, property]) => ({
    ...describe(name, resolve(property, schema), lists[name]),
    required: required.has(name),
  }));
  const dates = described.filter(isDate);
  const others = described.filter((field) => !isDate(field));
  return dates.length ? [datesField(dates), ...others] : others;
}

function isDate({ name, kind }) {
  return dateNames.includes(name) && kind === (name === "period" ? "one" : "date");
}

function datesField(fields) {
  const named = Object.fromEntries(fields.map((field) => [field.name, field]));
  return { name: "dates", kind: "dates", label: "Dates", ...named };
}

function describe(name, property, list) {
  const field = {
    name,
    label: labelOf(name, property.title),
    hint: property.description ?? "",
    initial: property.default ?? undefined,
    minimum: property.minimum ?? above(property.exclusiveMinimum),
    maximum: property.maximum,
    maxLength: property.maxLength,
  };
  return { ...field, ...shapeOf(property, list) };
}

function shapeOf(property, list) {
  if (property.type === "array") {
    const choices = list ?? choicesOf(property.items ?? {});
    return choices ? { kind: "several", choices, fromData: list !== undefined } : { kind: "lines" };
  }
  const choices = list ?? choicesOf(property);
  if (choices?.length === 1 && "const" in property) return { kind: "fixed", initial: property.const };
  if (choices) return { kind: "one", choices };
  if (property.type === "boolean" || property.type === "integer" || property.type === "number") {
    return { kind: property.type };
  }
  return { kind: property.format === "date" || property.format === "time" ? property.format : "text" };
}

function choicesOf(property) {
  const values = property.enum ?? ("const" in property ? [property.const] : undefined);
  return values?.map((value) => ({ value, label: readable(String(value)) }));
}

/** Codes such as `in_progress` in words; anything else, such as `en-IN`, as it stands. */
function readable(value) {
  return /^[a-z]+(_[a-z\d]+)*$/.test(value) ? humanise(value) : value;
}

/** A property without its references, and without the "or null" that only says it may be left out. */
function resolve(property, root) {
  const { $ref: reference, anyOf, oneOf, allOf, ...own } = property;
  const target = reference ? resolve(lookUp(reference, root), root) : {};
  const options = (anyOf ?? oneOf ?? []).map((option) => resolve(option, root)).filter((each) => each.type !== "null");
  const parts = (allOf ?? []).map((part) => resolve(part, root));
  const merged = Object.assign({}, target, ...options, ...parts, own);
  if (options.length > 1 && options.every((each) => "const" in each)) merged.enum = options.map((each) => each.const);
  if (Array.isArray(merged.type)) merged.type = merged.type.find((type) => type !== "null");
  if (merged.items) merged.items = resolve(merged.items, root);
  return merged;
}

function lookUp(reference, root) {
  const steps = reference
    .replace(/^#\//, "")
    .split("/")
    .map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
  return steps.reduce((node, step) => node?.[step], root) ?? {};
}

/** A title that somebody wrote; one derived from the name is replaced by a readable form of the name. */
function labelOf(name, title) {
  const bare = (text) => text.replaceAll(/[\s_-]/g, "").toLowerCase();
  return title && bare(title) !== bare(name) ? title : humanise(name);
}

function above(exclusive) {
  return exclusive === undefined ? undefined : exclusive + 1;
}
