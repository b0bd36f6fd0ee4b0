/** The dialog in which a client is given another guarantee or ceiling. */

import { ApiError, patch } from "./api.js";
import { openDialog } from "./dialog.js";
import { say } from "./message.js";
import { exactRate, parseRate, rate } from "./units.js";

const dialog = document.getElementById("change");
const { guarantee, ceiling } = dialog.querySelector("form").elements;

/** @param done is called when the client has been given other rates */
export function openChange(client, done) {
  document.getElementById("change-title").textContent = `Change the rates of ${client.label}`;
  openDialog(dialog, async () => {
    const changed = await patch(`/clients/${client.id}`, {
      guarantee: read(guarantee, "guarantee"),
      ceiling: ceiling.value.trim() === "" ? 0 : read(ceiling, "ceiling"),
    });
    say(
      `${client.label} is guaranteed ${rate(changed.guarantee)} now; its ceiling is ` +
        `${changed.ceiling === undefined ? "none" : rate(changed.ceiling)}.`,
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
    throw new ApiError(`${name} = '${input.value}' is no rate: write it as 64 B/s or 1.5 KiB/s.`);
  }
  return value;
}
