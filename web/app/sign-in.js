/** Draws the sign-in card and the person's corner of the bar; holds no token. */
import { element } from "./dom.js";
import { signInAddress } from "./session.js";

const openings = {
  first: ["Sign in", "Reports on your service calls, as files to download."],
  ended: ["Your session has ended", "Sign in again to go on. Files that were being made are still being made."],
  "signed-out": ["You are signed out", "Sign in again whenever you need a report."],
};

/** Fills `main` with the card; `reason` is first, ended or signed-out. */
export function showSignIn(main, reason) {
  const [title, sentence] = openings[reason];
  document.title = `${title} · CoSTAR Reports`;
  const heading = element("h1", { tabindex: "-1" }, title);
  main.replaceChildren(
    element(
      "section",
      { class: "card sign-in" },
      heading,
      element("p", {}, sentence),
      element("a", { class: "button primary", href: signInAddress() }, "Sign in"),
    ),
  );
  if (reason !== "first") heading.focus();
}

export function showPerson(corner, name, signOut) {
  corner.replaceChildren(
    element("span", { class: "name" }, name),
    element("button", { class: "button quiet", type: "button", on: { click: signOut } }, "Sign out"),
  );
}
