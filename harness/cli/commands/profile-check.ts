import { escapeTerminal } from "../../../reports/index.ts";
import { ProfileError } from "../../system/profile/index.ts";
import { colours } from "../colours.ts";
import { endWhenInterrupted } from "../interruption.ts";
import { openProfile } from "../open-profile.ts";
import { print } from "../output.ts";
import type { Diagnosis } from "../profile-check/diagnosis.ts";
import { preflight } from "../profile-check/preflight.ts";
import { shellWord } from "../shell-word.ts";

/** `seccf profile check`: 0 nothing is wrong, 2 the system could not be judged, 3 profile and system do not go together. */
export async function profileCheck(directory: string, { json = false }: { json?: boolean }): Promise<number> {
  endWhenInterrupted();
  if (!json) print(`seccf tries what is in ${escapeTerminal(directory)}\n`);
  const onRight = (text: string) => print(`${colours.green("ok   ")} ${escapeTerminal(text)}`);
  const outcome = await outcomeOf(directory, json ? undefined : onRight);
  const code = exitCodeOf(outcome);
  if (json) print(JSON.stringify({ profile: directory, ...outcome, exitCode: code }, null, 2));
  else show(directory, outcome, code);
  return code;
}

type Outcome = Pick<Diagnosis, "findings" | "right" | "notes" | "unjudged">;

/** A profile that is not valid is tried no further: its problems are the findings. */
async function outcomeOf(directory: string, onRight: ((text: string) => void) | undefined): Promise<Outcome> {
  try {
    const profile = openProfile(directory);
    const diagnosis = await preflight(profile, onRight === undefined ? {} : { onRight });
    const { findings, right, notes, unjudged } = diagnosis;
    return { findings, right, notes, unjudged };
  } catch (error) {
    if (!(error instanceof ProfileError)) throw error;
    return {
      findings: error.problems.map(({ file, line, column, field, message, fix }) => ({
        id: "profile",
        where: [line === 0 ? file : `${file}:${line}:${column}`, field].join(" ").trim(),
        message,
        fix,
      })),
      right: [],
      notes: [],
      unjudged: ["the system: the profile has to be valid first"],
    };
  }
}

function exitCodeOf({ findings, unjudged }: Outcome): number {
  if (findings.length > 0) return 3;
  return unjudged.length > 0 ? 2 : 0;
}

function show(directory: string, { findings, notes, unjudged }: Outcome, code: number): void {
  for (const text of notes) print(colours.dim(`note  ${escapeTerminal(text)}`));
  for (const text of unjudged) print(`${colours.yellow("?    ")} not judged: ${escapeTerminal(text)}`);
  for (const { where, message, fix, wrote = [] } of findings) {
    const end = /[.?]$/.test(message) ? "" : ".";
    print(`${colours.red("wrong")} ${colours.bold(escapeTerminal(where))}: ${escapeTerminal(message)}${end}`);
    print(`      ${escapeTerminal(fix)}`);
    for (const line of wrote) print(colours.dim(`      it wrote: ${escapeTerminal(line)}`));
  }
  const counted = findings.length === 1 ? "1 thing is wrong" : `${findings.length} things are wrong`;
  if (code === 0)
    print(
      `\n${colours.green("Nothing is wrong.")} Next: seccf run --profile ${escapeTerminal(shellWord(directory))}`,
    );
  else if (code === 2) print(`\n${colours.yellow("The system could not be judged.")}`);
  else print(`\n${colours.red(`${counted}.`)}`);
}
