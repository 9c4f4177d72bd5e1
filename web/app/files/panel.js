/** This session's files, newest first: sends requests, follows their jobs, and keeps the list across a reload. */
import { announce, element, prefersStillness } from "../dom.js";
import { readersZone } from "../text.js";
import { fileCard, newsOf } from "./card.js";
import { askOnce, follow } from "./follow.js";
import { loadRecords, newRecord, saveRecords } from "./record.js";

/** The list of one person in one tab; everything stops when `signal` is aborted. An item is {record, card}. */
export class FilesPanel {
  #api;
  #subject;
  #signal;
  #items = [];
  #list = element("ol", { class: "files" });
  #empty = element("p", { class: "hint" }, "Files that you create appear here while they are made.");
  #zone = element("p", { class: "hint" }, `Times are in your zone, ${readersZone()}.`);

  constructor(api, subject, signal) {
    this.#api = api;
    this.#subject = subject;
    this.#signal = signal;
    const title = element("h2", { id: "files-title" }, "This session’s files");
    const attributes = { class: "card session", "aria-labelledby": title.id };
    this.element = element("aside", attributes, title, this.#empty, this.#list, this.#zone);
    this.#resume();
  }

  /**
   * Sends a request; settles once it is taken, refused or delayed. `refused(error)` shows an error where the request
   * was written; where that place is not on the page any more it returns false, and the card shows it.
   */
  submit(report, body, refused) {
    const item = this.#itemOf(newRecord(report, body));
    this.#list.prepend(item.card.element);
    this.#keep([item, ...this.#items]);
    item.card.element.scrollIntoView({ block: "nearest", behavior: prefersStillness() ? "auto" : "smooth" });
    announce(newsOf(item.record));
    return new Promise((settled) => this.#followNew(item, refused, settled));
  }

  /** Follows what was running when the page was left. */
  #resume() {
    const items = loadRecords(this.#subject).map((record) => this.#itemOf(record));
    this.#list.append(...items.map(({ card }) => card.element));
    this.#keep(items);
    for (const item of items) this.#run(item).catch((error) => this.#fail(item, error));
  }

  async #followNew(item, refused, settled) {
    try {
      await this.#run(item, settled);
    } catch (error) {
      if (!item.record.jobId && refused(error)) this.#remove(item);
      else this.#fail(item, error);
    }
    settled();
  }

  async #run(item, told = () => {}) {
    try {
      await follow(item.record, this.#api, this.#signal, (news) => {
        this.#update(item, news);
        told();
      });
    } catch (error) {
      if (!this.#signal.aborted) throw error;
    }
  }

  #itemOf(record) {
    const item = { record };
    item.card = fileCard(record, { remove: () => this.#dismiss(item), renew: () => this.#renew(item) });
    return item;
  }

  #update(item, news) {
    if (this.#signal.aborted) return;
    const before = newsOf(item.record);
    item.record = { ...item.record, ...news };
    item.card.show(item.record);
    if (newsOf(item.record) !== before) announce(newsOf(item.record));
    this.#keep(this.#items);
  }

  #fail(item, { message, code, requestId }) {
    this.#update(item, { status: "failed", error: message, errorCode: code, requestId });
  }

  /** Gives a fresh link where the one on the card has run out; undefined where there is none. */
  async #renew(item) {
    try {
      this.#update(item, await askOnce(item.record, this.#api, this.#signal));
      return item.record.downloadUrl;
    } catch (error) {
      if (!this.#signal.aborted) announce(error.message);
      return undefined;
    }
  }

  #dismiss(item) {
    const place = this.#items.indexOf(item);
    const neighbour = this.#items[place + 1] ?? this.#items[place - 1];
    this.#remove(item);
    if (neighbour) neighbour.card.focus();
    else document.getElementById("main").focus();
  }

  #remove(item) {
    item.card.element.remove();
    this.#keep(this.#items.filter((each) => each !== item));
  }

  #keep(items) {
    this.#items = items;
    this.#empty.hidden = items.length > 0;
    this.#zone.hidden = items.length === 0;
    saveRecords(
      this.#subject,
      items.map(({ record }) => record),
    );
  }
}
