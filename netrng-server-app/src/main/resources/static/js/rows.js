/** Tables that are refreshed while people use them. */

/**
 * Shows items as the rows of a table body. A row remains the same element while its item exists, so
 * that it keeps the focus.
 *
 * @param body the table body
 * @param items the rows, in order
 * @param key the name of the field that identifies an item
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

/**
 * Makes a row from the template of a table body: client-row for client-rows. Each cell names its
 * column, for the cards of narrow windows.
 */
export function newRow(body) {
  const template = document.getElementById(body.id.replace(/s$/, ""));
  const row = template.content.firstElementChild.cloneNode(true);
  const heads = body.closest("table").tHead.rows[0].cells;
  [...row.cells].forEach((cell, i) => {
    cell.dataset.column = heads[i].textContent;
  });
  return row;
}

/** Writes a text and a tooltip into the element of a field. */
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
