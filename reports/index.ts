/** The report of a run: its model, its JSON schema and its renderers. */
export { buildReport } from "./build-report.ts";
export { renderTraceability } from "./csv.ts";
export {
  bounded,
  codeSpan,
  escapeCsv,
  escapeHtml,
  escapeLines,
  escapeMarkdown,
  escapeTerminal,
  escapeXml,
} from "./escape.ts";
export { renderHtml } from "./html/index.ts";
export { renderJunit } from "./junit.ts";
export { renderMarkdown } from "./markdown.ts";
export type { Headline } from "./reading.ts";
export { gapSentence, headline, labelsWithoutCase } from "./reading.ts";
export type {
  BindingReport,
  CaseReport,
  Report,
  RequirementReport,
  SanityRecord,
  UseCaseReport,
} from "./report-model.ts";
export type { ReportValidation } from "./validate-report.ts";
export { validateReport } from "./validate-report.ts";
export { writeReports } from "./write-reports.ts";
