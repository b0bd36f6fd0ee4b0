/** The dialog that confirms a kick, with the time for which the client is refused. */

import { remove } from "./api.js";
import { openDialog } from "./dialog.js";
import { say } from "./message.js";
import { duration } from "./units.js";

const SECONDS = { PT5M: 300, PT1H: 3_600, PT24H: 86_400 };

const dialog = document.getElementById("kick");
const form = dialog.querySelector("form");
const effect = document.getElementById("kick-effect");

/** @param done is called after the client was kicked */
export function openKick(client, done) {
  document.getElementById("kick-title").textContent = `Kick ${client.label}?`;
  dialog.querySelector('[data-field="identity"]').textContent = client.identity;
  dialog.querySelector('[data-field="address"]').textContent = client.address;
  form.oninput = ({ target }) => {
    if (target.name === "minutes") {
      form.elements["hold-off"].value = "own";
    }
    tell(client);
  };
  openDialog(dialog, async () => {
    const query = isHeld() ? `?hold-off=${holdOff()}` : "";
    await remove(`/clients/${client.id}${query}`);
    say(isHeld() ? `${client.label} was kicked and is on hold.` : `${client.label} was kicked.`);
    done();
  });
  tell(client);
}

function tell({ label, identity }) {
  effect.textContent = isHeld()
    ? `Closes all connections of the identity ${identity} with the label ${label}, and refuses them` +
      ` for ${duration(SECONDS[holdOff()] ?? minutes() * 60)}.`
    : "Closes this connection. The client may connect again after a minute.";
}

function isHeld() {
  return form.elements["hold-off"].value !== "";
}

function holdOff() {
  const chosen = form.elements["hold-off"].value;
  return chosen === "own" ? `PT${minutes()}M` : chosen;
}

function minutes() {
  return form.elements.minutes.valueAsNumber;
}
