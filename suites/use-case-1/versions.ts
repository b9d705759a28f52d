import { type TestCase, testCase } from "../../harness/conformance/case.ts";
import { versionsBelow } from "../../harness/conformance/selection.ts";
import { suitesOf } from "../../harness/protocols/tls/index.ts";
import type { TlsVersion } from "../../harness/system/profile/index.ts";
import { describeEnding } from "../../harness/wire/observer.ts";
import { ALTERNATIVE, NORMAL, needing } from "./flows.ts";

const REFUSED = "no version below the claim is negotiated";

export const oldVersionWithPsk = testCase(
  {
    ...NORMAL,
    id: "UC1-PSK-BI-30",
    purpose:
      "A terminal with a valid key that offers only a TLS version below the claimed ones gets no connection",
    requirements: ["4.1"],
    polarity: "invalid",
    needs: needing(NORMAL, { olderTls: true }),
    parameters: [],
    clauses: ["RD 6 4.1", "RD 5.1.1", "RFC 5246 E.1"],
    steps: [
      "the terminal bootstraps",
      "it offers each version that is older than the claimed ones alone, with all its PSK suites",
    ],
  },
  async ({ terminal, ics, preamble, refusal, check }) => {
    const { credential } = await preamble("the terminal bootstraps", () => terminal.bootstrap());
    for (const version of versionsBelow(ics, "uc1.psk-tls")) {
      const suites = suitesOf("psk", true).filter(({ versions }) => versions.includes(version));
      const trial = await refusal(async () => {
        const entry = await terminal.enter(credential, { version, suites });
        // Whatever is served over it: the version itself is what must not be chosen.
        if (entry.entered) return { served: true, how: `completed with ${entry.access.session.suite.name}` };
        const how = describeEnding(entry.ending);
        await preamble("the terminal reaches the enabler", async () => {
          if (!entry.tcpConnected) throw new Error(how);
        });
        // The key is for one suite only: with another one the handshake fails after the version was chosen.
        return entry.pskAsked === true
          ? { served: true, how: `negotiated, then ${how}` }
          : { served: false, how };
      });
      check("4.1", REFUSED, trial.refused, `TLS ${version}: ${trial.how}`);
    }
  },
);

export const oldVersionWithCertificate: TestCase = testCase(
  {
    ...ALTERNATIVE,
    id: "UC1-DIG-BI-70",
    purpose: "A terminal that offers only a TLS version below the claimed ones gets no connection",
    requirements: ["4.1"],
    polarity: "invalid",
    needs: needing(ALTERNATIVE, { olderTls: true }),
    parameters: [],
    clauses: ["RD 6 4.1", "RD 5.1.1", "RFC 5246 E.1"],
    steps: [
      "the terminal offers each version that is older than the claimed ones alone, with all its suites",
    ],
  },
  async ({ terminal, ics, refusal, check }) => {
    const offering = (version: TlsVersion) =>
      terminal.handshakeWith(
        suitesOf("certificate", true).filter(({ versions }) => versions.includes(version)),
        version,
      );
    for (const version of versionsBelow(ics, "uc1.https-digest")) {
      const trial = await refusal(async () => {
        const outcome = await offering(version);
        if (!outcome.ok) return { served: false, how: describeEnding(outcome.ending) };
        // Whatever is served over it: the connection itself is what must not come about.
        return { served: true, how: `handshake completed with ${outcome.session.suite.name}` };
      });
      check("4.1", REFUSED, trial.refused, `TLS ${version}: ${trial.how}`);
    }
  },
);

export const sha2BeforeTls12 = testCase(
  {
    ...NORMAL,
    id: "UC1-PSK-BO-04",
    purpose:
      "A suite with SHA-256 or SHA-384 that is negotiated before TLS 1.2 works, with the PRF of that version",
    requirements: ["5.1"],
    polarity: "boundary",
    needs: needing(NORMAL, { tls: "1.1" }),
    parameters: [],
    clauses: ["RFC 5487 2, 3.1", "RFC 5489 3.2", "TS 33.220 H.3"],
    steps: [
      "the terminal bootstraps",
      "in TLS 1.0 and 1.1, as claimed, it offers each claimed suite with SHA-256 or SHA-384 alone",
      "the enabler may have none of them there; what it chooses has to work",
    ],
  },
  async ({ terminal, ics, preamble, check, observe }) => {
    const { credential } = await preamble("the terminal bootstraps", () => terminal.bootstrap());
    const claim = ics.waysIn["uc1.psk-tls"];
    const suites = suitesOf("psk", true).filter(
      ({ name, hash }) => hash !== "SHA-1" && claim?.suites.includes(name) === true,
    );
    let negotiated = 0;
    let failed = 0;
    for (const version of ["1.0", "1.1"] as const) {
      if (claim?.tls.includes(version) !== true) continue;
      for (const suite of suites.filter(({ versions }) => versions.includes(version))) {
        const entry = await terminal.enter(credential, { version, suites: [suite] });
        const how = entry.entered ? "completed" : describeEnding(entry.ending);
        if (entry.entered || entry.pskAsked === true) negotiated += 1;
        if (!entry.entered && entry.pskAsked === true) failed += 1;
        observe(`TLS ${version}, ${suite.name}`, how);
      }
    }
    const seen = `${negotiated} negotiated, of which ${failed} failed`;
    check("5.1", "the key is agreed on with each suite that the enabler chose", failed === 0, seen);
  },
);
