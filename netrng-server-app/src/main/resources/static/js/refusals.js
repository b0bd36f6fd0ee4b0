/** The clients that were refused recently. */

import { get } from "./api.js";
import { showRows, write } from "./rows.js";
import { moment } from "./units.js";

const body = document.getElementById("refusal-rows");
const none = document.getElementById("no-refusals");
const table = document.getElementById("refusals");

/** Requests and shows the refusals, and returns them. */
export async function refreshRefusals() {
  const refusals = await get("/refusals");
  none.hidden = refusals.length > 0;
  table.hidden = refusals.length === 0;
  refusals.forEach((refusal) => {
    refusal.key = [refusal.reason, refusal.client, refusal.identity, refusal.first].join();
  });
  showRows(body, refusals, "key", fill);
  return refusals;
}

/** Counts refusals by reason, such as "137 refused: capacity". */
export function countByReason(refusals) {
  const counts = new Map();
  for (const { reason, count } of refusals) {
    counts.set(reason, (counts.get(reason) ?? 0) + count);
  }
  return [...counts].map(([reason, count]) => `${count.toLocaleString("en")} refused: ${reason}`);
}

function fill(row, { client, identity, address, reason, detail, count, first, last }) {
  const name = client ?? (address === undefined ? "other clients" : "unknown");
  write(row, "label", name, name);
  write(row, "identity", identity === undefined || identity === client ? "" : identity, identity);
  write(row, "reason", reason);
  write(row, "count", count.toLocaleString("en"), `since ${moment(first)}`);
  write(row, "last", moment(last));
  write(row, "address", address ?? "");
  write(row, "detail", detail);
}
