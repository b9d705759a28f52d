import { Command, CommanderError, Option } from "commander";
import { escapeLines, escapeTerminal } from "../../reports/index.ts";
import { ProfileError } from "../system/profile/index.ts";
import { CLAIMABLE_WAYS_IN } from "../system/profile/template.ts";
import { explain } from "./commands/explain.ts";
import { list } from "./commands/list.ts";
import { outputLost, print, printError } from "./output.ts";
import { describePlay } from "./play/options.ts";
import { suiteVersion } from "./suite-identity.ts";
import { UsageError } from "./usage-error.ts";

/** Errors whose message is all that a person needs, with the exit code of the design. */
const EXIT_CODES: Readonly<Record<string, number>> = {
  UsageError: 3,
  ProfileError: 3,
  ListenError: 3,
  JournalError: 2,
  SystemStartError: 2,
  OutputError: 2,
};

/** Carries out one command and gives the exit code: 0, 1, 2 or 3. Never throws. */
export async function commandLine(argv: readonly string[]): Promise<number> {
  let code = 0;
  const program = describeCommands((result) => {
    code = result;
  });
  try {
    await program.parseAsync([...argv]);
    return wholeOutput() || code !== 0 ? code : 2;
  } catch (error) {
    return codeOf(error);
  }
}

/** Whether all that there was to say could be written; says on standard error when not. */
function wholeOutput(): boolean {
  const lost = outputLost();
  if (lost !== undefined) {
    printError(
      `the output could not all be written (${lost}): what stands there is cut. Make room and try again.`,
    );
  }
  return lost === undefined;
}

/** Says what is wrong, and gives the exit code. */
function codeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 3;
  const known = error instanceof Error ? EXIT_CODES[error.name] : undefined;
  if (
    error instanceof ProfileError ||
    error instanceof UsageError ||
    (known !== undefined && error instanceof Error)
  ) {
    for (const line of error.message.split("\n")) printError(escapeTerminal(line));
    return known ?? 3;
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  printError(escapeLines(`error of seccf itself: ${text}`));
  return 2;
}

/** Commands that start something are loaded when they are called: list and explain answer at once. */
function describeCommands(finish: (code: number) => void): Command {
  const program = new Command("seccf")
    .description("Conformance tests for the OMA Application-Layer Security Common Functions (SEC_CF)")
    .version(suiteVersion())
    .exitOverride()
    .configureOutput({
      writeOut: (text) => print(text.replace(/\n$/, "")),
      writeErr: (text) => printError(text.replace(/\n$/, "")),
    })
    .showHelpAfterError("(seccf --help, or seccf COMMAND --help)")
    .addHelpText(
      "after",
      "\nExit codes: 0 conformant (or the selected cases passed), 1 not conformant, 2 undetermined, 3 wrong usage or invalid profile",
    );
  program
    .command("run")
    .description("certify a system; without --profile the reference system that comes with the suite")
    .option("--profile <dir>", "folder with ics.yaml and ixit.yaml")
    .option(
      "--only <glob>",
      "only cases or instances whose whole id or key matches (* any characters, ? one), for example 'UC1-PSK-*'",
    )
    .option("--smoke", "a handful of cases, in seconds")
    .option("--shard <i/n>", "only the I-th of N parts")
    .option("--seed <n>", "chooses the combinations of parameters: the same seed, the same ones", "1")
    .option(
      "--strength <n>",
      "combinations of parameters that are covered: 1 each value, 2 each pair, 3 each three; as many as a case has: all",
      "2",
    )
    .option(
      "--repeat <n>",
      "carry each instance out N times; each attempt is recorded, the worst verdict counts, different ones are flaky",
      "1",
    )
    .addOption(new Option("--fault <id>", "start the reference system with this defect"))
    .option("--out <dir>", "run directory (default: conformance-results/<run id>)")
    .option("--dry-run", "start nothing: print what would run, how long it takes, what it uses and the load")
    .option("--json", "with --dry-run: for programs")
    .addOption(
      new Option("--progress <form>", "what stands on standard output while the run goes on")
        .choices(["people", "ndjson", "none"])
        .default("people"),
    )
    .action(async (options) => finish(await (await import("./commands/run.ts")).run(options)));
  program
    .command("list")
    .description("the catalogue: cases, requirement labels, faults or deviations, without running anything")
    .option("--json", "for programs")
    .option("--faults", "the defects of the reference system")
    .option("--labels", "the requirement labels")
    .option("--deviations", "what the suite's own roles can do wrong on purpose")
    .action((options) => finish(list(options)));
  program
    .command("explain")
    .argument("<id>", "a case, a requirement label, a fault or a deviation")
    .description("purpose, steps, clauses, labels and faults of one case, label, fault or deviation")
    .action((id) => finish(explain(id)));
  describeProfile(program.command("profile"), finish);
  describePlay(program.command("play"), finish);
  program
    .command("prove")
    .description("start the reference system with each fault and show that the cases notice it")
    .option("--full", "every fault against every case, and write suites/proof.json")
    .option("--fault <id>", "only this fault")
    .option("--out <dir>", "folder for prove.json (default: conformance-results)")
    .action(async (options) => finish(await (await import("./commands/prove.ts")).prove(options)));
  program
    .command("report")
    .argument("<dir>", "run directory")
    .description("render the reports of a run again from its journal")
    .action(async (directory) => finish(await (await import("./commands/report.ts")).report(directory)));
  return program;
}

function describeProfile(profile: Command, finish: (code: number) => void): void {
  profile.description("the two files that describe a system of your own");
  profile
    .command("new")
    .argument("<dir>", "folder for ics.yaml and ixit.yaml; made when it does not exist")
    .description("write a commented profile in which only what you know is left to fill in")
    .addOption(
      new Option("--kind <kind>", "process: seccf starts the system; external: it runs already")
        .choices(["process", "external"])
        .default("process"),
    )
    .addOption(
      new Option("--way-in <name...>", "ways in that the system offers")
        .choices(CLAIMABLE_WAYS_IN)
        .default(["uc1.psk-tls", "uc1.https-digest"]),
    )
    .option("--server-name <fqdn>", "name of the enabler, as terminals use it")
    .option("--key-manager <fqdn>", "name of the key manager, as the enabler knows it")
    .option("--credentials", "external: make an authority and the certificates of both ends of Zn")
    .action(async (directory, options) =>
      finish(await (await import("./commands/profile-new.ts")).profileNew(directory, options)),
    );
  profile
    .command("check")
    .argument("<dir>", "folder with ics.yaml and ixit.yaml")
    .description("validate a profile, then try all that is in it and say what is wrong and what to do")
    .option("--json", "for programs")
    .addHelpText(
      "after",
      "\nExit codes: 0 nothing is wrong, 2 the system could not be judged, 3 profile and system do not go together",
    )
    .action(async (directory, options) =>
      finish(await (await import("./commands/profile-check.ts")).profileCheck(directory, options)),
    );
}
