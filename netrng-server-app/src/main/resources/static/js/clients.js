/** The table of clients: one page at a time, filtered and sorted by the server. */

import { get } from "./api.js";
import { openChange } from "./change.js";
import { openKick } from "./kick.js";
import { showRows, write } from "./rows.js";
import { draw, remember } from "./sparkline.js";
import { bytes, duration, moment, rate } from "./units.js";

const SIZE = 100;
const TYPING_MILLIS = 250;
/** Fields that are first sorted in ascending order; the others start with the greatest. */
const ASCENDING_FIRST = ["label", "address", "since", "attainment"];
const LOW = 0.95;

const body = document.getElementById("client-rows");
const label = document.getElementById("label");
const sort = document.getElementById("sort");
const range = document.getElementById("range");
const previous = document.getElementById("previous");
const next = document.getElementById("next");
const noClients = document.getElementById("no-clients");
const noMatch = document.getElementById("no-match");

const wanted = { label: "", field: "label", direction: "asc", page: 0 };

/** Requests and shows the wanted page of clients. */
export async function refreshClients() {
  const query = new URLSearchParams({
    label: wanted.label,
    sort: `${wanted.field},${wanted.direction}`,
    page: wanted.page,
    size: SIZE,
  });
  const { total, page, clients } = await get(`/clients?${query}`);
  if (clients.length === 0 && page > 0) {
    wanted.page = Math.max(0, Math.ceil(total / SIZE) - 1);
    return refreshClients();
  }
  remember(clients);
  showRows(body, clients, "id", fill);
  const first = page * SIZE;
  range.textContent =
    total === 0 ? "none" : `${first + 1} to ${first + clients.length} of ${total.toLocaleString("en")}`;
  previous.disabled = page === 0;
  next.disabled = first + clients.length >= total;
  noClients.hidden = total > 0 || wanted.label !== "";
  noMatch.hidden = total > 0 || wanted.label === "";
  noMatch.textContent = `No name of a connected client contains "${wanted.label}".`;
}

/** @param refresh is called when another page is wanted, or after an action */
export function startClients(refresh) {
  const want = (change) => {
    Object.assign(wanted, { page: 0 }, change);
    refresh();
  };
  let typing;
  label.addEventListener("input", () => {
    clearTimeout(typing);
    typing = setTimeout(() => want({ label: label.value.trim() }), TYPING_MILLIS);
  });
  for (const form of ["filter", "order"]) {
    document.getElementById(form).addEventListener("submit", (event) => event.preventDefault());
  }
  previous.addEventListener("click", () => want({ page: wanted.page - 1 }));
  next.addEventListener("click", () => want({ page: wanted.page + 1 }));
  for (const button of document.querySelectorAll("[data-sort]")) {
    const { sort: field } = button.dataset;
    sort.add(new Option(button.textContent, field));
    button.addEventListener("click", () => want(sortedBy(field)));
  }
  sort.addEventListener("change", () => want(sortedBy(sort.value)));
  markSorted();
  body.addEventListener("click", ({ target }) => {
    if (target.dataset.act === "kick") {
      openKick(target.closest("tr").client, refresh);
    } else if (target.dataset.act === "change") {
      openChange(target.closest("tr").client, refresh);
    }
  });
}

function sortedBy(field) {
  const ascending =
    field === wanted.field ? wanted.direction === "desc" : ASCENDING_FIRST.includes(field);
  Object.assign(wanted, { field, direction: ascending ? "asc" : "desc" });
  markSorted();
}

function markSorted() {
  sort.value = wanted.field;
  for (const button of document.querySelectorAll("[data-sort]")) {
    const header = button.closest("th");
    if (button.dataset.sort === wanted.field) {
      header.ariaSort = wanted.direction === "asc" ? "ascending" : "descending";
    } else {
      header.removeAttribute("aria-sort");
    }
  }
}

function fill(row, client) {
  row.client = client;
  write(row, "label", client.label, client.label);
  write(row, "identity", client.identity === client.label ? "" : client.identity, client.identity);
  write(row, "state", client.state, waiting(client)).className = `state ${client.state}`;
  write(row, "address", client.address, connection(client));
  write(row, "since", duration((Date.now() - Date.parse(client.since)) / 1_000), moment(client.since));
  write(row, "guarantee", client.guarantee > 0 ? rate(client.guarantee) : "best effort");
  write(row, "ceiling", client.ceiling === undefined ? "none" : rate(client.ceiling));
  write(row, "rate", rate(client.rate), `10 s: ${rate(client.rate10s)}; 5 min: ${rate(client.rate5m)}`);
  write(row, "delivered", bytes(client.delivered));
  write(row, "attainment", percent(client.attainment), `10 s: ${percent(client.attainment10s)}`)
    .classList.toggle("bad", Math.min(client.attainment, client.attainment10s) < LOW);
  write(row, "shortfall", bytes(client.shortfall)).classList.toggle("bad", client.shortfall >= 1);
  draw(row.querySelector('[data-field="sparkline"]'), client);
  for (const button of row.querySelectorAll("button")) {
    button.ariaLabel = `${button.textContent} ${client.label}`;
  }
}

function waiting({ demand }) {
  return `requested and not delivered: ${demand.toLocaleString("en")} samples`;
}

function connection({ listener, tls }) {
  const encryption = tls ? `${tls.version}, ${tls.group}, ${tls.cipherSuite}` : "no TLS";
  return listener === "stream" ? encryption : `${listener}, ${encryption}`;
}

function percent(fraction) {
  return `${Math.floor(fraction * 100)} %`;
}
