import { type TestCase, testCase } from "../../harness/conformance/case.ts";
import type { CaseContext, CaseTerminal } from "../../harness/conformance/case-context.ts";
import { ALTERNATIVE, FLOWS, needing } from "./flows.ts";

/** Under what name the application should know the user, in the form that the IXIT says. */
export function expectedIdentities(
  { ixit }: CaseContext,
  terminal: CaseTerminal,
  btid: string,
): readonly string[] {
  switch (ixit.resources.identity?.form) {
    case "IMPU":
      return terminal.impus;
    case "B-TID":
      return [btid];
    default:
      return [terminal.impi];
  }
}

/** @throws when nobody was told, so that silence would prove nothing */
function requireTold(told: string | undefined): string {
  if (told === undefined) throw new Error("no identity can be read (IXIT resources.identity)");
  return told;
}

export const identityTold: readonly TestCase[] = FLOWS.map(({ code, fields }) =>
  testCase(
    {
      ...fields,
      id: `UC1-${code}-BV-02`,
      purpose:
        "Of two users who are connected at the same time the application is told each one's own identity",
      requirements: ["1.1"],
      polarity: "valid",
      needs: needing(fields, { observes: ["identity"] }),
      parameters: ["tls"],
      clauses: ["RD 6 1.1", "RD 5.1.5", "RD 3.2 consistent view"],
      steps: [
        "two terminals of different subscribers bootstrap and enter",
        "the identity is read for the first, for the second, and for the first again",
      ],
    },
    async (context) => {
      const { terminal, anotherTerminal, preamble, enterServed, identityTold, check } = context;
      const other = anotherTerminal();
      const [mine, theirs] = await preamble("both bootstrap", () =>
        Promise.all([terminal.bootstrap(), other.bootstrap()]),
      );
      const first = await preamble("the first enters", () => enterServed(terminal, mine.credential));
      const second = await preamble("the second enters", () => enterServed(other, theirs.credential));
      const told = [
        await identityTold(first, mine.btid),
        await identityTold(second, theirs.btid),
        await identityTold(first, mine.btid),
      ];
      const forMine = expectedIdentities(context, terminal, mine.btid);
      const forTheirs = expectedIdentities(context, other, theirs.btid);
      const right = [forMine, forTheirs, forMine].every((wanted, i) => wanted.includes(told[i] ?? ""));
      check(
        "1.1",
        "the application is told the identity of the user whose connection it is",
        right,
        `told ${told.map((one) => JSON.stringify(one)).join(", ")}; right: ${forMine[0]}, ${forTheirs[0]}, ${forMine[0]}`,
      );
    },
  ),
);

export const anonymity: readonly TestCase[] = FLOWS.map(({ code, fields }) =>
  testCase(
    {
      ...fields,
      id: `UC1-${code}-BV-03`,
      purpose:
        "When the key manager withholds the identity, the user is served and the application is told nobody's",
      requirements: ["1.1"],
      polarity: "valid",
      needs: needing(fields, { claims: { anonymity: ["accepted"] }, observes: ["identity"] }),
      parameters: ["tls"],
      clauses: ["RD 5.1.5 (anonymous use)", "RD 3.2 anonymity", "TS 29.309 (impi optional)"],
      steps: [
        "another user with an identity is served, and it is read",
        "a terminal whose key comes without IMPI and user identities enters and is served",
        "what the application was told is no permanent identity",
      ],
    },
    async ({ terminal, anotherTerminal, preamble, enterServed, keyManager, identityTold, check }) => {
      const other = anotherTerminal();
      await preamble("another user is served, and the application is told who he is", async () => {
        const { btid, credential } = await other.bootstrap();
        // Where nobody's identity can be read, that none is read for an anonymous user shows nothing.
        requireTold(await identityTold(await enterServed(other, credential), btid));
      });
      const association = await preamble("the terminal bootstraps", () => terminal.bootstrap());
      keyManager.steer(association, { identity: "withheld" });
      const access = await preamble("the anonymous user enters", () =>
        enterServed(terminal, association.credential),
      );
      const told = await identityTold(access, association.btid);
      check(
        "1.1",
        "no IMPI or IMPU is told for an anonymous user",
        told === undefined || !keyManager.identities().includes(told),
        `told ${JSON.stringify(told)}`,
      );
    },
  ),
);

