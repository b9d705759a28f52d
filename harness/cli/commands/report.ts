import { buildReport, writeReports } from "../../../reports/index.ts";
import { readJournal } from "../../conformance/journal.ts";
import { exitCode } from "../../conformance/run-status.ts";
import { print } from "../output.ts";

/** `seccf report DIR`: renders again from the journal. Gives the exit code that the run had. @throws JournalError */
export async function report(directory: string): Promise<number> {
  const record = readJournal(directory);
  const paths = await writeReports(directory, buildReport(record));
  print(`Reports:\n${paths.map((path) => `  ${path}`).join("\n")}`);
  return exitCode(record.results, record.sanity, record.interrupted !== undefined);
}
