import { type TestCase, testCase } from "../../harness/conformance/case.ts";
import { type CipherSuite, suitesOf } from "../../harness/protocols/tls/index.ts";
import { describeEnding } from "../../harness/wire/observer.ts";
import { FLOWS, type FlowCode, needing } from "./flows.ts";

const IDS = {
  null: { PSK: "UC1-PSK-BI-12", DIG: "UC1-DIG-BI-19" },
  anonymous: { PSK: "UC1-PSK-BI-13", DIG: "UC1-DIG-BI-20" },
} as const;

/** Suites of TLS 1.2 that do not encrypt, of the kind of authentication that the flow has. */
function unencrypted(code: FlowCode): readonly CipherSuite[] {
  return suitesOf(code === "PSK" ? "psk" : "certificate", false);
}

export const nullSuites: readonly TestCase[] = FLOWS.map(({ code, fields }) =>
  testCase(
    {
      ...fields,
      id: IDS.null[code],
      purpose: "A terminal with a valid key that offers only suites without encryption is served nothing",
      requirements: ["4.1"],
      polarity: "invalid",
      needs: needing(fields, { tls: "1.2" }),
      parameters: [],
      clauses: ["RD 6 4.1", "RFC 4785", "RFC 5487 3"],
      steps: ["the terminal bootstraps and offers, in TLS 1.2, each NULL suite of this way in alone"],
    },
    async ({ terminal, ics, preamble, check, should }) => {
      const { credential } = await preamble("the terminal bootstraps", () => terminal.bootstrap());
      const claimed = ics.waysIn[code === "PSK" ? "uc1.psk-tls" : "uc1.https-digest"]?.suites ?? [];
      should(
        "RD 6 4.1",
        "no suite without encryption is claimed",
        !unencrypted(code).some(({ name }) => claimed.includes(name)),
      );
      for (const suite of unencrypted(code).filter(({ name }) => !claimed.includes(name))) {
        const attempt = await terminal.attempt(credential, { suites: [suite] });
        check(
          "4.1",
          "nothing protected is served over a connection that is not encrypted",
          attempt.refused,
          `${suite.name}: ${attempt.how}`,
        );
      }
    },
  ),
);

export const anonymousSuites: readonly TestCase[] = FLOWS.map(({ code, fields }) =>
  testCase(
    {
      ...fields,
      id: IDS.anonymous[code],
      purpose:
        "A terminal that offers only suites in which nobody authenticates himself finds no acceptable suite",
      requirements: ["1.2"],
      polarity: "invalid",
      needs: needing(fields, { tls: "1.2" }),
      parameters: [],
      clauses: ["RD 6 1.2", "RFC 5246 A.5 (anonymous suites)"],
      steps: [
        "the terminal offers, in TLS 1.2, only suites with anonymous key exchange",
        "if the handshake completes, it asks for the protected resource as it would otherwise",
      ],
    },
    async ({ terminal, enabler, refusal, check }) => {
      const trial = await refusal(async () => {
        const outcome = await terminal.handshakeWith(suitesOf("anonymous", true));
        if (!outcome.ok) return { served: false, how: describeEnding(outcome.ending) };
        const { session } = outcome;
        const reply = await session.exchange({
          method: "GET",
          target: enabler.protectedResource.target,
          headers: [["Host", enabler.serverName]],
        });
        const how = `handshake completed with ${session.suite.name}, ${reply.ok ? `status ${reply.response.status}` : reply.ending.kind}`;
        // An enabler that takes part in such a handshake has not proven itself, whatever it serves.
        return { served: true, how };
      });
      check(
        "1.2",
        "no connection comes about in which the enabler has not proven itself",
        trial.refused,
        trial.how,
      );
    },
  ),
);
