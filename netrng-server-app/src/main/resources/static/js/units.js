/** Amounts, rates and times as people read and write them. A KB is 1,024 bytes, as in the configuration. */

const PREFIXES = ["", "K", "M", "G", "T", "P"];

/** An amount such as 1.2 KB. */
export function bytes(amount) {
  let power = 0;
  while (amount >= 1023.5 && power < PREFIXES.length - 1) {
    amount /= 1024;
    power++;
  }
  const digits = amount < 99.95 && (power > 0 || !Number.isInteger(amount)) ? 1 : 0;
  return `${amount.toFixed(digits)} ${PREFIXES[power]}B`;
}

/** A rate such as 1.2 KB/s. */
export function rate(bytesPerSecond) {
  return `${bytes(bytesPerSecond)}/s`;
}

/** A rate for an input field: exact, not rounded. */
export function exactRate(bytesPerSecond) {
  const short = rate(bytesPerSecond);
  return parseRate(short) === bytesPerSecond ? short : `${bytesPerSecond} B/s`;
}

/** Parses a rate as {@link rate} or the configuration writes it; NaN if it is invalid. */
export function parseRate(text) {
  const parts = /^\s*(\d+(?:\.\d+)?)\s*(?:([KMGT])i?)?B?(?:\/s)?\s*$/i.exec(text);
  if (!parts) {
    return NaN;
  }
  const power = parts[2] ? PREFIXES.indexOf(parts[2].toUpperCase()) : 0;
  return Math.round(Number(parts[1]) * 1024 ** power);
}

/** A time such as 3 h 12 min, in its two largest units. */
export function duration(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  const parts = [
    [Math.floor(whole / 86_400), "d"],
    [Math.floor(whole / 3_600) % 24, "h"],
    [Math.floor(whole / 60) % 60, "min"],
    [whole % 60, "s"],
  ];
  const first = parts.findIndex(([amount]) => amount > 0);
  return first < 0
    ? "0 s"
    : parts
        .slice(first, first + 2)
        .filter(([amount]) => amount > 0)
        .map(([amount, unit]) => `${amount} ${unit}`)
        .join(" ");
}

/** A moment on the clock of this machine, with the day if it is not today's. */
export function moment(iso) {
  const date = new Date(iso);
  const today = date.toDateString() === new Date().toDateString();
  return date.toLocaleString("en-GB", {
    ...(today ? {} : { day: "numeric", month: "short" }),
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
  });
}
