/** The dialog that changes the guarantee and the ceiling of a client. */

import { ApiError, patch } from "./api.js";
import { openDialog } from "./dialog.js";
import { say } from "./message.js";
import { exactRate, parseRate, rate } from "./units.js";

const dialog = document.getElementById("change");
const { guarantee, ceiling } = dialog.querySelector("form").elements;

/** @param done is called after the rates were changed */
export function openChange(client, done) {
  document.getElementById("change-title").textContent = `Change the rates of ${client.label}`;
  openDialog(dialog, async () => {
    const changed = await patch(`/clients/${client.id}`, {
      guarantee: read(guarantee, "guarantee"),
      ceiling: ceiling.value.trim() === "" ? 0 : read(ceiling, "ceiling"),
    });
    say(
      `${client.label}: guarantee ${rate(changed.guarantee)}, ` +
        `${changed.ceiling === undefined ? "no ceiling" : `ceiling ${rate(changed.ceiling)}`}.`,
    );
    done();
  });
  guarantee.value = exactRate(client.guarantee);
  ceiling.value = client.ceiling === undefined ? "" : exactRate(client.ceiling);
}

function read(input, name) {
  const value = parseRate(input.value);
  if (Number.isNaN(value)) {
    input.focus();
    throw new ApiError(`${name} = '${input.value}' is not a rate: write it like 64 B/s or 1.5 KB/s.`);
  }
  return value;
}
