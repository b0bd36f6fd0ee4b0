/** The recent events, and new ones as they happen. */

import { newRow, write } from "./rows.js";
import { moment } from "./units.js";

const TYPES = ["connected", "disconnected", "refused", "kicked", "changed", "degraded", "failed", "recovered"];
const MOST = 200;

const body = document.getElementById("event-rows");
const none = document.getElementById("no-events");
const type = document.getElementById("event-type");
const text = document.getElementById("event-text");
let stream = null;
/** The number of the last event that is shown: the server repeats some after a reconnect. */
let last = 0;

/** Starts and stops listening: a browser has few connections, and a hidden page needs none. */
export function listen(wanted) {
  if (!wanted) {
    stream?.close();
    stream = null;
  } else if (stream === null || stream.readyState === EventSource.CLOSED) {
    stream = new EventSource("/api/v1/events");
    TYPES.forEach((name) => stream.addEventListener(name, show));
  }
}

/** Applies the filter whenever it changes. */
export function startEvents() {
  type.addEventListener("change", filter);
  text.addEventListener("input", filter);
  document
    .getElementById("event-filter")
    .addEventListener("submit", (event) => event.preventDefault());
  filter();
}

function filter() {
  for (const row of body.rows) {
    row.hidden = !matches(row);
  }
  none.hidden = [...body.rows].some((row) => !row.hidden);
}

function matches(row) {
  const types = type.value === "" ? TYPES : type.value.split(" ");
  return (
    types.includes(row.dataset.type) &&
    row.textContent.toLowerCase().includes(text.value.trim().toLowerCase())
  );
}

function show({ lastEventId, data }) {
  const number = Number(lastEventId);
  if (number <= last) {
    return;
  }
  last = number;
  const event = JSON.parse(data);
  const row = newRow(body);
  row.dataset.type = event.type;
  write(row, "at", moment(event.at));
  write(row, "type", event.type).className = `state ${event.type}`;
  write(row, "who", who(event), event.address ?? "");
  write(row, "reason", event.reason ?? "");
  body.prepend(row);
  if (body.rows.length > MOST) {
    body.deleteRow(-1);
  }
  filter();
}

function who({ client, identity, device, address }) {
  const named = identity === undefined || identity === client ? client : `${client} (${identity})`;
  return named ?? device ?? address ?? "guarantees";
}
