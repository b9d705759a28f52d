import { type TestCase, testCase } from "../../harness/conformance/case.ts";
import { FLOWS, needing } from "./flows.ts";

const IDS = {
  authority: { PSK: "UC1-PSK-BI-16", DIG: "UC1-DIG-BI-22" },
  name: { PSK: "UC1-PSK-BI-17", DIG: "UC1-DIG-BI-23" },
} as const;

const FALSE_ONES = [
  {
    as: "strange authority",
    ids: IDS.authority,
    what: "whose certificate comes from an authority that the enabler does not know",
    needs: {},
  },
  {
    as: "other name",
    ids: IDS.name,
    what: "whose certificate is for another name",
    needs: { startedSystem: true },
  },
] as const;

/** The enabler is the client on Zn: it must not ask, nor believe, somebody who is not its key manager. */
export const falseKeyManager: readonly TestCase[] = FALSE_ONES.flatMap(({ as, ids, what, needs }) =>
  FLOWS.map(({ code, fields }) =>
    testCase(
      {
        ...fields,
        id: ids[code],
        purpose: `The enabler asks no key of a key manager ${what}`,
        requirements: ["S2"],
        polarity: "invalid",
        needs: needing(fields, needs),
        parameters: [],
        clauses: ["RD 6.1.1 S2", "RD 5.1.5 (connects securely)", "RFC 9110 4.3.4"],
        steps: [
          "the key manager drops its connections and presents the false certificate",
          "a valid terminal tries to enter",
          "the key manager presents its own certificate again, and a valid terminal is served",
        ],
        exclusive: true,
      },
      async ({ terminal, keyManager, preamble, check }) => {
        const association = await preamble("the terminal bootstraps", () => terminal.bootstrap());
        const attempt = await terminal.attempt(association.credential, {
          before: () => keyManager.pretend(as),
          after: async () => {
            await keyManager.goAway();
            await keyManager.comeBack();
          },
        });
        const requests = keyManager.requestsFor(association.btid).length;
        check(
          "S2",
          "no key request reaches a false key manager",
          requests === 0,
          `${requests} requests; ${attempt.how}`,
        );
        check("S2", "no key of a false key manager is used", attempt.refused, attempt.how);
      },
    ),
  ),
);
