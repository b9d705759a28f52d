import { type TestCase, testCase } from "../../harness/conformance/case.ts";
import type { CaseContext } from "../../harness/conformance/case-context.ts";
import { type CipherSuite, retiredSuites, suitesOf } from "../../harness/protocols/tls/index.ts";
import type { NafCredential } from "../../harness/roles/terminal/index.ts";
import { describeEnding } from "../../harness/wire/observer.ts";
import { FLOWS } from "./flows.ts";

/** Whether the enabler takes one of these suites; a handshake that our terminal cannot end counts too. */
async function negotiated(
  { terminal, parameters }: CaseContext,
  credential: NafCredential,
  suites: readonly CipherSuite[],
): Promise<{ readonly served: boolean; readonly how: string }> {
  const version = (["1.0", "1.1", "1.2", "1.3"] as const).find((one) => one === parameters["tls"]) ?? "1.2";
  const entry = await terminal.enter(credential, { client: "engine", suites, version });
  if (entry.entered)
    return { served: true, how: `handshake completed with ${entry.access.session.suite.name}` };
  const { suiteChosen, ending } = entry;
  const chosen = suiteChosen === undefined ? "" : `the enabler chose ${suiteChosen.name}, then: `;
  return { served: suiteChosen !== undefined, how: `${chosen}${describeEnding(ending)}` };
}

/**
 * RC4 and export suites are in no TLS library of today; ours offers them, and sees what the enabler chooses. They stand
 * in one offer with the suites that do not encrypt, so that an enabler which takes any of them shows it.
 */
export const retired: readonly TestCase[] = FLOWS.map(({ code, fields }) =>
  testCase(
    {
      ...fields,
      id: `UC1-${code}-BI-93`,
      purpose:
        "A terminal with a valid key that offers only NULL, RC4 and export suites finds no acceptable one",
      requirements: ["4.1"],
      polarity: "invalid",
      parameters: ["tls"],
      clauses: ["RD 6 4.1", "RFC 7465 2", "RFC 4785", "RFC 5246 A.5, E.2"],
      steps: [
        "the terminal bootstraps and offers, in each TLS version alone, all suites with RC4, with export keys and without encryption",
        "it offers only suites with DES and 3DES",
      ],
    },
    async (context) => {
      const { ics, terminal, parameters, preamble, refusal, check, should } = context;
      const { credential } = await preamble("the terminal bootstraps", () => terminal.bootstrap());
      const claimed = ics.waysIn[code === "PSK" ? "uc1.psk-tls" : "uc1.https-digest"]?.suites ?? [];
      const kind = code === "PSK" ? "psk" : "certificate";
      const broken = [...retiredSuites(kind, "RC4", "export"), ...suitesOf(kind, false)].filter(
        ({ name }) => !claimed.includes(name),
      );
      const trial = await refusal(() => negotiated(context, credential, broken));
      check(
        "4.1",
        "no suite with RC4, with export keys or without encryption is negotiated",
        trial.refused,
        trial.how,
      );
      if (parameters["tls"] === "1.3") return;
      const weak = await negotiated(context, credential, retiredSuites(kind, "DES"));
      should("RFC 9325 4.1", "no suite with DES or 3DES is negotiated", !weak.served, weak.how);
    },
  ),
);
