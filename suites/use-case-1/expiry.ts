import { type TestCase, testCase } from "../../harness/conformance/case.ts";
import { checkBootstrapAgain } from "./challenge.ts";
import { FLOWS } from "./flows.ts";

/** An expiry has the resolution of a second, and clocks differ: it is placed this far ahead (milliseconds). */
const AHEAD_MS = 2_000;

/** The nearest expiry that can be told in whole seconds and leaves time to be served before. */
export function expirySoon(): Date {
  return new Date(Math.ceil((Date.now() + AHEAD_MS) / 1000) * 1000);
}

const SERVED_NOTHING = "no protected resource is served and no state changes";

export const expiredKey: readonly TestCase[] = FLOWS.map(({ code, fields }) =>
  testCase(
    {
      ...fields,
      id: code === "PSK" ? "UC1-PSK-BI-02" : "UC1-DIG-BI-09",
      purpose:
        "A key whose lifetime is over opens nothing, and the terminal can learn that it has to bootstrap again",
      requirements: ["1.1", "5.1"],
      polarity: "expiry",
      parameters: code === "PSK" ? ["tls", "suite"] : ["tls"],
      clauses: ["TS 24.109 F.2.1, 5.2.5, B.2.1", "TS 33.220 4.5.3"],
      steps: [
        "the key manager answers the enabler with an expiry in the past",
        "the terminal enters with the key, which it never used here before",
      ],
    },
    async ({ terminal, enabler, keyManager, preamble, check, should }) => {
      const association = await preamble("the terminal bootstraps", () => terminal.bootstrap());
      // More than the tolerance that clocks are allowed.
      keyManager.steer(association, { expiry: new Date(Date.now() - 60_000) });
      const attempt = await terminal.attempt(association.credential);
      check("1.1", SERVED_NOTHING, attempt.refused, attempt.how);
      check("5.1", "an expired key is not used", attempt.refused, attempt.how);
      if (code === "DIG" && attempt.refused)
        checkBootstrapAgain({ check, should }, attempt, enabler.serverName);
    },
  ),
);

export const expiryInSession: readonly TestCase[] = FLOWS.map(({ code, fields }) =>
  testCase(
    {
      ...fields,
      id: code === "PSK" ? "UC1-PSK-BI-06" : "UC1-DIG-BI-10",
      purpose:
        "When the key expires during a session, nothing protected is served on it after expiry and tolerance",
      requirements: ["5.1"],
      polarity: "expiry",
      parameters: ["tls"],
      clauses: ["TS 24.109 F.2.1, 5.3.3.4", "TS 33.220 4.5.3"],
      steps: [
        "the key manager tells an expiry some seconds ahead",
        "the terminal is served, and waits until expiry and tolerance have passed",
        "it asks again on the same connection, then enters anew with the same key",
      ],
    },
    async ({ terminal, enabler, keyManager, preamble, enterServed, refusal, untilAfter, check, observe }) => {
      const association = await preamble("the terminal bootstraps", () => terminal.bootstrap());
      const expiry = expirySoon();
      keyManager.steer(association, { expiry });
      const access = await preamble("the terminal is served", () =>
        enterServed(terminal, association.credential),
      );
      await untilAfter(expiry);
      const after = await refusal(async () => {
        const outcome = await access.requestHere(enabler.protectedResource);
        if (!outcome.ok) return { served: false, how: outcome.ending.kind };
        return { served: enabler.serves(outcome.response), how: `status ${outcome.response.status}` };
      });
      check(
        "5.1",
        "nothing protected is served on the connection after the key expired",
        after.refused,
        after.how,
      );
      const anew = await terminal.attempt(association.credential);
      check("5.1", "the expired key opens no new connection", anew.refused, anew.how);
      observe("how the session ended", after.how);
    },
  ),
);
