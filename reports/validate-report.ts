import type { ErrorObject, ValidateFunction } from "ajv/dist/2020.js";
import { Ajv2020 } from "ajv/dist/2020.js";
import ajvFormats from "ajv-formats";
import { bounded, escapeTerminal } from "./escape.ts";
import schema from "./report.schema.json" with { type: "json" };
import type { Report } from "./report-model.ts";

export type ReportValidation =
  | { readonly ok: true; readonly report: Report }
  | { readonly ok: false; readonly errors: readonly string[] };

/** A report that is wrong throughout is not worth more lines than this. */
const ERROR_LIMIT = 50;
/** UTF-16 code units of one error line. */
const LINE_LIMIT = 300;

let compiled: ValidateFunction<Report> | undefined;

/**
 * Holds parsed JSON against `report.schema.json`, and checks that no two cases have the same key,
 * which a schema cannot say. Each error names the field by its JSON pointer and is safe to print.
 * Throws nothing.
 */
export function validateReport(json: unknown): ReportValidation {
  const validate = validator();
  if (!validate(json)) return { ok: false, errors: errorLines(validate.errors ?? []) };
  const errors = repeatedKeys(json);
  return errors.length === 0
    ? { ok: true, report: json }
    : { ok: false, errors: errors.slice(0, ERROR_LIMIT) };
}

/** Compiled at first use, so that commands which read no report do not pay for it. */
function validator(): ValidateFunction<Report> {
  if (compiled === undefined) {
    const ajv = new Ajv2020({ strict: true, strictRequired: false, allErrors: true, allowUnionTypes: true });
    ajvFormats.default(ajv, ["date-time"]);
    compiled = ajv.compile<Report>(schema);
  }
  return compiled;
}

function errorLines(errors: readonly ErrorObject[]): readonly string[] {
  const telling = errors.filter((error) => error.keyword !== "if");
  return telling.slice(0, ERROR_LIMIT).map(errorLine);
}

function errorLine(error: ErrorObject): string {
  const field = error.instancePath === "" ? "/" : error.instancePath;
  return escapeTerminal(bounded(`${field}: ${error.message ?? error.keyword}${allowed(error)}`, LINE_LIMIT));
}

function allowed(error: ErrorObject): string {
  switch (error.keyword) {
    case "enum":
      return `: ${[error.params["allowedValues"]].flat().join(", ")}`;
    case "const":
      return `: ${JSON.stringify(error.params["allowedValue"])}`;
    case "additionalProperties":
      return `: ${error.params["additionalProperty"]}`;
    default:
      return "";
  }
}

function repeatedKeys(report: Report): readonly string[] {
  const seen = new Set<string>();
  return report.cases.flatMap(({ key }, index) => {
    if (seen.has(key)) {
      return [escapeTerminal(bounded(`/cases/${index}/key: must be unique: ${key}`, LINE_LIMIT))];
    }
    seen.add(key);
    return [];
  });
}
