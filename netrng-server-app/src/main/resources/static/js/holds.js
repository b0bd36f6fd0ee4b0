/** The clients that are refused for a time. */

import { get, remove } from "./api.js";
import { say } from "./message.js";
import { showRows, write } from "./rows.js";
import { duration, moment } from "./units.js";

const body = document.getElementById("hold-rows");
const none = document.getElementById("no-holds");

/** Requests and shows the holds. */
export async function refreshHolds() {
  const holds = await get("/holds");
  showRows(body, holds, "id", fill);
  none.hidden = holds.length > 0;
}

/** @param refresh is called after a hold was lifted */
export function startHolds(refresh) {
  body.addEventListener("click", async ({ target }) => {
    if (target.dataset.act !== "lift") {
      return;
    }
    const { id, label } = target.closest("tr").hold;
    try {
      await remove(`/holds/${id}`);
      say(`${label} may connect again.`);
    } catch (e) {
      say(e.message);
    }
    refresh();
  });
}

function fill(row, hold) {
  row.hold = hold;
  write(row, "label", hold.label, hold.label);
  write(row, "identity", hold.identity === hold.label ? "" : hold.identity, hold.identity);
  write(row, "left", duration((Date.parse(hold.until) - Date.now()) / 1_000), moment(hold.until));
  row.querySelector("button").ariaLabel = `Lift the hold of ${hold.label}`;
}
