import { Command, CommanderError, Option } from "commander";
import { escapeLines, escapeTerminal } from "../../reports/index.ts";
import { ProfileError } from "../system/profile/index.ts";
import { explain } from "./commands/explain.ts";
import { list } from "./commands/list.ts";
import { print, printError } from "./output.ts";
import { suiteVersion } from "./suite-identity.ts";
import { UsageError } from "./usage-error.ts";

/** Errors whose message is all that a person needs, with the exit code of the design. */
const EXIT_CODES: Readonly<Record<string, number>> = {
  UsageError: 3,
  ProfileError: 3,
  ListenError: 3,
  JournalError: 2,
  SystemStartError: 2,
};

/** Carries out one command and gives the exit code: 0, 1, 2 or 3. Never throws. */
export async function commandLine(argv: readonly string[]): Promise<number> {
  let code = 0;
  const program = describeCommands((result) => {
    code = result;
  });
  try {
    await program.parseAsync([...argv]);
    return code;
  } catch (error) {
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
    .option("--only <glob>", "only cases or instances whose id or key matches, for example 'UC1-PSK-*'")
    .option("--smoke", "a handful of cases, in seconds")
    .option("--shard <i/n>", "only the I-th of N parts")
    .option("--seed <n>", "seed of the expansion of parameters", "1")
    .option("--strength <n>", "combinations of parameters that are covered: 1 each value, 2 each pair", "2")
    .option("--repeat <n>", "carry each case out N times; each attempt is recorded", "1")
    .addOption(new Option("--fault <id>", "start the reference system with this defect"))
    .option("--out <dir>", "run directory (default: conformance-results/<run id>)")
    .action(async (options) => finish(await (await import("./commands/run.ts")).run(options)));
  program
    .command("list")
    .description("the catalogue: cases, requirement labels or faults, without running anything")
    .option("--json", "for programs")
    .option("--faults", "the defects of the reference system")
    .option("--labels", "the requirement labels")
    .action((options) => finish(list(options)));
  program
    .command("explain")
    .argument("<id>", "a case, a requirement label or a fault")
    .description("purpose, steps, clauses, labels and faults of one case, label or fault")
    .action((id) => finish(explain(id)));
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
