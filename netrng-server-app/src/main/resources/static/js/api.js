/** Requests of the REST API, with the session of the browser. */

const TIMEOUT_MILLIS = 15_000;

/** A request failed; the message is for people. */
export class ApiError extends Error {}

/** The server did not answer. */
export class NoAnswerError extends ApiError {}

/** GETs a path under /api/v1. */
export async function get(path) {
  return json(await call("GET", path));
}

/** DELETEs a path under /api/v1. */
export async function remove(path) {
  await call("DELETE", path);
}

/** PATCHes a path under /api/v1 and returns the answer. */
export async function patch(path, body) {
  return json(await call("PATCH", path, body));
}

/** POSTs to a path under /api/v1 and returns the answer. */
export async function post(path) {
  return json(await call("POST", path));
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
    return new Promise(() => {}); // The browser leaves this page.
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

/** The CSRF token from the server's cookie, which pages of other origins cannot read. */
export function csrf() {
  const cookie = document.cookie.split("; ").find((c) => c.startsWith("XSRF-TOKEN="));
  return cookie ? { "X-XSRF-TOKEN": cookie.slice("XSRF-TOKEN=".length) } : {};
}
