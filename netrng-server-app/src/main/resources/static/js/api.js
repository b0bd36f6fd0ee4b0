/** Talks to the REST API with the session of the browser. */

const TIMEOUT_MILLIS = 15_000;

/** What was asked was not done; the message is for people. */
export class ApiError extends Error {}

/** Nobody answered. */
export class NoAnswerError extends ApiError {}

/** GETs what is under /api/v1. */
export async function get(path) {
  return json(await call("GET", path));
}

/** DELETEs what is under /api/v1. */
export async function remove(path) {
  await call("DELETE", path);
}

/** PATCHes what is under /api/v1 and returns what it has become. */
export async function patch(path, body) {
  return json(await call("PATCH", path, body));
}

/** Ends the session. */
export async function logOut() {
  await send("POST", "/logout");
  location.assign("/login?logout");
}

async function call(method, path, body) {
  return send(method, `/api/v1${path}`, body && JSON.stringify(body));
}

async function send(method, path, body) {
  const response = await fetch(path, {
    method,
    body,
    headers: { "Content-Type": "application/json", ...csrf() },
    signal: AbortSignal.timeout(TIMEOUT_MILLIS),
  }).catch(giveUp);
  if (response.status === 401) {
    location.assign("/login");
    return new Promise(() => {}); // The page is being left.
  }
  if (!response.ok) {
    throw new ApiError(await reason(response));
  }
  return response;
}

function json(response) {
  return response.json().catch(giveUp);
}

function giveUp() {
  throw new NoAnswerError("The server does not answer.");
}

/** The detail of a problem (RFC 9457). */
async function reason(response) {
  const problem = await response.json().catch(() => ({}));
  return problem.detail ?? `The server answered ${response.status}: reload this page.`;
}

/** What a foreign page could not send: the server's cookie, which only this one can read. */
export function csrf() {
  const cookie = document.cookie.split("; ").find((c) => c.startsWith("XSRF-TOKEN="));
  return cookie ? { "X-XSRF-TOKEN": cookie.slice("XSRF-TOKEN=".length) } : {};
}
