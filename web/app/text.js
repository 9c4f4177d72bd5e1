/** Turns values into what a person reads: names, numbers, sizes and times; knows no server and no DOM. */

const locale = navigator.language.startsWith("en") ? navigator.language : "en-IN";
const formats = { xlsx: "Excel", pdf: "PDF", csv: "CSV", pptx: "PowerPoint" };
const clock = { hour: "2-digit", minute: "2-digit", timeZoneName: "short" };
const clockOnly = new Intl.DateTimeFormat(locale, clock);
const timeOnly = new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit" });
const dayAndClock = new Intl.DateTimeFormat(locale, { day: "numeric", month: "short", year: "numeric", ...clock });
const grouped = new Intl.NumberFormat(locale);

/** `dateFrom`, `in_progress` and `csvSheets` as "Date from", "In progress" and "CSV sheets". */
export function humanise(name) {
  const words = name
    .replace(/([a-z\d])([A-Z])/g, "$1 $2")
    .replaceAll(/[_-]+/g, " ")
    .toLowerCase()
    .replaceAll(/\b(csv|pdf)\b/g, (word) => word.toUpperCase());
  return capitalised(words);
}

export function capitalised(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** A file format as people call it. */
export function formatName(format) {
  return formats[format] ?? format.toUpperCase();
}

export function count(number) {
  return grouped.format(number);
}

/** "1 row", "2 rows". */
export function plural(number, one) {
  return `${count(number)} ${one}${number === 1 ? "" : "s"}`;
}

/** A file size in powers of 1,000, as operating systems show it. */
export function size(bytes) {
  const units = ["byte", "kilobyte", "megabyte", "gigabyte"];
  const power = Math.min(Math.floor(Math.log10(Math.max(bytes, 1)) / 3), units.length - 1);
  const style = { style: "unit", unit: units[power], unitDisplay: power ? "short" : "long", maximumFractionDigits: 1 };
  return new Intl.NumberFormat(locale, style).format(bytes / 1000 ** power);
}

/** A problem in words: with the names of fields as people see them, and as a sentence. */
export function sentence(problem) {
  const readable = problem.replaceAll(/\b[a-z]+[A-Z]\w*/g, (name) => `“${humanise(name)}”`);
  return capitalised(readable) + (/[.!?]$/.test(readable) ? "" : ".");
}

/** An instant in the reader's zone, which it names; the day only where it is not today. */
export function moment(iso, now = new Date()) {
  const at = new Date(iso);
  return (at.toDateString() === now.toDateString() ? clockOnly : dayAndClock).format(at);
}

/** The same without the zone, for places that name it elsewhere. */
export function briefMoment(iso, now = new Date()) {
  const at = new Date(iso);
  return (at.toDateString() === now.toDateString() ? timeOnly : dayAndClock).format(at);
}

/** The reader's zone by its name and offset, such as "India Standard Time (GMT+5:30)". */
export function readersZone() {
  const named = (timeZoneName) =>
    new Intl.DateTimeFormat("en", { timeZoneName }).formatToParts().find(({ type }) => type === "timeZoneName").value;
  return `${named("long")} (${named("shortOffset")})`;
}

/** Seconds as a rounded stretch that a person would say. */
export function stretch(seconds) {
  if (seconds < 90) return plural(Math.max(1, Math.ceil(seconds)), "second");
  return plural(Math.ceil(seconds / 60), "minute");
}
