/** Draws what went wrong in the words of the server, with what to quote to support. */
import { element, icon } from "./dom.js";

/** A block that says what went wrong, with an action where there is one. */
export function failure(error, action) {
  return element(
    "div",
    { class: "banner", role: "alert" },
    icon("alert"),
    element("div", {}, element("p", {}, error.message), reference(error), action),
  );
}

/** The line to quote to support: code and request id, where the failure has them. */
export function reference({ code, requestId }) {
  const parts = [code, requestId && `request ${requestId}`].filter(Boolean);
  return parts.length ? element("p", { class: "reference" }, parts.join(" · ")) : null;
}
