/** The devices, and the bar that compares the guarantees with the capacity. */

import { get, post } from "./api.js";
import { say } from "./message.js";
import { showRows, write } from "./rows.js";
import { bytes, duration, moment, rate } from "./units.js";

const body = document.getElementById("source-rows");
const meter = document.getElementById("promise");
const text = document.getElementById("promise-text");

/** The last state of each device. */
const states = new Map();

/** Requests and shows the devices, and returns them with their sums. */
export async function refreshSources() {
  const answer = await get("/sources");
  showRows(body, answer.sources, "device", fill);
  answer.sources.forEach(tellOfChange);
  showPromise(answer);
  return answer;
}

body.addEventListener("click", ({ target }) => {
  if (target.dataset.act === "test") {
    const device = target.closest("tr").dataset.key;
    test(device).catch((e) => say(e.message));
  }
});

/** Tests a device on demand and says the result. */
async function test(device) {
  const { result, reason } = await post(`/sources/tests?device=${encodeURIComponent(device)}`);
  say(`${device}: test ${result}${reason ? `, ${reason}` : ""}.`);
}

function showPromise({ capacity, promisable, promised, degraded }) {
  const whole = Math.max(capacity, promised, 1);
  meter.ariaValueMax = String(Math.round(Math.max(promisable, promised)));
  meter.ariaValueNow = String(promised);
  text.textContent =
    `Guaranteed: ${rate(promised)} of ${rate(promisable)}; capacity ${rate(capacity)}` +
    `${degraded ? "; degraded: the devices provide less than the sum of the guarantees" : ""}`;
  meter.ariaValueText = text.textContent;
  meter.classList.toggle("bad", degraded);
  meter.querySelector(".promised").style.width = `${(100 * promised) / whole}%`;
  meter.querySelector(".promisable").style.left = `${(100 * promisable) / whole}%`;
}

function fill(row, source) {
  const state = source.reason ? `${source.state}: ${source.reason}` : source.state;
  write(row, "device", source.device, source.device);
  write(row, "description", describe(source));
  write(row, "warnings", source.warnings.map(({ text }) => `Warning: ${text}.`).join(" "));
  const cell = write(row, "state", state);
  cell.className = `state ${source.state}`;
  const button = row.querySelector('[data-act="test"]');
  button.ariaLabel = `Test ${source.device}`;
  button.disabled = source.state !== "healthy" && source.state !== "startup";
  write(row, "capacity", source.capacity === undefined ? "not known yet" : rate(source.capacity));
  write(row, "age", source.capacity === undefined ? "" : `${duration(source.capacityAge)} ago`);
  write(row, "rate", rate(source.rate));
  write(row, "read", bytes(source.read));
  write(row, "silence", duration(source.silence));
  write(row, "tests", failures(source.testFailures));
  const last = source.lastFailure;
  write(row, "failure", last ? `${moment(last.at)}: ${last.reason}` : "none");
}

/** The description of a device, with the drivers of /dev/hwrng and the conditioning. */
function describe({ description, hardwareRng, minEntropyClaim, conditioning }) {
  const claim =
    conditioning === "none" ? "" : `; conditioned, ${minEntropyClaim} bits of min-entropy per byte`;
  if (!hardwareRng) {
    return description + claim;
  }
  const quality = hardwareRng.quality === undefined ? "" : `, quality ${hardwareRng.quality} of 1024`;
  return `${description}${quality}; available: ${hardwareRng.available.join(", ")}${claim}`;
}

function failures(byTest) {
  const failed = Object.entries(byTest).filter(([, count]) => count > 0);
  return failed.length === 0
    ? "none"
    : failed.map(([test, count]) => `${test} ${count.toLocaleString("en")}`).join(", ");
}

function tellOfChange({ device, state, reason }) {
  const before = states.get(device);
  states.set(device, state);
  if (before !== undefined && before !== state) {
    say(reason ? `${device}: ${state}, ${reason}` : `${device}: ${state}`);
  }
}
