/** The table of clients: a page of them at a time, filtered and sorted by the server. */

import { get } from "./api.js";
import { openChange } from "./change.js";
import { openKick } from "./kick.js";
import { showRows, write } from "./rows.js";
import { draw, remember } from "./sparkline.js";
import { bytes, duration, moment, rate } from "./units.js";

const SIZE = 100;
const TYPING_MILLIS = 250;
/** Fields whose smallest is wanted first; of the others it is the greatest. */
const ASCENDING_FIRST = ["label", "identity", "address", "since", "attainment"];

const body = document.getElementById("client-rows");
const label = document.getElementById("label");
const range = document.getElementById("range");
const previous = document.getElementById("previous");
const next = document.getElementById("next");

const wanted = { label: "", field: "label", direction: "asc", page: 0 };

/** Asks for the clients that are wanted and shows them. */
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
}

/** @param refresh is called when something else is wanted, or something was done */
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
  document.getElementById("filter").addEventListener("submit", (event) => event.preventDefault());
  previous.addEventListener("click", () => want({ page: wanted.page - 1 }));
  next.addEventListener("click", () => want({ page: wanted.page + 1 }));
  for (const button of document.querySelectorAll("[data-sort]")) {
    button.addEventListener("click", () => want(sortedBy(button.dataset.sort)));
  }
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
  write(row, "identity", client.identity, client.identity);
  write(row, "address", client.address);
  write(row, "since", duration((Date.now() - Date.parse(client.since)) / 1_000), moment(client.since));
  write(row, "guarantee", client.guarantee > 0 ? rate(client.guarantee) : "best effort");
  write(row, "ceiling", client.ceiling === undefined ? "none" : rate(client.ceiling));
  write(row, "rate10s", rate(client.rate10s), waiting(client));
  write(row, "rate5m", rate(client.rate5m));
  write(row, "delivered", bytes(client.delivered));
  const cell = write(row, "attainment", attained(client));
  cell.classList.toggle("bad", isShort(client));
  write(row, "shortfall", bytes(client.shortfall));
  draw(row.querySelector('[data-field="sparkline"]'), client);
  for (const button of row.querySelectorAll("button")) {
    button.ariaLabel = `${button.textContent} ${client.label}`;
  }
}

function waiting({ demand }) {
  return `${demand.toLocaleString("en")} samples are asked for and not given yet`;
}

function isShort({ attainment }) {
  return attainment < 0.95;
}

function attained(client) {
  const percent = `${Math.floor(client.attainment * 100)}%`;
  return isShort(client) ? `short: ${percent}` : percent;
}
