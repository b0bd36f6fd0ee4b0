/** The facts about the server in the header. */

import { get } from "./api.js";
import { write } from "./rows.js";
import { bytes, duration, moment, rate } from "./units.js";

const SECURITY = {
  "mutual-tls": "mutual TLS",
  tls: "TLS, clients without certificates",
  plaintext: "no TLS",
};

const facts = document.getElementById("facts");
const host = document.getElementById("host");

/** Requests and shows the facts, and returns them. */
export async function refreshServer() {
  const server = await get("/server");
  host.textContent = server.host;
  write(facts, "version", server.version);
  const uptime = duration((Date.now() - Date.parse(server.since)) / 1_000);
  write(facts, "uptime", uptime, `since ${moment(server.since)}`);
  const stream = write(
    facts,
    "stream",
    `${server.address ?? "not listening"}, ${SECURITY[server.security]}`,
  );
  stream.className = server.security === "mutual-tls" ? "" : "warn";
  write(facts, "rate", rate(server.rate));
  write(facts, "delivered", bytes(server.delivered));
  return server;
}

/** Shows the devices in the header. */
export function showDevices(sources) {
  const names = sources.map(({ device, description }) => `${device} (${description})`);
  write(facts, "devices", names.join(", "));
}
