import type { UseCaseStatus } from "../../harness/conformance/run-status.ts";
import type { Label, RequirementStatus } from "../../harness/conformance/vocabulary.ts";
import type { CoverageReport, RequirementReport } from "../report-model.ts";

type Row = readonly [Label, string, "MUST" | "MAY", 1 | 2, RequirementStatus, string];

const NO_CASE = "This version of the suite has no case for this label.";

const ROWS: readonly Row[] = [
  [
    "1.1",
    "The client is authenticated to the home server",
    "MUST",
    1,
    "not-met",
    "A must check of UC1-PSK-BI-03 failed.",
  ],
  [
    "1.1a",
    "The user is authenticated to the home server",
    "MAY",
    2,
    "not-applicable",
    "The ICS does not claim user authentication.",
  ],
  [
    "1.2",
    "The home server is authenticated to the client",
    "MUST",
    1,
    "met",
    "Every polarity has a passing, proven check.",
  ],
  [
    "1.2a",
    "An authentication proxy can do the authentication",
    "MUST",
    1,
    "not-applicable",
    "The ICS names no authentication proxy.",
  ],
  ["1.2b", "Visited servers are authenticated to the client", "MUST", 1, "not-covered", NO_CASE],
  ["1.3", "Data origin is authenticated", "MUST", 1, "not-covered", NO_CASE],
  [
    "1.4",
    "Recorded messages cannot be played back",
    "MUST",
    2,
    "undetermined",
    "UC1-DIG-RPL-01 stayed inconclusive.",
  ],
  ["1.5", "The source of a broadcast or stream is authenticated", "MUST", 2, "not-covered", NO_CASE],
  ["1.6", "The receivers of a broadcast or stream are authenticated", "MUST", 2, "not-covered", NO_CASE],
  ["1.7", "The user is authenticated to the client", "MAY", 2, "not-covered", NO_CASE],
  [
    "3.1",
    "Changes to data are detected",
    "MUST",
    1,
    "partial",
    "Replay and boundary have no passing check for uc1.https-digest.",
  ],
  [
    "4.1",
    "Transmitted data stays confidential",
    "MUST",
    1,
    "met",
    "Every polarity has a passing, proven check.",
  ],
  [
    "5.1",
    "Keys are agreed securely before they are used",
    "MUST",
    1,
    "met",
    "Every polarity has a passing, proven check.",
  ],
  [
    "S1",
    "Secret data is stored out of reach",
    "MUST",
    1,
    "declared",
    "The vendor states hardware-backed storage.",
  ],
  ["S2", "Secret data is never sent in the clear", "MUST", 1, "not-covered", NO_CASE],
  ["S3", "Secret data can be changed securely", "MUST", 1, "not-covered", NO_CASE],
  ["A1", "Initial keys can be provisioned", "MUST", 1, "not-covered", NO_CASE],
  ["A2", "Algorithms can be changed securely", "MUST", 1, "not-covered", NO_CASE],
  ["U1", "The mechanisms are efficient", "MUST", 1, "not-covered", NO_CASE],
];

export function sampleRequirements(data: string | undefined): readonly RequirementReport[] {
  const judged: Partial<Record<Label, readonly string[]>> = {
    "1.1": ["UC1-PSK-EST-01", "UC1-PSK-BI-03", "UC1-DIG-RPL-01", "UC1-KM-SIL-01", "UC1-KM-REF-02"],
    "1.2": ["UC1-PSK-EST-01", "UC1-DIG-AI-02"],
    "1.2a": ["UC2-PRX-EST-01"],
    "1.4": ["UC1-DIG-RPL-01"],
    "3.1": ["UC1-PSK-EST-01", "UC1-DIG-QOP-01"],
    "4.1": ["UC1-PSK-EST-01"],
    "5.1": ["UC1-PSK-EST-01", "UC1-PSK-BI-03"],
  };
  return ROWS.map(([label, title, level, release, status, reason]) => ({
    label,
    title,
    level,
    release,
    status,
    reason: data ?? reason,
    cases: judged[label] ?? [],
    checks: (judged[label] ?? []).length * 3,
    coverage: sampleCoverage(label, status, judged[label] ?? []),
    polarities: status === "met" ? ["valid", "invalid", "boundary"] : [],
    provenBy: status === "met" ? ["accepts-any-psk", "skips-finished"] : [],
  }));
}

function sampleCoverage(
  label: Label,
  status: RequirementStatus,
  cases: readonly string[],
): readonly CoverageReport[] {
  if (cases.length === 0) return [];
  const outcome = status === "met" ? "proven" : status === "not-met" ? "failed" : "unproven";
  return [
    { polarity: "valid", wayIn: "uc1.psk-tls", required: true, outcome, cases },
    { polarity: "replay", wayIn: "uc1.psk-tls", required: true, outcome: "not-judged", cases: [] },
    ...(label === "1.4"
      ? [{ polarity: "replay", wayIn: "uc1.https-digest", required: true, outcome: "open", cases } as const]
      : []),
    { polarity: "boundary", required: false, outcome: "unproven", cases: ["UC1-KM-SIL-01"] },
  ];
}

const USE_CASE_TITLES = [
  "Secure connection from a shared key",
  "Authentication through a proxy",
  "Authentication with a user certificate",
  "Enabler spread over home and visited network",
  "Access started by the network",
  "Provisioning of security parameters",
  "Provisioning of keys",
];

export function sampleUseCases(data: string | undefined): readonly UseCaseStatus[] {
  return USE_CASE_TITLES.map((title, index) => ({
    number: index + 1,
    title,
    status: index === 0 ? "not-met" : "not-covered",
    flows:
      index === 0
        ? [
            { name: "PSK-TLS", status: "not-met", cases: ["UC1-PSK-EST-01", "UC1-PSK-BI-03"] },
            {
              name: data ?? "HTTPS with HTTP Digest",
              status: "not-met",
              cases: ["UC1-DIG-AI-02", "UC1-DIG-RPL-01", "UC1-DIG-QOP-01"],
            },
          ]
        : [{ name: "Normal flow", status: "not-covered", cases: [] }],
  }));
}
