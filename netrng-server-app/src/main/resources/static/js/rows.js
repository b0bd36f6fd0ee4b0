/** Tables that are filled again and again while people use them. */

/**
 * Makes the rows of a table body those of some items. A row stays the same element as long as its
 * item is there, and who has the focus in it keeps it.
 *
 * @param body the table body
 * @param items the rows, in order
 * @param key the name of the field that tells one item from another
 * @param fill writes an item into its row
 */
export function showRows(body, items, key, fill) {
  const focused = body.contains(document.activeElement) ? document.activeElement : null;
  const old = new Map([...body.rows].map((row) => [row.dataset.key, row]));
  items.forEach((item, i) => {
    const row = old.get(item[key]) ?? newRow(body);
    old.delete(item[key]);
    row.dataset.key = item[key];
    fill(row, item);
    if (body.rows[i] !== row) {
      body.insertBefore(row, body.rows[i] ?? null);
    }
  });
  old.forEach((row) => row.remove());
  if (focused && focused !== document.activeElement) {
    const place = focused.isConnected ? focused : body.closest(".scroll");
    place.focus({ preventScroll: true });
  }
}

/** A row of the template that goes with a table body: client-row for client-rows. */
export function newRow(body) {
  const template = document.getElementById(body.id.replace(/s$/, ""));
  return template.content.firstElementChild.cloneNode(true);
}

/** Writes a text into the cell of a field, and its tooltip. */
export function write(row, field, text, title = "") {
  const cell = row.querySelector(`[data-field="${field}"]`);
  if (cell.textContent !== text) {
    cell.textContent = text;
  }
  if (cell.title !== title) {
    cell.title = title;
  }
  return cell;
}
