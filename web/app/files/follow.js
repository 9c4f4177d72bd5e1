/** Sends a request for a file and follows its job to the end; draws nothing. */
import { Refused, Unreachable } from "../api.js";
import { hasEnded } from "./record.js";

const submitPath = "/functions/v1/generate-report";
const quickPolls = 5;
const longestPause = 15;

/**
 * Tells `told` what becomes known of `record`, as objects to merge into it, until the job has ended or `signal` is
 * aborted. Raises `Refused` when the server does not take the request, or no longer knows the job.
 */
export async function follow(record, api, signal, told) {
  let { statusPath } = record;
  if (!record.jobId) {
    const send = () => api.post(submitPath, record.body, { key: record.key, signal });
    const answer = await persist(send, unanswered, signal, told);
    statusPath = pathOf(answer.data);
    const news = fromSubmission(answer);
    told({ ...news, statusPath });
    if (hasEnded(news)) return;
    await pause(answer.retryAfter ?? 1, signal);
  }
  await poll(statusPath, api, signal, told);
}

/** Asks about a job again and again, with what it costs least: an unchanged answer is a 304. */
async function poll(path, api, signal, told) {
  let etag;
  for (let polls = 1; ; polls += 1) {
    const answer = await persist(
      () => api.get(path, { etag, signal }),
      (error) => !isFinal(error),
      signal,
      told,
    );
    etag = answer.etag ?? undefined;
    told({ ...answer.data, lost: false });
    if (answer.data && hasEnded(answer.data)) return;
    await pause(answer.retryAfter ?? (polls < quickPolls ? 1 : 2), signal);
  }
}

/** What the server says of a job now, with a fresh link. */
export async function askOnce({ statusPath }, api, signal) {
  return (await api.get(statusPath, { signal })).data;
}

/** Repeats a request that may be repeated while its failure passes; says in between that the server is lost. */
async function persist(request, passes, signal, told) {
  for (let tries = 0; ; tries += 1) {
    try {
      return await request();
    } catch (error) {
      if (signal.aborted || !passes(error)) throw error;
      told({ lost: true });
      await pause(error.retryAfter ?? Math.min(2 ** tries, longestPause), signal);
    }
  }
}

/** Whether the product may not even have seen the request: no answer, or one of a gateway, which has no envelope. */
function unanswered(error) {
  return error instanceof Unreachable || (error instanceof Refused && error.status >= 502 && error.code === "");
}

function isFinal(error) {
  return error instanceof Refused && error.status < 500 && error.status !== 429;
}

function fromSubmission({ status, data }) {
  const done = status === 200 && data.downloadUrl !== undefined;
  return { ...data, status: done ? "completed" : (data.status ?? "queued"), lost: false };
}

/** The path where the job is asked about: always this host's, so that the token goes nowhere else. */
function pathOf({ jobId, statusUrl }) {
  const address = new URL(statusUrl ?? `/functions/v1/report-status/${encodeURIComponent(jobId)}`, location.href);
  return address.pathname + address.search;
}

function pause(seconds, signal) {
  return new Promise((resume, stop) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      if (signal.aborted) stop(signal.reason);
      else resume();
    };
    const timer = setTimeout(end, seconds * 1000);
    signal.addEventListener("abort", end);
  });
}
