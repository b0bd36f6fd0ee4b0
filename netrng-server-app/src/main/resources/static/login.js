/** Shows what the address says of how one came here. */

const query = new URLSearchParams(location.search);
for (const message of document.querySelectorAll("[data-query]")) {
  message.hidden = !query.has(message.dataset.query);
}
