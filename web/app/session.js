/** Keeps the access token for as long as the tab is open; decides nothing by it: the server does. */

const storageKey = "accessToken";

/** Moves a token from the address's fragment into the tab's storage, so that it is in no history and no bookmark. */
export function takeTokenFromAddress() {
  const token = new URLSearchParams(location.hash.slice(1)).get("access_token");
  if (token === null) return;
  sessionStorage.setItem(storageKey, token);
  history.replaceState(null, "", location.pathname + location.search);
}

/** The signed-in person as {token, name, subject, expiresAt (ms)}, or null. */
export function readSession() {
  const token = sessionStorage.getItem(storageKey);
  if (token === null) return null;
  const claims = claimsOf(token);
  const expiresAt = typeof claims.exp === "number" ? claims.exp * 1000 : Infinity;
  return {
    token,
    name: String(claims.name ?? "Signed in"),
    subject: String(claims.oid ?? claims.sub ?? ""),
    expiresAt,
  };
}

export function endSession() {
  sessionStorage.removeItem(storageKey);
}

/** Where a person signs in, and comes back from to this very view; the address is the host's, in the page's head. */
export function signInAddress() {
  const signIn = document.querySelector('meta[name="sign-in"]').content;
  return `${signIn}?${new URLSearchParams({ return: location.pathname + location.search })}`;
}

function claimsOf(token) {
  try {
    const payload = token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/");
    const bytes = Uint8Array.from(atob(payload), (character) => character.charCodeAt(0));
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return {};
  }
}
