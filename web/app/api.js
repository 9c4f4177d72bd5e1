/** Talks to the product's HTTP interface; turns every failure into one of two errors, and shows nothing. */

/** The server answered with a failure; `code` is empty when the answer was not the product's own envelope. */
export class Refused extends Error {
  constructor(status, envelope, retryAfter) {
    super(envelope?.error ?? `The server answered ${status} without a reason. Try again in a moment.`);
    this.status = status;
    this.code = envelope?.errorCode ?? "";
    this.details = envelope?.details;
    this.requestId = envelope?.requestId ?? "";
    this.retryAfter = retryAfter;
  }
}

/** No answer came; whether the request arrived is not known. */
export class Unreachable extends Error {
  constructor() {
    super("The server cannot be reached.");
  }
}

/** A client for one access token; `sessionEnded` is called once when the server no longer takes it. */
export function connect(token, sessionEnded) {
  let ended = false;

  async function send(path, { method = "GET", body, headers = {}, signal } = {}) {
    const response = await reach(path, {
      method,
      body,
      signal,
      cache: "no-store",
      redirect: "error",
      headers: { Accept: "application/json", Authorization: `Bearer ${token}`, ...headers },
    });
    const answer = {
      status: response.status,
      data: response.status === 304 ? null : await jsonOf(response),
      etag: response.headers.get("ETag"),
      retryAfter: secondsOf(response.headers.get("Retry-After")),
    };
    if (response.status === 401 && !ended) {
      ended = true;
      sessionEnded();
    }
    if (response.ok && answer.data === null) throw new Unreachable();
    if (!response.ok && response.status !== 304) throw new Refused(response.status, answer.data, answer.retryAfter);
    return answer;
  }

  return {
    /** GET; with `etag`, an unchanged answer has status 304 and no data. */
    get: (path, { etag, signal } = {}) => send(path, { signal, headers: etag ? { "If-None-Match": etag } : {} }),
    /** POST of a JSON text; the same `key` makes a repetition harmless. */
    post: (path, body, { key, signal }) =>
      send(path, {
        method: "POST",
        body,
        signal,
        headers: { "Content-Type": "application/json", "Idempotency-Key": key },
      }),
  };
}

async function reach(path, request) {
  try {
    return await fetch(path, request);
  } catch (error) {
    if (request.signal?.aborted) throw error;
    throw new Unreachable();
  }
}

async function jsonOf(response) {
  try {
    return await response.json();
  } catch {
    return null;
  }
}

/** A Retry-After header, which may be a number or a date, in seconds; undefined without one. */
function secondsOf(header) {
  if (header === null) return undefined;
  const seconds = /^\d+$/.test(header) ? Number(header) : (Date.parse(header) - Date.now()) / 1000;
  return Number.isFinite(seconds) ? Math.max(0, seconds) : undefined;
}
