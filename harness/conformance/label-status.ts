import type { Requirement } from "./catalogue/model.ts";
import { REQUIREMENTS } from "./catalogue/requirements.ts";
import type { CaseResult, CatalogueEntry, RunHeader } from "./run-events.ts";
import type { Check, Label, Polarity, RequirementStatus, WayIn } from "./vocabulary.ts";

export interface LabelStatus {
  readonly label: Label;
  readonly status: RequirementStatus;
  /** One sentence: what decided. */
  readonly reason: string;
  readonly cases: readonly string[];
  /** Must checks that judged the label in this run. */
  readonly checks: number;
  /** Polarities with a passing, proven check for each claimed way in. */
  readonly polarities: readonly Polarity[];
  readonly provenBy: readonly string[];
}

interface JudgedCheck {
  readonly entry: CatalogueEntry;
  readonly check: Check;
  /** Faults that make this check fail. */
  readonly faults: readonly string[];
}

/** The state of all 19 labels, in the order of the document. */
export function labelStatuses(header: RunHeader, results: readonly CaseResult[]): readonly LabelStatus[] {
  return REQUIREMENTS.map((requirement) => labelStatus(requirement, header, results));
}

function labelStatus(
  requirement: Requirement,
  header: RunHeader,
  results: readonly CaseResult[],
): LabelStatus {
  const { label } = requirement;
  const entries = header.catalogue.filter((entry) => entry.requirements.includes(label));
  const cases = entries.map((entry) => entry.id);
  const mine = results.filter((result) => cases.includes(result.id));
  const judged = judgedChecks(label, header, mine);
  const provenPass = judged.filter(({ check, faults }) => check.outcome === "passed" && faults.length > 0);
  const required = requiredPairs(requirement, header.waysIn);
  const polarities = requirement.polarities.filter((polarity) => {
    const pairs = required.filter((pair) => pair.polarity === polarity);
    return pairs.length > 0 && pairs.every((pair) => provenPass.some(satisfies(pair)));
  });
  const facts = {
    label,
    cases,
    checks: judged.length,
    polarities,
    provenBy: [...new Set(judged.flatMap(({ faults }) => faults))].sort(),
  };
  return { ...facts, ...decide({ requirement, header, entries, mine, judged, provenPass, required }) };
}

interface Deciding {
  readonly requirement: Requirement;
  readonly header: RunHeader;
  readonly entries: readonly CatalogueEntry[];
  readonly mine: readonly CaseResult[];
  readonly judged: readonly JudgedCheck[];
  readonly provenPass: readonly JudgedCheck[];
  readonly required: readonly RequiredPair[];
}

type Decision = Pick<LabelStatus, "status" | "reason">;

function decide(facts: Deciding): Decision {
  const { requirement, header, entries, mine, judged } = facts;
  if (requirement.release > header.profile.release) {
    return {
      status: "not-applicable",
      reason: `release ${requirement.release}; the ICS claims release ${header.profile.release}`,
    };
  }
  const failed = judged.filter(({ check }) => check.outcome === "failed");
  if (failed.length > 0) {
    const ids = [...new Set(failed.map(({ entry }) => entry.id))];
    return { status: "not-met", reason: `failed in ${ids.join(", ")}` };
  }
  if (entries.length === 0) {
    return (
      vendorsWord(facts) ?? { status: "not-covered", reason: "this version of the suite has no case for it" }
    );
  }
  return decideFromResults(facts, mine);
}

/** What the ICS declares counts where no case judged. */
function vendorsWord({ requirement, header }: Deciding): Decision | undefined {
  const declaration = header.declarations[requirement.label];
  return declaration === undefined
    ? undefined
    : { status: "declared", reason: `the vendor declares: ${declaration}` };
}