export const twoKeysOfOneUser: readonly TestCase[] = FLOWS.map(({ code, fields }) =>
  testCase(
    {
      ...fields,
      id: `UC1-${code}-BV-04`,
      purpose: "After a new bootstrapping the new key works at once, under its own name and no other",
      requirements: ["5.1"],
      polarity: "valid",
      parameters: ["tls"],
      clauses: ["RD 3.2 key naming", "TS 33.220 4.5"],
      steps: [
        "the terminal bootstraps, enters, and bootstraps again",
        "it enters with the new key while the first connection stands",
      ],
    },
    async ({ terminal, preamble, enterServed, enterValid, enabler, keyManager, check, observe }) => {
      const first = await preamble("first bootstrapping", () => terminal.bootstrap());
      await preamble("the terminal enters", () => enterServed(terminal, first.credential));
      const second = await preamble("second bootstrapping", () => terminal.bootstrap());
      const entry = await enterValid(terminal, second.credential);
      const outcome = entry.entered ? await entry.access.request(enabler.protectedResource) : undefined;
      // A system that serves everybody agrees no key.
      const asked = keyManager.requestsFor(second.btid).length;
      check(
        "5.1",
        "the key of the new bootstrapping is agreed and used while the old one is valid",
        outcome?.ok === true && enabler.serves(outcome.response) && asked > 0,
      );
      observe("key requests for the new B-TID", String(asked));
    },
  ),
);

export const usersAlternate = testCase(
  {
    ...ALTERNATIVE,
    id: "UC1-DIG-BV-05",
    purpose: "When two users alternate on one kept-alive connection, each request is told with its own user",
    requirements: ["1.1"],
    polarity: "valid",
    needs: needing(ALTERNATIVE, { observes: ["identity"] }),
    parameters: ["tls"],
    clauses: ["RD 3.2 sender invariance", "RFC 7616 3.6"],
    steps: [
      "one user is served, and asks for the identity",
      "on the same connection another user answers the challenge, and asks for the identity",
      "the first user asks again",
    ],
  },
  async (context) => {
    const { terminal, anotherTerminal, preamble, enterServedWithDigest, identityTold, check, observe } =
      context;
    const other = anotherTerminal();
    const mine = await preamble("the first bootstraps", () => terminal.bootstrap());
    const theirs = await preamble("the second bootstraps", () => other.bootstrap());
    const first = await preamble("the first is served", () =>
      enterServedWithDigest(terminal, mine.credential),
    );
    const second = first.as(theirs.credential);
    const told = [
      await preamble("the identity of the first is read", async () =>
        requireTold(await identityTold(first, mine.btid)),
      ),
      await identityTold(second, theirs.btid),
      await identityTold(first, mine.btid),
    ];
    observe("identities told on one connection", told.join(", "));
    const forMine = expectedIdentities(context, terminal, mine.btid);
    const forTheirs = expectedIdentities(context, other, theirs.btid);
    // A server may refuse a second user on one connection: then nothing is told for it.
    const right = [forMine, forTheirs, forMine].every(
      (wanted, i) => told[i] === undefined || wanted.includes(told[i]),
    );
    check("1.1", "each request is told with the user who authenticated it", right, told.join(", "));
  },
);

export const intendedIdentity: readonly TestCase[] = FLOWS.map(({ code, fields }) =>
  testCase(
    {
      ...fields,
      id: code === "PSK" ? "UC1-PSK-BI-18" : "UC1-DIG-BI-24",
      purpose: "An identity that the terminal presents but does not own is not told to the application",
      requirements: ["1.1"],
      polarity: "invalid",
      needs: needing(fields, { observes: ["identity"] }),
      parameters: ["tls"],
      clauses: ["RD 6 1.1 (identities presented by the client)", "TS 24.109 7.2 (X-3GPP-Intended-Identity)"],
      steps: [
        "another subscriber is served",
        "the terminal is served, and presents each identity of the other one in X-3GPP-Intended-Identity",
        "what the application is told is none of them",
      ],
    },
    async ({ terminal, anotherTerminal, enabler, preamble, enterServed, identityTold, check, observe }) => {
      const other = anotherTerminal();
      await preamble("another subscriber is served", async () =>
        enterServed(other, (await other.bootstrap()).credential),
      );
      const association = await preamble("the terminal bootstraps", () => terminal.bootstrap());
      const access = await preamble(
        "the terminal is served, and the application is told who he is",
        async () => {
          const entered = await enterServed(terminal, association.credential);
          requireTold(await identityTold(entered, association.btid));
          return entered;
        },
      );
      const foreign = [other.impi, ...other.impus];
      for (const identity of foreign) {
        const headers = [["X-3GPP-Intended-Identity", `"${identity}"`]] as const;
        const outcome = await access.request({ ...enabler.protectedResource, headers });
        observe(
          "answer to a foreign intended identity",
          outcome.ok ? `status ${outcome.response.status}` : outcome.ending.kind,
        );
        const told = await identityTold(access, association.btid, headers);
        check(
          "1.1",
          "the identity told is not one that the terminal presents without owning it",
          told === undefined || !foreign.includes(told),
          `presented ${identity}, told ${told}`,
        );
      }
    },
  ),
);
