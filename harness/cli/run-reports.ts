import { type Report, writeReports } from "../../reports/index.ts";
import { OutputError } from "./output-error.ts";

/**
 * Writes the reports of a run beside its journal and gives their paths.
 * @throws OutputError: the journal is whole, so nothing has to be asked again
 */
export async function writeRunReports(directory: string, report: Report): Promise<readonly string[]> {
  try {
    return await writeReports(directory, report);
  } catch (error) {
    throw new OutputError(
      `the reports in ${directory} could not all be written: ${error instanceof Error ? error.message : String(error)}. ` +
        "The journal is not affected: when there is room again, `seccf report` with this folder renders it.",
    );
  }
}
