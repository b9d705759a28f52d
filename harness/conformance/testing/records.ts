/** Records as small as they can be, for tests of what is made of them. */
import type { CaseResult, CatalogueEntry, ProvenCheck, RunHeader } from "../run-events.ts";
import type { Check, CheckOutcome, Label, Level, Verdict } from "../vocabulary.ts";

export function labelCheck(
  requirement: Label,
  outcome: CheckOutcome,
  level: Level = "must",
  text = `holds for ${requirement}`,
): Check {
  return { requirement, level, text, outcome };
}

export function entry(id: string, fields: Partial<CatalogueEntry> = {}): CatalogueEntry {
  return {
    id,
    purpose: `what ${id} is for`,
    requirements: ["1.2"],
    clauses: ["RD 6"],
    polarity: "valid",
    wayIn: "uc1.psk-tls",
    ...fields,
  };
}

export function result(id: string, verdict: Verdict, fields: Partial<CaseResult> = {}): CaseResult {
  return { id, key: id, parameters: {}, verdict, durationMs: 1, checks: [], evidence: [], ...fields };
}

/** A fault makes just this check of this case fail. */
export function proven(id: string, requirement: Label, fault = "some-fault"): ProvenCheck {
  return { case: id, subject: requirement, text: `holds for ${requirement}`, faults: [fault] };
}

export function header(fields: Partial<RunHeader> = {}): RunHeader {
  return {
    id: "run-1",
    startedAt: "2026-03-02T09:14:05.120Z",
    scope: "full",
    seed: 1,
    node: "26.0.0",
    openssl: "3.5.0",
    suite: { version: "0", commit: null, catalogue: "00".repeat(32), proof: "00".repeat(32) },
    system: { name: "Enabler", vendor: "Example", version: "1", roles: ["enabler"] },
    profile: { ics: "00".repeat(32), ixit: "00".repeat(32), release: 2 },
    waysIn: ["uc1.psk-tls", "uc1.https-digest"],
    declarations: {},
    catalogue: [],
    proven: [],
    selected: [],
    ...fields,
  };
}
