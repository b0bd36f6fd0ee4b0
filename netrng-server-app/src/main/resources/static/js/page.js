/** Refreshes the page: one request at a time, and none while the page is hidden or paused. */

import { ApiError, logOut, NoAnswerError } from "./api.js";
import { refreshClients, startClients } from "./clients.js";
import { listen, startEvents } from "./events.js";
import { refreshHolds, startHolds } from "./holds.js";
import { say } from "./message.js";
import { refreshRefusals } from "./refusals.js";
import { refreshServer, showDevices } from "./server.js";
import { refreshSources } from "./sources.js";
import { judge } from "./status.js";

const PAUSE_MILLIS = 2_000;
const LOST = "connection lost";

const state = document.getElementById("state");
const cause = document.getElementById("cause");
const pause = document.getElementById("pause");
let paused = false;
/** Whether a refresh is wanted now. */
let due = true;
let wake = () => {};

function refresh() {
  due = true;
  wake();
}

function isWatched() {
  return !paused && !document.hidden;
}

function showState(word, reason = "") {
  state.textContent = word;
  const kind = word.replaceAll(" ", "-");
  state.className = `state ${kind}`;
  if (cause.textContent !== reason) {
    cause.textContent = reason;
  }
  cause.hidden = reason === "";
  cause.className = kind;
  const host = document.getElementById("host").textContent;
  document.title = `${word} · ${host === "" ? "NetRNG server" : host}`;
}

async function round() {
  try {
    await refreshClients();
    await refreshHolds();
    const refusals = await refreshRefusals();
    const sources = await refreshSources();
    const server = await refreshServer();
    showDevices(sources.sources);
    if (state.textContent === LOST) {
      say("The server answers again.");
    }
    const { state: word, cause: reason } = judge(server, refusals, sources);
    showState(word, reason);
  } catch (e) {
    if (state.textContent !== LOST) {
      say(e.message);
    }
    if (e instanceof NoAnswerError) {
      showState(LOST);
    } else if (!(e instanceof ApiError)) {
      reportError(e); // A bug of the page: it is reported, and the page continues.
    }
  }
}

async function run() {
  for (;;) {
    listen(isWatched());
    if (due || isWatched()) {
      due = false;
      await round();
    }
    if (!due) {
      await new Promise((resolve) => {
        wake = resolve;
        if (isWatched()) {
          setTimeout(resolve, PAUSE_MILLIS);
        }
      });
    }
  }
}

pause.addEventListener("click", () => {
  paused = !paused;
  pause.ariaPressed = String(paused);
  say(paused ? "Paused: the page is not refreshed." : "");
  wake();
});
document.addEventListener("visibilitychange", () => wake());
document.getElementById("logout").addEventListener("click", () => {
  logOut().catch((e) => say(e.message));
});
startClients(refresh);
startHolds(refresh);
startEvents();
run();
