import { FAULTS } from "../../../profiles/reference/faults.ts";
import { CASES } from "../../../suites/index.ts";
import type { TestCase } from "../../conformance/case.ts";
import { requirement } from "../../conformance/catalogue/requirements.ts";
import { isLabel } from "../../conformance/vocabulary.ts";
import { print } from "../output.ts";
import { readProof } from "../suite-identity.ts";
import { UsageError } from "../usage-error.ts";
import { DEVIATIONS } from "./deviations.ts";

/** `seccf explain ID`: one page about a case, a label, a fault or a deviation. @throws UsageError for an unknown id */
export function explain(id: string): number {
  const found = explainCase(id) ?? explainLabel(id) ?? explainFault(id) ?? explainDeviation(id);
  if (found === undefined) {
    throw new UsageError(
      `nothing has the id ${JSON.stringify(id)}; \`seccf list\`, \`list --labels\`, \`list --faults\` and \`list --deviations\` show them`,
    );
  }
  for (const line of found) print(line);
  return 0;
}

/** Faults that the committed proof says are detected by a case. */
function detectedBy(caseId: string): readonly string[] {
  const faults = Object.entries(readProof()?.faults ?? {});
  return faults.filter(([, cases]) => cases.includes(caseId)).map(([fault]) => fault);
}

function explainCase(id: string): readonly string[] | undefined {
  const one = CASES.get(id.toUpperCase().replace(/\[.*$/, ""));
  if (one === undefined) return undefined;
  return [
    `${one.id}  ${one.purpose}`,
    "",
    one.useCase === undefined
      ? `suite        property of label ${one.requirements[0] ?? "(none)"}, way in ${one.needs.wayIn}`
      : `use case     ${one.useCase}, ${flowText(one.flow)}way in ${one.needs.wayIn}`,
    `labels       ${one.requirements.join(", ")}`,
    `polarity     ${one.polarity}`,
    `clauses      ${one.clauses.join("; ")}`,
    `parameters   ${parameters(one)}`,
    `applies      ${applies(one)}`,
    ...(one.exclusive === true ? ["runs         alone: it concerns a whole listener"] : []),
    ...(one.dependsOn === undefined || one.dependsOn === one.id ? [] : [`depends on   ${one.dependsOn}`]),
    "steps",
    ...one.steps.map((step, i) => `  ${i + 1}. ${step}`),
    `detects      ${detectedBy(one.id).join(", ") || "(no proof)"}`,
  ];
}

function parameters(one: TestCase): string {
  const own = Object.entries(one.variants ?? {}).map(([name, values]) => `${name} (${values.join(", ")})`);
  return [...one.parameters, ...own].join(", ") || "none";
}

function applies({ needs }: TestCase): string {
  const claims = Object.entries(needs.claims ?? {}).map(
    ([item, values]) => `ICS ${item} is ${values.join(" or ")}`,
  );
  const observations = (needs.observes ?? []).map((one) => `the IXIT says how to observe: ${one}`);
  const excluded = Object.entries(needs.withoutClaims ?? {}).map(
    ([item, values]) => `ICS ${item} claims no ${values.join(" and no ")}`,
  );
  return [`ICS waysIn claims ${needs.wayIn}`, ...claims, ...excluded, ...facts(needs), ...observations].join(
    "; ",
  );
}

/** What a case needs of the system, beside claims and observations. */
function facts(needs: TestCase["needs"]): readonly string[] {
  return [
    ...(needs.startedSystem === true ? ["the run starts the system"] : []),
    ...(needs.severalSuites === true ? ["the ICS claims more than one suite"] : []),
    ...(needs.secondInstance === true ? ["a second instance is known"] : []),
    ...(needs.awaitableNonce === true ? ["IXIT digest.nonceLifetimeMs is at most 5000"] : []),
  ];
}

function explainLabel(id: string): readonly string[] | undefined {
  if (!isLabel(id)) return undefined;
  const { title, text, level, release, releaseNote, section, useCases, judgedBy, polarities, waysIn } =
    requirement(id);
  const cases = [...CASES.values()].filter(({ requirements }) => requirements.includes(id));
  return [
    `${id}  ${title}`,
    "",
    text,
    "",
    `level        ${level}, release ${release}${releaseNote === undefined ? "" : ` (${releaseNote})`}`,
    `section      ${section}`,
    `use cases    ${useCases.join(", ") || "none"}`,
    `judged       ${judgedBy.join(", ")}`,
    `ways in      ${waysIn.join(", ") || "none"}`,
    `polarities   ${polarities.join(", ") || "none: no case can make it met"}`,
    `cases        ${cases.length === 0 ? "none in this version: not covered" : ""}`,
    ...cases.map((one) => `  ${one.id}  ${one.purpose}`),
  ];
}

function explainFault(id: string): readonly string[] | undefined {
  const fault = FAULTS.find((one) => one.id === id);
  if (fault === undefined) return undefined;
  return [
    `${fault.id}  ${fault.title}`,
    "",
    `labels       ${fault.requirements.join(", ") || "none"}`,
    `clauses      ${fault.clauses?.join("; ") ?? "none"}`,
    `detected by  ${readProof()?.faults[id]?.join(", ") ?? "(no proof)"}`,
    `try it       seccf run ${fault.shownBy === undefined ? "" : `--profile profiles/${fault.shownBy} `}--fault ${fault.id}`,
  ];
}

/** Server authentication only (OMA-RD-SEC_CF 4.2) is part of no flow. */
function flowText(flow: string | undefined): string {
  return flow === undefined ? "" : `${flow} flow, `;
}

function explainDeviation(id: string): readonly string[] | undefined {
  const found = DEVIATIONS.filter((one) => one.id === id);
  if (found.length === 0) return undefined;
  return found.flatMap(({ of, title, clause, versions, expects }, at) => [
    ...(at === 0 ? [] : [""]),
    `${id}  deviation of the ${of}: ${title}`,
    "",
    `clause       ${clause}`,
    ...(versions === undefined ? [] : [`versions     TLS ${versions.join(", ")}`]),
    ...(expects === undefined ? [] : [`the system   ${expects}`]),
  ]);
}
