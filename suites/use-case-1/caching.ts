import { type TestCase, testCase } from "../../harness/conformance/case.ts";
import type { CaseContext } from "../../harness/conformance/case-context.ts";
import type { SecurityAssociation } from "../../harness/roles/terminal/index.ts";
import { describeEnding } from "../../harness/wire/observer.ts";
import { FLOWS, needing } from "./flows.ts";

/** More than a server has processes as a rule, each of which may keep keys of its own. */
const CONNECTIONS = 6;

/** Enters again and again with one key; gives how often that key was asked for, or nothing when it did not always get in. */
async function requestsForManyConnections(
  { terminal, enabler, keyManager, check }: CaseContext,
  { btid, credential }: SecurityAssociation,
): Promise<number | undefined> {
  let all = true;
  for (let made = 0; made < CONNECTIONS; made += 1) {
    const entry = await terminal.enter(credential);
    const outcome = entry.entered ? await entry.access.request(enabler.protectedResource) : undefined;
    const served = outcome?.ok === true && enabler.serves(outcome.response);
    check(
      "5.1",
      "the key is agreed on for each new connection",
      served,
      entry.entered
        ? `status ${outcome?.ok === true ? outcome.response.status : "none"}`
        : describeEnding(entry.ending),
    );
    if (entry.entered) await entry.access.session.close();
    all &&= served;
  }
  // Who was not let in says nothing of what is kept.
  return all ? keyManager.requestsFor(btid).length : undefined;
}

const STEPS = [`the terminal enters ${CONNECTIONS} times with the same key, one connection after the other`];

export const keysNotKept: readonly TestCase[] = FLOWS.map(({ code, fields }) =>
  testCase(
    {
      ...fields,
      id: code === "PSK" ? "UC1-PSK-BV-13" : "UC1-DIG-BV-73",
      purpose: "An enabler that claims to keep no keys asks the key manager for each new connection",
      requirements: ["5.1"],
      polarity: "valid",
      needs: needing(fields, { claims: { [code === "PSK" ? "psk.keyCache" : "digest.keyCache"]: ["none"] } }),
      parameters: ["tls"],
      clauses: ["TS 33.220 4.5.3", "RD 5.1"],
      steps: STEPS,
    },
    async (context) => {
      const association = await context.preamble("the terminal bootstraps", () =>
        context.terminal.bootstrap(),
      );
      const requests = await requestsForManyConnections(context, association);
      if (requests === undefined) return;
      context.check(
        "TS 33.220 4.5.3",
        "the key manager is asked for each connection, as claimed",
        requests >= CONNECTIONS,
        `${requests} key requests for ${CONNECTIONS} connections`,
      );
    },
  ),
);

export const keysKept: readonly TestCase[] = FLOWS.map(({ code, fields }) =>
  testCase(
    {
      ...fields,
      id: code === "PSK" ? "UC1-PSK-BV-14" : "UC1-DIG-BV-74",
      purpose: "An enabler that claims to keep keys does not ask the key manager for each new connection",
      requirements: ["5.1"],
      polarity: "valid",
      needs: needing(fields, {
        claims: { [code === "PSK" ? "psk.keyCache" : "digest.keyCache"]: ["until-expiry"] },
      }),
      parameters: ["tls"],
      clauses: ["TS 33.220 4.5.3", "RD 5.1"],
      steps: STEPS,
    },
    async (context) => {
      const association = await context.preamble("the terminal bootstraps", () =>
        context.terminal.bootstrap(),
      );
      const requests = await requestsForManyConnections(context, association);
      if (requests === undefined) return;
      const seen = `${requests} key requests for ${CONNECTIONS} connections`;
      // Each process of a server may keep keys of its own.
      context.check("TS 33.220 4.5.3", "keys are kept, as claimed", requests < CONNECTIONS, seen);
      context.should("TS 33.220 4.5.3", "a valid key that is kept is asked for once", requests === 1, seen);
    },
  ),
);
