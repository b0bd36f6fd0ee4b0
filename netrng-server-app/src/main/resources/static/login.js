/** Shows the message that the address of the page names. */

const query = new URLSearchParams(location.search);
for (const message of document.querySelectorAll("[data-query]")) {
  message.hidden = !query.has(message.dataset.query);
}
