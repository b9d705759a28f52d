import { FAULTS } from "../../../profiles/reference/faults.ts";
import { CASES } from "../../../suites/index.ts";
import { REQUIREMENTS } from "../../conformance/catalogue/requirements.ts";
import { print } from "../output.ts";
import { DEVIATIONS } from "./deviations.ts";

export interface ListArguments {
  readonly json?: boolean;
  readonly faults?: boolean;
  readonly labels?: boolean;
  readonly deviations?: boolean;
}

/** `seccf list`: reads descriptors only. Gives the exit code. */
export function list({ json = false, ...kind }: ListArguments): number {
  const rows = rowsOf(kind);
  if (json)
    print(
      JSON.stringify(
        rows.map(({ data }) => data),
        null,
        2,
      ),
    );
  else for (const { line } of rows) print(line);
  return 0;
}

function rowsOf({ faults = false, labels = false, deviations = false }: ListArguments): readonly Row[] {
  if (faults) return faultRows();
  if (labels) return labelRows();
  return deviations ? deviationRows() : caseRows();
}

interface Row {
  readonly line: string;
  readonly data: unknown;
}

function caseRows(): readonly Row[] {
  return [...CASES.values()].map(({ story: _, ...data }) => ({
    data,
    line: `${data.id.padEnd(15)} ${data.polarity.padEnd(9)} ${data.requirements.join(",").padEnd(12)} ${data.purpose}`,
  }));
}

function faultRows(): readonly Row[] {
  return FAULTS.map(({ id, title, requirements, clauses = [], shownBy, alsoShownBy }) => ({
    data: { id, title, requirements, clauses, ...{ shownBy, alsoShownBy } },
    line: `${id.padEnd(38)} ${[...requirements, ...clauses].join(",").padEnd(16)} ${title}`,
  }));
}

function deviationRows(): readonly Row[] {
  return DEVIATIONS.map((data) => ({
    data,
    line: `${data.id.padEnd(30)} ${data.of.padEnd(31)} ${data.title} (${data.clause})`,
  }));
}

function labelRows(): readonly Row[] {
  return REQUIREMENTS.map((data) => {
    const cases = [...CASES.values()].filter(({ requirements }) => requirements.includes(data.label)).length;
    const covered = cases === 0 ? "not covered" : `${cases} cases`;
    return {
      data: { ...data, cases },
      line: `${data.label.padEnd(5)} ${data.level.padEnd(4)} release ${data.release}  ${covered.padEnd(12)} ${data.title}`,
    };
  });
}
