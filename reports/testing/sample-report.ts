import type { Check, Label, Polarity, Verdict, WayIn } from "../../harness/conformance/vocabulary.ts";
import type { CaseReport, CheckReport, Report } from "../report-model.ts";
import { sampleRequirements, sampleUseCases } from "./sample-requirements.ts";

interface Variation {
  /** Stands in every field that the SUT, its profile or its environment can influence. */
  readonly data?: string;
  readonly conformant?: boolean | null;
  readonly scope?: "full" | "partial";
}

/** A run of use case 1 in which something of everything happened; valid against the schema. */
export function sampleReport({ data, conformant = false, scope = "full" }: Variation = {}): Report {
  const cases = sampleCases(data);
  const number = (verdict: Verdict) => cases.filter((entry) => entry.verdict === verdict).length;
  return {
    schemaVersion: 1,
    suite: {
      name: "seccf",
      version: "0.1.0",
      commit: "4f1c9a7e02b6d8c35a90e1f7b2d46c8830a5e9d1",
      catalogue: "9b".repeat(32),
      proof: "3e".repeat(32),
    },
    system: {
      name: data ?? "Presence Gateway",
      vendor: data ?? "Example Networks",
      version: data ?? "7.4.1",
      roles: [data ?? "enabler"],
    },
    profile: { ics: "1c".repeat(32), ixit: "d7".repeat(32), release: 2 },
    run: {
      id: "2026-03-02T09-14-05Z-8c1f",
      scope,
      startedAt: "2026-03-02T09:14:05.120Z",
      durationMs: 74_310,
      seed: 20260302,
      node: "26.10.0",
      openssl: "3.5.4",
      ...(data === undefined ? {} : { shard: data, fault: data, baseline: data, interrupted: data }),
      sanity: [
        { when: "first", wayIn: "uc1.psk-tls", ok: true },
        {
          when: "last",
          wayIn: "uc1.https-digest",
          ok: false,
          detail: data ?? "Connection refused on port 8443",
        },
      ],
    },
    summary: {
      conformant,
      verdicts: {
        pass: number("pass"),
        fail: number("fail"),
        inconclusive: number("inconclusive"),
        error: number("error"),
        notApplicable: number("not-applicable"),
      },
      findings: 1,
      flaky: 1,
    },
    requirements: sampleRequirements(data),
    useCases: sampleUseCases(data),
    bindings: [
      {
        clause: data ?? "TS 33.222 5.4.1",
        text: "the server names 3GPP-bootstrapping in its hint",
        outcome: "passed",
        cases: ["UC1-PSK-EST-01"],
      },
      {
        clause: "RFC 7616 3.5",
        text: data ?? "Authentication-Info repeats the nonce count of the request",
        outcome: "failed",
        cases: ["UC1-DIG-AI-02"],
      },
    ],
    cases,
  };
}

