/** What happened lately, and what happens. */

import { newRow, write } from "./rows.js";
import { moment } from "./units.js";

const TYPES = ["connected", "disconnected", "refused", "kicked", "changed", "degraded", "failed", "recovered"];
const MOST = 200;

const body = document.getElementById("event-rows");
let stream = null;
/** The number of the last event that is shown: the server repeats some after a reconnect. */
let last = 0;

/** Listens, or stops to: a browser has few connections, and one that is not looked at needs none. */
export function listen(wanted) {
  if (!wanted) {
    stream?.close();
    stream = null;
  } else if (stream === null || stream.readyState === EventSource.CLOSED) {
    stream = new EventSource("/api/v1/events");
    TYPES.forEach((type) => stream.addEventListener(type, show));
  }
}

function show({ lastEventId, data }) {
  const number = Number(lastEventId);
  if (number <= last) {
    return;
  }
  last = number;
  const event = JSON.parse(data);
  const row = newRow(body);
  write(row, "at", moment(event.at));
  write(row, "type", event.type).className = `state ${event.type}`;
  write(row, "who", event.client ?? event.device ?? event.address ?? "promises", event.address ?? "");
  write(row, "reason", event.reason ?? "");
  body.prepend(row);
  if (body.rows.length > MOST) {
    body.deleteRow(-1);
  }
}
