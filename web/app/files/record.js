/** What is known of one file that was asked for, and how it outlives a reload of the page. */

const storageKey = "sessionFiles";
const mostKept = 50;

/** A new record for a request; the key makes sending it again harmless. */
export function newRecord(report, body) {
  return {
    key: crypto.randomUUID(),
    reportName: report.name,
    icon: report.icon,
    format: body.output.format,
    requestedAt: new Date().toISOString(),
    body: JSON.stringify(body),
    status: "sending",
  };
}

export function hasEnded({ status }) {
  return status === "completed" || status === "failed" || status === "cancelled";
}

/** The records of this tab and person, newest first; what the server knows better is asked again. */
export function loadRecords(subject) {
  try {
    const stored = JSON.parse(sessionStorage.getItem(storageKey)) ?? {};
    return stored.subject === subject ? stored.records.map((record) => ({ ...record, status: begun(record) })) : [];
  } catch {
    return [];
  }
}

export function saveRecords(subject, records) {
  const kept = records
    .slice(0, mostKept)
    .filter((record) => record.jobId || record.status === "sending")
    .map(essence);
  sessionStorage.setItem(storageKey, JSON.stringify({ subject, records: kept }));
}

export function forgetRecords() {
  sessionStorage.removeItem(storageKey);
}

function begun({ jobId }) {
  return jobId ? "asking" : "sending";
}

/** No link is stored: links are secrets that the server makes anew. */
function essence({ key, reportName, icon, format, requestedAt, body, jobId, statusPath }) {
  const kept = { key, reportName, icon, format, requestedAt };
  return jobId ? { ...kept, jobId, statusPath } : { ...kept, body };
}
