/** Starts the page: chooses between the sign-in card, the workspace and a call's photos; draws none of them. */
import { connect } from "./app/api.js";
import { openGallery, photoOfAddress } from "./app/gallery.js";
import { showPerson, showSignIn } from "./app/sign-in.js";
import { endSession, readSession, takeTokenFromAddress } from "./app/session.js";
import { openWorkspace } from "./app/workspace.js";

const main = document.getElementById("main");
const person = document.getElementById("person");
let closeView = () => {};

function leave(reason) {
  closeView(reason);
  closeView = () => {};
  endSession();
  person.replaceChildren();
  showSignIn(main, reason);
}

function enter(session) {
  const api = connect(session.token, () => leave("ended"));
  showPerson(person, session.name, () => leave("signed-out"));
  const photo = photoOfAddress();
  closeView = photo ? openGallery(main, api, photo) : openWorkspace(main, api, session.subject);
}

takeTokenFromAddress();
const session = readSession();
if (session === null) {
  showSignIn(main, "first");
} else if (session.expiresAt <= Date.now()) {
  leave("ended");
} else {
  enter(session);
}
