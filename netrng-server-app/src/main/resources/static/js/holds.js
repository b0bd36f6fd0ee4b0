/** Who was kicked and is kept out. */

import { get, remove } from "./api.js";
import { say } from "./message.js";
import { showRows, write } from "./rows.js";
import { duration, moment } from "./units.js";

const body = document.getElementById("hold-rows");
const nobody = document.getElementById("no-holds");

/** Asks for the holds and shows them. */
export async function refreshHolds() {
  const holds = await get("/holds");
  nobody.hidden = holds.length > 0;
  showRows(body, holds, "id", fill);
}

/** @param refresh is called when a hold has been lifted */
export function startHolds(refresh) {
  body.addEventListener("click", async ({ target }) => {
    if (target.dataset.act !== "lift") {
      return;
    }
    const { id, label } = target.closest("tr").hold;
    try {
      await remove(`/holds/${id}`);
      say(`${label} may come back.`);
    } catch (e) {
      say(e.message);
    }
    refresh();
  });
}

function fill(row, hold) {
  row.hold = hold;
  write(row, "label", hold.label, hold.label);
  write(row, "identity", hold.identity, hold.identity);
  write(row, "left", duration((Date.parse(hold.until) - Date.now()) / 1_000), moment(hold.until));
  row.querySelector("button").ariaLabel = `Lift the hold of ${hold.label}`;
}
