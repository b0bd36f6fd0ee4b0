/** Keeps the page up to date, gently: one request at a time, and none while nobody looks. */

import { ApiError, logOut, NoAnswerError } from "./api.js";
import { refreshClients, startClients } from "./clients.js";
import { listen } from "./events.js";
import { refreshHolds, startHolds } from "./holds.js";
import { say } from "./message.js";
import { refreshSources } from "./sources.js";

const PAUSE_MILLIS = 2_000;
const LOST = "connection lost";

const state = document.getElementById("state");
const pause = document.getElementById("pause");
let paused = false;
/** Shows something now, whatever the time. */
let due = true;
let wake = () => {};

function refresh() {
  due = true;
  wake();
}

function isWatched() {
  return !paused && !document.hidden;
}

function showState(word) {
  state.textContent = word;
  state.className = `state ${word.replace(" ", "-")}`;
  document.title = `${word} · NetRNG server`;
}

async function round() {
  try {
    await refreshClients();
    await refreshHolds();
    const word = await refreshSources();
    if (state.textContent === LOST) {
      say("The server answers again.");
    }
    showState(word);
  } catch (e) {
    if (state.textContent !== LOST) {
      say(e.message);
    }
    if (e instanceof NoAnswerError) {
      showState(LOST);
    } else if (!(e instanceof ApiError)) {
      reportError(e); // A fault of the page: it is told, and goes on.
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
  say(paused ? "Paused: what is shown stands still." : "");
  wake();
});
document.addEventListener("visibilitychange", () => wake());
document.getElementById("logout").addEventListener("click", () => {
  logOut().catch((e) => say(e.message));
});
startClients(refresh);
startHolds(refresh);
run();
