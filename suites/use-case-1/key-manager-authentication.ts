import { type TestCase, testCase } from "../../harness/conformance/case.ts";
import { FLOWS, needing } from "./flows.ts";

const IDS = {
  authority: { PSK: "UC1-PSK-BI-16", DIG: "UC1-DIG-BI-22" },
  name: { PSK: "UC1-PSK-BI-17", DIG: "UC1-DIG-BI-23" },
  expired: { PSK: "UC1-PSK-BI-36", DIG: "UC1-DIG-BI-76" },
  unprotected: { PSK: "UC1-PSK-BI-35", DIG: "UC1-DIG-BI-75" },
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
  {
    as: "expired",
    ids: IDS.expired,
    what: "whose certificate has expired",
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

/** A key never crosses an unprotected channel, not even when no other can be had. */
export const unprotectedKeyManager: readonly TestCase[] = FLOWS.map(({ code, fields }) =>
  testCase(
    {
      ...fields,
      id: IDS.unprotected[code],
      purpose:
        "The enabler does not fall back to an unprotected connection when the key manager has no other",
      requirements: ["4.1", "S2"],
      polarity: "invalid",
      parameters: [],
      clauses: ["RD 6.1.1 S2", "RD 6 4.1", "RFC 6733 13", "TS 33.220 4.4.5"],
      steps: [
        "the key manager drops its connections, and listens without TLS on the same port",
        "a valid terminal tries to enter",
        "the key manager listens with TLS again, and a valid terminal is served",
      ],
      exclusive: true,
    },
    async ({ terminal, keyManager, preamble, check }) => {
      const association = await preamble("the terminal bootstraps", () => terminal.bootstrap());
      const attempt = await terminal.attempt(association.credential, {
        before: () => keyManager.pretend("unprotected"),
        after: async () => {
          await keyManager.goAway();
          await keyManager.comeBack();
        },
      });
      const requests = keyManager.requestsFor(association.btid).length;
      const seen = `${requests} requests; ${attempt.how}`;
      check("S2", "no key is asked for over an unprotected connection", requests === 0, seen);
      check("4.1", "no key is used that crossed an unprotected connection", attempt.refused, seen);
    },
  ),
);
