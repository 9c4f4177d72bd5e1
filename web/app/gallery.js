/** The photos of one call at `/photos/{id}`: the chosen one large, the others beneath it; keeps no link. */
import { announce, element, icon, setAttributes } from "./dom.js";
import { failure } from "./failure.js";
import { humanise, moment, plural } from "./text.js";

const path = "/functions/v1/photos/";
const safetyMargin = 5_000;

/** The id of the photo that the address names, or undefined where it names none. */
export function photoOfAddress() {
  return location.pathname.match(/^\/photos\/([^/]+)\/?$/)?.[1];
}

/** Fills `main` with the gallery that the photo belongs to, and gives a function that closes it. */
export function openGallery(main, api, photoId) {
  const closing = new AbortController();
  load(main, api, photoId, closing.signal);
  return () => closing.abort();
}

async function load(main, api, photoId, signal) {
  document.title = "Photos · CoSTAR Reports";
  main.replaceChildren(element("p", { class: "card waiting", "aria-busy": "true" }, "Loading the photos…"));
  try {
    const answer = await ask(api, photoId, signal);
    const gallery = new Gallery(api, answer, photoId.toLowerCase(), signal);
    main.replaceChildren(gallery.element);
  } catch (error) {
    if (signal.aborted) return;
    const again = () => load(main, api, photoId, signal);
    const button = element("button", { class: "button", type: "button", on: { click: again } }, "Try again");
    main.replaceChildren(element("div", { class: "card" }, failure(error, error.status === 404 ? null : button)));
  }
}

async function ask(api, photoId, signal) {
  return (await api.get(path + photoId, { signal })).data;
}

/** One call's pictures. The chosen one is in the address, so that it can be sent to a colleague who may see it. */
class Gallery {
  #api;
  #signal;
  #answer;
  #place;
  #picture = element("div", { class: "picture" });
  #caption = element("p", { class: "caption" });
  #before = stepButton("arrow-left", "Previous photo", () => this.#step(-1));
  #after = stepButton("arrow-right", "Next photo", () => this.#step(1));
  #whole = element("a", { class: "button", target: "_blank", rel: "noopener noreferrer" }, icon("open"), "Open alone");
  #strip;

  constructor(api, answer, photoId, signal) {
    this.#api = api;
    this.#signal = signal;
    this.#take(answer, photoId);
    this.#strip = element(
      "ol",
      { class: "strip", "aria-label": "All photos of the call" },
      answer.photos.map((photo, place) => element("li", {}, this.#thumbnail(photo, place))),
    );
    this.element = this.#drawn();
    this.#whole.addEventListener("click", (event) => this.#openAlone(event));
    addEventListener("keydown", (event) => this.#hear(event), { signal });
    this.#show();
  }

  #drawn() {
    const { callNumber, photoCount } = this.#answer;
    const call = element("span", { class: "call" }, callNumber);
    const title = element("h1", { id: "gallery-title" }, "Photos of call ", call);
    document.title = `Photos of ${callNumber} · CoSTAR Reports`;
    return element(
      "section",
      { class: "card gallery", "aria-labelledby": title.id },
      element("header", {}, title, element("p", { class: "hint" }, plural(photoCount, "photo"))),
      element("div", { class: "frame" }, this.#before, this.#picture, this.#after),
      element("div", { class: "under" }, this.#caption, this.#whole),
      this.#strip,
    );
  }

  #thumbnail(photo, place) {
    const choose = (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      this.#choose(place);
    };
    const name = `Photo ${place + 1}: ${humanise(photo.kind)}`;
    return element(
      "a",
      { href: `/photos/${photo.id}`, "aria-label": name, on: { click: choose } },
      image(photo.url, "", () => icon("alert")),
    );
  }

  /** Arrow keys go through the pictures, wherever the focus is: the page has no field that needs them. */
  #hear(event) {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (step === undefined || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    this.#step(step);
  }

  #step(by) {
    const place = this.#place + by;
    if (place >= 0 && place < this.#answer.photos.length) this.#choose(place);
  }

  async #choose(place) {
    this.#place = place;
    history.replaceState(null, "", `/photos/${this.#answer.photos[place].id}`);
    await this.#renew();
    if (this.#signal.aborted) return;
    this.#show();
    announce(this.#caption.textContent);
  }

  #take(answer, photoId) {
    const place = answer.photos.findIndex(({ id }) => id === photoId);
    this.#answer = answer;
    this.#place = Math.max(0, place);
  }

  /** Fetches the links again where they have run out. */
  async #renew() {
    if (Date.parse(this.#answer.expiresAt) - safetyMargin > Date.now()) return;
    const { id } = this.#answer.photos[this.#place];
    try {
      this.#take(await ask(this.#api, id, this.#signal), id);
    } catch (error) {
      if (!this.#signal.aborted) announce(error.message);
    }
  }

  async #openAlone(event) {
    if (Date.parse(this.#answer.expiresAt) - safetyMargin > Date.now()) return;
    event.preventDefault();
    await this.#renew();
    const { url } = this.#answer.photos[this.#place];
    if (url && !this.#signal.aborted) open(url, "_blank", "noopener,noreferrer");
  }

  #show() {
    const { photos } = this.#answer;
    const photo = photos[this.#place];
    const number = `${this.#place + 1} of ${photos.length}`;
    const taken = photo.takenAt ? `taken ${moment(photo.takenAt)}` : "no time recorded";
    this.#picture.replaceChildren(image(photo.url, `${humanise(photo.kind)}, photo ${number}`, absent));
    this.#caption.textContent = `${humanise(photo.kind)} · ${taken} · ${number}`;
    setAttributes(this.#whole, { href: photo.url, "aria-disabled": photo.url ? null : "true" });
    setAttributes(this.#before, { "aria-disabled": this.#place === 0 ? "true" : null });
    setAttributes(this.#after, { "aria-disabled": this.#place === photos.length - 1 ? "true" : null });
    for (const [place, link] of [...this.#strip.querySelectorAll("a")].entries())
      setAttributes(link, { "aria-current": place === this.#place ? "true" : null });
  }
}

function stepButton(name, label, step) {
  return element("button", { type: "button", class: "step", "aria-label": label, on: { click: step } }, icon(name));
}

/** The picture; where there is none, what `instead` gives. */
function image(url, alt, instead) {
  if (!url) return instead();
  const picture = element("img", { src: url, alt, decoding: "async", referrerpolicy: "no-referrer" });
  picture.addEventListener("error", () => picture.replaceWith(instead()), { once: true });
  return picture;
}

function absent() {
  return element("p", { class: "absent" }, icon("alert"), "This picture is not in storage.");
}
