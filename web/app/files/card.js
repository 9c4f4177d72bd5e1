/** Draws one file that was asked for: on its way, ready or failed; asks the server for nothing itself. */
import { element, icon, setAttributes } from "../dom.js";
import { briefMoment, count, formatName, humanise, moment, plural, size } from "../text.js";
import { hasEnded } from "./record.js";

const phases = {
  sending: "Sending the request",
  asking: "Asking for the state",
  queued: "Waiting for its turn",
  querying: "Reading the calls",
  rendering: "Writing the file",
  uploading: "Storing the file",
  finishing: "Finishing",
  done: "Done",
};
const safetyMargin = 5_000;

/** The sentence that is said aloud for a record's state; it changes with the phase, not with every row. */
export function newsOf(record) {
  if (record.status === "completed") return `${record.reportName}: the file is ready.`;
  if (record.status === "failed") return `${record.reportName}: the file could not be made. ${record.error ?? ""}`;
  if (record.status === "cancelled") return `${record.reportName}: cancelled.`;
  return `${record.reportName}: ${phaseOf(record)}.`;
}

/**
 * Gives {element, show(record), focus()}. `remove` takes the card off the list; `renew` promises a fresh link, or
 * undefined where there is none.
 */
export function fileCard(record, { remove, renew }) {
  const title = element("h3", { tabindex: "-1" });
  const about = element("p", { class: "about" });
  const body = element("div", { class: "body" });
  const dismiss = element(
    "button",
    { type: "button", class: "dismiss", title: "Remove from this list", on: { click: remove } },
    icon("close"),
  );
  const card = element(
    "li",
    { class: "file" },
    element("span", { class: "mark" }),
    element("div", { class: "what" }, title, about, body),
    dismiss,
  );
  const progress = progressView();
  let drawnStatus;

  function show(now) {
    if (!hasEnded(now)) progress.show(now);
    if (drawnStatus === kindOf(now) && !hasEnded(now)) return;
    drawnStatus = kindOf(now);
    setAttributes(card, { "data-state": drawnStatus });
    card.firstChild.replaceChildren(
      icon({ completed: "check", failed: "alert", cancelled: "close" }[drawnStatus] ?? record.icon),
    );
    title.textContent = drawnStatus === "completed" && now.filename ? now.filename : record.reportName;
    about.textContent = aboutOf(now);
    dismiss.hidden = drawnStatus === "running";
    setAttributes(dismiss, { "aria-label": `Remove ${title.textContent} from this list` });
    body.replaceChildren(...bodyOf(now, progress, renew));
  }

  show(record);
  return { element: card, show, focus: () => title.focus() };
}

function kindOf({ status }) {
  return hasEnded({ status }) ? status : "running";
}

function phaseOf({ status, phase }) {
  const name = status === "processing" || status === "queued" ? (phase ?? status) : status;
  return phases[name] ?? humanise(name);
}

function aboutOf({ format, requestedAt, reportName, status }) {
  const asked = `asked at ${briefMoment(requestedAt)}`;
  return [status === "completed" ? reportName : null, formatName(format), asked].filter(Boolean).join(" · ");
}

function bodyOf(record, progress, renew) {
  if (record.status === "completed") return ready(record, renew);
  if (record.status === "failed")
    return [element("p", {}, record.error ?? "The file could not be made."), quotable(record)];
  if (record.status === "cancelled") return [element("p", {}, "Cancelled; there is no file.")];
  return progress.elements;
}

function quotable({ errorCode, requestId, jobId }) {
  const parts = [errorCode, requestId ? `request ${requestId}` : jobId && `job ${jobId}`].filter(Boolean);
  return element("p", { class: "reference" }, parts.join(" · "));
}

function ready(record, renew) {
  const measures = [
    record.rowCount === undefined ? null : plural(record.rowCount, "row"),
    record.fileSize === undefined ? null : size(record.fileSize),
  ]
    .filter(Boolean)
    .join(" · ");
  return [
    element("p", { class: "measures" }, measures),
    element("div", { class: "take" }, link(record, renew), deadline(record)),
  ];
}

function deadline({ expiresAt }) {
  return expiresAt ? element("p", { class: "hint" }, `The link works until ${moment(expiresAt)}`) : null;
}

/** The download; a link that has run out is renewed on the way. */
function link(record, renew) {
  const address = webAddress(record.downloadUrl);
  if (!address) return element("p", {}, "There is no link to this file any more.");
  const open = async (event) => {
    if (!record.expiresAt || Date.parse(record.expiresAt) - safetyMargin > Date.now()) return;
    event.preventDefault();
    const fresh = webAddress(await renew());
    if (fresh) location.assign(fresh);
  };
  return element(
    "a",
    { class: "button primary", href: address, download: record.filename ?? "", rel: "noreferrer", on: { click: open } },
    icon("download"),
    "Download",
    element("span", { class: "unseen" }, ` ${record.filename ?? record.reportName}`),
  );
}

/** The address when it is one of the web; anything else must not become a link. */
function webAddress(text) {
  const address = text && URL.canParse(text, location.href) ? new URL(text, location.href) : null;
  return address && /^https?:$/.test(address.protocol) ? address.href : null;
}

/** A bar with what is being done; without a known total the bar only shows that something is. */
function progressView() {
  const bar = element("progress", { max: "100" });
  const label = element("span", { class: "phase" });
  const rows = element("span", { class: "rows" });
  const percent = element("span", { class: "percent" });
  return {
    elements: [bar, element("p", { class: "progress" }, label, rows, percent)],
    show(record) {
      const { progress, rowsDone, rowsTotal, lost, reportName } = record;
      const known = typeof progress === "number" && progress > 0;
      setAttributes(bar, { value: known ? progress : null, "aria-label": `Progress of ${reportName}` });
      label.textContent = lost ? "The server cannot be reached; trying again" : phaseOf(record);
      rows.textContent = rowsTotal ? `${count(rowsDone ?? 0)} of ${count(rowsTotal)} rows` : "";
      percent.textContent = known ? `${Math.floor(progress)} %` : "";
    },
  };
}