/** Cases of the label with instances that were selected and have no result. */
function notRun({ header, entries, mine }: Deciding): readonly string[] {
  const ended = new Set(mine.map(({ key }) => key));
  const open = header.selected.filter((key) => !ended.has(key)).map((key) => key.replace(/\[.*$/, ""));
  return [...new Set(open)].filter((id) => entries.some((entry) => entry.id === id));
}

function decideFromResults(facts: Deciding, mine: readonly CaseResult[]): Decision {
  const open = mine.filter(({ verdict }) => verdict === "inconclusive" || verdict === "error");
  if (open.length > 0) {
    return {
      status: "undetermined",
      reason: `inconclusive or error in ${[...new Set(open.map(({ id }) => id))].join(", ")}`,
    };
  }
  if (mine.length === 0) return { status: "undetermined", reason: "no case of it was run" };
  const unrun = notRun(facts);
  if (unrun.length > 0)
    return { status: "undetermined", reason: `the run ended before ${unrun.join(", ")} was tried` };
  const declared = mine.find((result) => result.declared === true);
  if (facts.judged.length === 0) {
    const ended = mine.filter(({ verdict }) => verdict !== "not-applicable");
    if (ended.length > 0) {
      const ids = [...new Set(ended.map(({ id }) => id))];
      return { status: "undetermined", reason: `${ids.join(", ")} ended before this label was judged` };
    }
    if (declared !== undefined)
      return { status: "declared", reason: declared.reason ?? "what it needs is not observed" };
    const reason = mine.find((result) => result.reason !== undefined)?.reason ?? "no case applies";
    return vendorsWord(facts) ?? { status: "not-applicable", reason };
  }
  if (facts.required.length === 0) {
    return {
      status: "partial",
      reason: "checks passed, but the catalogue names no polarity and claimed way in that would make it met",
    };
  }
  const missing = facts.required.filter((pair) => !facts.provenPass.some(satisfies(pair)));
  if (missing.length > 0) {
    const what = missing.map(({ wayIn, polarity }) =>
      wayIn === undefined ? polarity : `${polarity} over ${wayIn}`,
    );
    const half = declared?.reason === undefined ? "" : `; a half is declared: ${declared.reason}`;
    return { status: "partial", reason: `no passing, proven check yet for ${what.join(", ")}${half}` };
  }
  if (declared !== undefined)
    return { status: "declared", reason: declared.reason ?? "a half of it is declared" };
  return {
    status: "met",
    reason: "every required polarity has a passing, proven check over each claimed way in",
  };
}

export interface RequiredPair {
  /** Absent where the label is not bound to a way in: each polarity is needed once. */
  readonly wayIn?: WayIn;
  readonly polarity: Polarity;
}

/** What the catalogue demands of a label before it is met, for the claimed ways in. */
export function requiredPairs(requirement: Requirement, claimed: readonly WayIn[]): readonly RequiredPair[] {
  const ways = requirement.waysIn.filter((wayIn) => claimed.includes(wayIn));
  const needed = (wayIn: WayIn, polarity: Polarity) =>
    (requirement.polaritiesOver?.[wayIn] ?? requirement.polarities).includes(polarity);
  return requirement.polarities.flatMap((polarity): RequiredPair[] =>
    requirement.waysIn.length === 0
      ? [{ polarity }]
      : ways.filter((wayIn) => needed(wayIn, polarity)).map((wayIn) => ({ wayIn, polarity })),
  );
}

function satisfies(pair: RequiredPair) {
  return ({ entry }: JudgedCheck) =>
    entry.polarity === pair.polarity && (pair.wayIn === undefined || entry.wayIn === pair.wayIn);
}

function judgedChecks(label: Label, header: RunHeader, mine: readonly CaseResult[]): readonly JudgedCheck[] {
  return mine.flatMap((result) => {
    const entry = header.catalogue.find(({ id }) => id === result.id);
    if (entry === undefined) return [];
    return result.checks
      .filter((check) => check.requirement === label && check.level === "must")
      .map((check) => ({ entry, check, faults: faultsOf(header, result.id, check) }));
  });
}

function faultsOf(header: RunHeader, id: string, check: Check): readonly string[] {
  const subject = check.requirement ?? check.clause;
  return (
    header.proven.find((one) => one.case === id && one.subject === subject && one.text === check.text)
      ?.faults ?? []
  );
}
