/** Small curves of rates over the last two minutes. */

import { duration, rate } from "./units.js";

const SPAN_MILLIS = 120_000;
/** A longer time between two points is a gap: the page was hidden, paused or disconnected. */
const GAP_MILLIS = 10_000;
const WIDTH = 100;
const HEIGHT = 20;
const SVG = "http://www.w3.org/2000/svg";

/** The recent rates of each client, by its id: {at, rate}, the oldest first. */
const histories = new Map();

/** Adds the present rates of some clients, and removes clients without recent rates. */
export function remember(clients) {
  const now = performance.now();
  for (const { id, rate: current } of clients) {
    const points = histories.get(id) ?? [];
    points.push({ at: now, rate: current });
    histories.set(id, points);
  }
  for (const [id, points] of histories) {
    while (points.length > 0 && points[0].at < now - SPAN_MILLIS) {
      points.shift();
    }
    if (points.length === 0) {
      histories.delete(id);
    }
  }
}

/** Draws the rates of a client into a cell, with its guarantee as a line. */
export function draw(cell, { id, guarantee }) {
  const svg = cell.firstElementChild ?? cell.appendChild(blank());
  const [title, promise, curve] = svg.children;
  const points = histories.get(id);
  const rates = points.map((point) => point.rate);
  const top = Math.max(guarantee, ...rates, 1);
  const end = points.at(-1).at;
  const seen = duration((end - points[0].at) / 1_000);
  const y = (value) => (HEIGHT - 1 - (value / top) * (HEIGHT - 2)).toFixed(1);
  const steps = points.map(({ at, rate: value }, i) => {
    const joined = i > 0 && at - points[i - 1].at < GAP_MILLIS;
    const x = (WIDTH * (1 - (end - at) / SPAN_MILLIS)).toFixed(1);
    return `${joined ? "L" : "M"}${x} ${y(value)}`;
  });
  curve.setAttribute("d", `${steps.join("")}h.1`);
  promise.setAttribute("d", guarantee > 0 ? `M0 ${y(guarantee)}H${WIDTH}` : "");
  title.textContent =
    `now ${rate(rates.at(-1))}, from ${rate(Math.min(...rates))} to ${rate(Math.max(...rates))}` +
    ` in ${seen}`;
}

function blank() {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", `0 0 ${WIDTH} ${HEIGHT}`);
  svg.setAttribute("preserveAspectRatio", "none");
  svg.setAttribute("role", "img");
  svg.append(
    document.createElementNS(SVG, "title"),
    document.createElementNS(SVG, "path"),
    document.createElementNS(SVG, "path"),
  );
  svg.children[1].setAttribute("class", "guarantee");
  return svg;
}
