import { existsSync } from "node:fs";
import { join } from "node:path";
import { buildReport } from "../../../reports/index.ts";
import { JOURNAL_FILE, readJournal } from "../../conformance/journal.ts";
import { exitCode } from "../../conformance/run-status.ts";
import { print } from "../output.ts";
import { writeRunReports } from "../run-reports.ts";
import { UsageError } from "../usage-error.ts";

/**
 * `seccf report DIR`: renders again from the journal. Gives the exit code of what the journal holds.
 * @throws UsageError when there is no journal; JournalError when it is damaged
 */
export async function report(directory: string): Promise<number> {
  if (!existsSync(join(directory, JOURNAL_FILE))) {
    throw new UsageError(
      `${directory} holds no ${JOURNAL_FILE}. Name the folder of a run, as \`seccf run\` printed it under "Reports".`,
    );
  }
  const record = readJournal(directory);
  const paths = await writeRunReports(directory, buildReport(record));
  print(`Reports:\n${paths.map((path) => `  ${path}`).join("\n")}`);
  return exitCode(record.results, record.sanity, record.interrupted !== undefined);
}
