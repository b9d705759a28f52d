/** The report of a run: its model, its JSON schema and its renderers. */
export { buildReport } from "./build-report.ts";
export { escapeLines, escapeTerminal } from "./escape.ts";
export { gapSentence, headline } from "./reading.ts";
export type { Report } from "./report-model.ts";
export { validateReport } from "./validate-report.ts";
export { writeReports } from "./write-reports.ts";
