/** The line that reports the latest change; screen readers read it out. */

const line = document.getElementById("message");

/** Shows a text until the next one. */
export function say(text) {
  line.textContent = text;
}
