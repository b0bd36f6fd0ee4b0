/** The line that tells what has just become of things; a screen reader reads it out. */

const line = document.getElementById("message");

/** Tells something until something else is told. */
export function say(text) {
  line.textContent = text;
}
