/** The state of the server in a few words, and its causes. */

import { countByReason } from "./refusals.js";
import { rate } from "./units.js";

/**
 * Judges the server. The first problem is the worst one and gives the state.
 *
 * @returns the state, and the causes of all problems
 */
export function judge(server, refusals, { sources, degraded, capacity, promised }) {
  const problems = [
    ...failures(sources),
    ...(degraded ? [degradation(capacity, promised)] : []),
    ...clients(server.clients.starved, "starved", "wait for samples longer than guaranteed"),
    ...clients(server.clients.short, "short", "receive less than 95 % of the guarantee"),
    ...refused(refusals),
    ...warnings(sources),
    ...startups(sources),
  ];
  return {
    state: problems[0]?.state ?? "healthy",
    cause: problems.map((problem) => problem.cause).join(" "),
  };
}

function failures(sources) {
  const failed = sources.filter(({ state }) => state === "failed");
  const causes = failed.map(({ device, reason }) => `${device} ${reason}.`);
  return failed.length === 0
    ? []
    : [
        {
          state: failed.length === sources.length ? "no entropy" : "device failed",
          cause: `${failed.length} of ${sources.length} devices failed: ${causes.join(" ")}`,
        },
      ];
}

function degradation(capacity, promised) {
  return {
    state: "degraded",
    cause: `The devices provide ${rate(capacity)}, and the sum of the guarantees is ${rate(promised)}.`,
  };
}

function clients(count, state, meaning) {
  return count > 0
    ? [{ state: `clients ${state}`, cause: `${count.toLocaleString("en")} ${state}: they ${meaning}.` }]
    : [];
}

function refused(refusals) {
  return refusals.length > 0
    ? [{ state: "refusing clients", cause: `${countByReason(refusals).join("; ")}.` }]
    : [];
}

function warnings(sources) {
  const causes = sources.flatMap(({ device, warnings: all }) => all.map(({ text }) => `${device}: ${text}.`));
  return causes.length > 0 ? [{ state: "device warning", cause: causes.join(" ") }] : [];
}

function startups(sources) {
  const starting = sources.filter(({ state }) => state === "opening" || state === "startup");
  return starting.length > 0
    ? [{ state: "starting", cause: starting.map(({ device, state }) => `${device}: ${state}.`).join(" ") }]
    : [];
}
