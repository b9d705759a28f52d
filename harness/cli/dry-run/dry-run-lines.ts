import { escapeTerminal } from "../../../reports/index.ts";
import { colours } from "../colours.ts";
import type { Forecast } from "./forecast.ts";

/** A forecast for people, a line each. What comes from the profile is escaped. */
export function dryRunLines(forecast: Forecast): readonly string[] {
  const { cases, notApplicable, hooks, scope, seed, strength, repeat } = forecast;
  const instances = cases.flatMap((one) => one.instances);
  return [
    `${cases.length} cases, ${instances.length} instances${repeat === 1 ? "" : `, each ${repeat} times`}; ${scope} run`,
    ...cases.flatMap((one) => [
      `  ${one.id}${one.alone ? colours.dim(" (alone)") : ""}  ${one.purpose}`,
      ...one.instances.filter((key) => key !== one.id).map((key) => colours.dim(`    ${key}`)),
    ]),
    ...(notApplicable.length === 0 ? [] : [`\n${notApplicable.length} cases do not apply`]),
    ...[...Map.groupBy(notApplicable, ({ reason }) => reason)].flatMap(([reason, own]) => [
      `  ${escapeTerminal(reason)}`,
      colours.dim(`    ${own.map(({ id }) => id).join(" ")}`),
    ]),
    "\nWhat of the IXIT is used",
    ...hooks.map(
      ({ item, use, changes }) =>
        `  ${item.padEnd(34)} ${changes ? "changes" : "reads  "}  ${escapeTerminal(use)}`,
    ),
    "\nLoad",
    ...loadLines(forecast),
    `\nEstimated time: ${estimateText(forecast)}`,
    `Nothing was started. The same instances again: --seed ${seed} --strength ${strength}`,
  ];
}

function loadLines({ load }: Forecast): readonly string[] {
  const { workers, sideBySide, alone, connections, keyRequestsAtMost } = load;
  return [
    `  at most ${sideBySide * workers} cases at the same time (${workers} worker${workers === 1 ? "" : "s"})`,
    `  ${alone} instances run alone: while they do, the key manager may be silent, gone or somebody else, or the system is started again`,
    connections === undefined
      ? "  connections and key requests: not known before a first whole run"
      : `  ${connections} connections, at most ${keyRequestsAtMost} key requests to the key manager`,
  ];
}

function estimateText({ estimate: { seconds, from } }: Forecast): string {
  return seconds === undefined ? from : `about ${seconds} s, ${from}`;
}