function sampleCases(data: string | undefined): readonly CaseReport[] {
  return [
    ...["1.2", "1.3"].flatMap((tls) =>
      ["00a8", "00ae", "1301"].map((suite, index) =>
        sampleCase("UC1-PSK-EST-01", "pass", {
          parameters: { tls, suite },
          purpose: "The enabler and a terminal establish PSK-TLS with each claimed version and suite",
          requirements: ["1.1", "1.2", "3.1", "4.1", "5.1"],
          durationMs: 41 + 17 * index,
          checks: [
            passed("1.1", "the protected resource is served to the authenticated subscriber"),
            {
              ...passed("1.2", "the server proves the key in its Finished"),
              provenBy: [data ?? "skips-finished"],
            },
            passed("3.1", "an altered record ends the session"),
            passed("4.1", "the application data is encrypted under the claimed suite"),
            passed("5.1", "the key manager was asked for this B-TID and NAF_Id"),
            observed("alert that ended the session", "close_notify"),
          ],
        }),
      ),
    ),
    sampleCase("UC1-PSK-BI-03", "fail", {
      key: data ?? "UC1-PSK-BI-03[suite=00a8,tls=1.2]",
      parameters: { suite: data ?? "00a8", tls: "1.2" },
      purpose: "The enabler serves nothing to a terminal that names a valid B-TID but proves another Ks_NAF",
      requirements: ["1.1", "5.1"],
      clauses: [data ?? "RFC 4279 2", "TS 33.222 5.4"],
      polarity: "invalid",
      durationMs: 128,
      reason: data ?? "The protected resource was served to a terminal that did not hold the key.",
      checks: [
        failed("1.1", "no protected resource is served", data ?? "HTTP 200 with 412 bytes of /protected"),
        passed("5.1", "the key manager was asked for this B-TID and NAF_Id"),
        observed("how it was refused", data ?? "not at all: the handshake completed"),
      ],
      evidence: [
        "evidence/UC1-PSK-BI-03[suite=00a8,tls=1.2]/transcript.txt",
        "evidence/UC1-PSK-BI-03[suite=00a8,tls=1.2]/capture.pcapng",
        ...(data === undefined ? [] : [data, "../../etc/passwd.txt"]),
      ],
    }),
    sampleCase("UC1-DIG-AI-02", "fail", {
      purpose: "Authentication-Info proves the server and belongs to this request",
      requirements: ["1.2"],
      clauses: ["RFC 7616 3.5"],
      wayIn: "uc1.https-digest",
      flow: data ?? "HTTPS with HTTP Digest",
      checks: [
        passed("1.2", "rspauth proves Ks_NAF"),
        {
          clause: "RFC 7616 3.5",
          level: "must",
          text: "nc repeats the nonce count of the request",
          outcome: "failed",
          detail: data ?? 'sent nc=00000002, received nc="00000001"',
        },
      ],
    }),
    sampleCase("UC1-DIG-RPL-01", "inconclusive", {
      purpose: "A recorded request that changes state does not act a second time",
      requirements: ["1.1", "1.4"],
      polarity: "replay",
      wayIn: "uc1.https-digest",
      flow: "HTTPS with HTTP Digest",
      reason: data ?? "Preamble step “the terminal is challenged” failed: no WWW-Authenticate header.",
      rootCause: data ?? "UC1-DIG-AI-02",
      checks: [],
    }),
    sampleCase("UC1-KM-SIL-01", "error", {
      purpose: "A key manager that is silent leaves the connection closed within the bound",
      requirements: ["1.1"],
      polarity: "boundary",
      reason: data ?? "The key manager of the test system could not be started: EADDRINUSE 127.0.0.1:8089",
      checks: [],
    }),
    sampleCase("UC1-DIG-QOP-01", "pass", {
      purpose: "An answer from which qop was stripped is not accepted",
      requirements: ["3.1"],
      polarity: "invalid",
      wayIn: "uc1.https-digest",
      flow: "HTTPS with HTTP Digest",
      attempts: ["inconclusive", "pass"],
      checks: [
        passed("3.1", "no protected resource is served"),
        {
          requirement: "3.1",
          level: "should",
          text: "the challenge offers auth-int",
          outcome: "failed",
          detail: data ?? 'qop="auth"',
        },
      ],
    }),
    sampleCase("UC2-PRX-EST-01", "not-applicable", {
      purpose: "The authentication proxy tells the application server who the user is",
      useCase: 2,
      flow: "PSK-TLS through the proxy",
      requirements: ["1.2a"],
      wayIn: "uc2.psk-tls",
      reason: data ?? "ICS item roles does not name authentication-proxy",
      checks: [],
    }),
  ];
}

function sampleCase(
  id: string,
  verdict: Verdict,
  rest: Partial<CaseReport> & Pick<CaseReport, "checks" | "purpose">,
): CaseReport {
  const { parameters } = rest;
  const listed = Object.entries(parameters ?? {}).map(([name, value]) => `${name}=${value}`);
  const polarity: Polarity = "valid";
  const wayIn: WayIn = "uc1.psk-tls";
  return {
    id,
    key: listed.length === 0 ? id : `${id}[${listed.join(",")}]`,
    useCase: 1,
    flow: "PSK-TLS",
    requirements: [],
    clauses: ["TS 33.222 5.4"],
    polarity,
    wayIn,
    verdict,
    durationMs: 57,
    evidence: [],
    ...rest,
  };
}

function passed(requirement: Label, text: string): CheckReport {
  return { requirement, level: "must", text, outcome: "passed" };
}

function failed(requirement: Label, text: string, detail: string): Check {
  return { requirement, level: "must", text, outcome: "failed", detail };
}

function observed(text: string, detail: string): Check {
  return { level: "observe", text, outcome: "observed", detail };
}
