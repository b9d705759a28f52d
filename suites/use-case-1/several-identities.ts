import { type TestCase, testCase } from "../../harness/conformance/case.ts";
import type { CaseContext, CaseTerminal } from "../../harness/conformance/case-context.ts";
import { NotObservable } from "../../harness/conformance/verdict.ts";
import type { SecurityAssociation } from "../../harness/roles/terminal/index.ts";
import { FLOWS, needing } from "./flows.ts";

/** How the settings are written in a Diameter AVP is not verified (TS 29.109 annex A), so that no verdict rests on it. */
const BINDING = { "zn.binding": ["nbsp-gba"] } as const;

/** Two public identities of one user. @throws NotObservable when the vendor's subscriber has only one */
function twoIdentities({ ixit }: CaseContext, { impus }: CaseTerminal): readonly [string, string] {
  const [first, second] = impus;
  if (first === undefined) throw new NotObservable("IXIT subscribers[].impus names no public identity");
  if (second !== undefined) return [first, second];
  if (ixit.subscribers.length > 0)
    throw new NotObservable("IXIT subscribers[].impus has only one identity: several cannot be told apart");
  // A subscriber of our own is whatever the key manager says that he is.
  return [first, first.replace(":", ":work-")];
}

/** The key manager gives the enabler these public identities with the key, and the IMPI unless it is withheld. */
function give(
  { keyManager, ixit }: CaseContext,
  association: SecurityAssociation,
  ueIds: readonly string[],
  identity: "given" | "withheld" = "given",
): void {
  const { id, type } = ixit.keyManager.service;
  keyManager.steer(association, { identity, uss: [{ gsId: id, gsType: type, ueIds, flags: [1] }] });
}

const presenting = (identity: string) => [["X-3GPP-Intended-Identity", `"${identity}"`]] as const;

/** @throws when nobody was told, so that silence would prove nothing */
function requireTold(told: string | undefined): string {
  if (told === undefined) throw new Error("no public identity can be read (IXIT resources)");
  return told;
}

const severalIdentities: readonly TestCase[] = FLOWS.map(({ code, fields }) =>
  testCase(
    {
      ...fields,
      id: `UC1-${code}-BV-44`,
      purpose:
        "Of a user with several public identities the application is told one that the key manager gave",
      requirements: ["1.1"],
      polarity: "valid",
      needs: needing(fields, { claims: BINDING, observes: ["public-identity"] }),
      parameters: ["tls"],
      clauses: ["RD 5.1.5", "RD 6 1.1", "TS 29.109 6.3 (GBA-UserSecSettings)", "TS 24.109 7.2"],
      steps: [
        "two users are served for whom the key manager gives two public identities each",
        "for each of them the public identity is read that the application is told",
        "it is read again while the terminal presents the second of its identities",
      ],
    },
    async (context) => {
      const { terminal, anotherTerminal, preamble, enterServed, publicIdentityTold, ics, check } = context;
      const users = [];
      for (const one of [terminal, anotherTerminal()]) {
        const association = await preamble("a terminal bootstraps", () => one.bootstrap());
        const identities = twoIdentities(context, one);
        give(context, association, identities);
        const access = await preamble("it is served", () => enterServed(one, association.credential));
        users.push({ access, identities, btid: association.btid });
      }
      const { several } = ics.identities;
      const seen: { right: boolean; detail: string }[] = [];
      for (const { access, identities, btid } of users) {
        const told = await publicIdentityTold(access, btid);
        const right = several === "first" ? told === identities[0] : identities.some((one) => one === told);
        seen.push({ right, detail: `told ${told}, given ${identities.join(" and ")}` });
      }
      check(
        "1.1",
        "the public identity told is one that the key manager gave for this user",
        seen.every(({ right }) => right),
        seen.map(({ detail }) => detail).join("; "),
      );
      await checkIntended(context, users);
    },
  ),
);

interface User {
  readonly access: Parameters<CaseContext["publicIdentityTold"]>[0];
  readonly identities: readonly [string, string];
  readonly btid: string;
}

/** RD 6 1.1: an identity that the client presents and owns is communicated, where the ICS claims it. */
async function checkIntended(
  { publicIdentityTold, ics, check, observe }: CaseContext,
  users: readonly User[],
): Promise<void> {
  const told: string[] = [];
  const wanted = users.map(({ identities }) => identities[1]);
  for (const { access, identities, btid } of users)
    told.push(String(await publicIdentityTold(access, btid, presenting(identities[1]))));
  const detail = `presented ${wanted.join(" and ")}, told ${told.join(" and ")}`;
  if (ics.identities.several !== "intended") {
    observe("whether a presented identity is told", detail);
    return;
  }
  check(
    "1.1",
    "an identity that the terminal presents and the user owns is told",
    told.every((one, index) => one === wanted[index]),
    detail,
  );
}

const notGiven: readonly TestCase[] = FLOWS.map(({ code, fields }) =>
  testCase(
    {
      ...fields,
      id: `UC1-${code}-BI-81`,
      purpose:
        "A public identity that the key manager did not give for this user is not told to the application",
      requirements: ["1.1"],
      polarity: "invalid",
      needs: needing(fields, { claims: BINDING, observes: ["public-identity"] }),
      parameters: ["tls"],
      clauses: ["RD 6 1.1 (identities presented by the client)", "TS 24.109 7.2 (X-3GPP-Intended-Identity)"],
      steps: [
        "another user is served, for whom the key manager gives a public identity",
        "the terminal is served, for which it gives one of two",
        "the terminal presents the one that was not given, and that of the other user",
      ],
    },
    async (context) => {
      const { terminal, anotherTerminal, preamble, enterServed, publicIdentityTold, check } = context;
      const other = anotherTerminal();
      const theirs = await preamble("another terminal bootstraps", () => other.bootstrap());
      const [foreign] = twoIdentities(context, other);
      give(context, theirs, [foreign]);
      await preamble("the other is served", () => enterServed(other, theirs.credential));
      const mine = await preamble("the terminal bootstraps", () => terminal.bootstrap());
      const [given, withheld] = twoIdentities(context, terminal);
      give(context, mine, [given]);
      const access = await preamble("the terminal is served, and its identity is told", async () => {
        const entered = await enterServed(terminal, mine.credential);
        requireTold(await publicIdentityTold(entered, mine.btid));
        return entered;
      });
      const told: (string | undefined)[] = [];
      for (const identity of [withheld, foreign])
        told.push(await publicIdentityTold(access, mine.btid, presenting(identity)));
      check(
        "1.1",
        "no identity is told that was presented and not given",
        told.every((one) => one !== withheld && one !== foreign),
        `presented ${withheld} and ${foreign}, told ${told.join(" and ")}`,
      );
    },
  ),
);

const pseudonym: readonly TestCase[] = FLOWS.map(({ code, fields }) =>
  testCase(
    {
      ...fields,
      id: `UC1-${code}-BV-45`,
      purpose: "When the key manager gives public identities and withholds the IMPI, the IMPI is not told",
      requirements: ["1.1"],
      polarity: "valid",
      needs: needing(fields, {
        claims: { ...BINDING, anonymity: ["accepted"] },
        observes: ["identity", "public-identity"],
      }),
      parameters: ["tls"],
      clauses: ["RD 5.1.5 (anonymous use)", "RD 3.2 anonymity", "TS 29.109 6.3 (GBA-UserSecSettings)"],
      steps: [
        "the terminal is served with a key that came with IMPI and public identities, and bootstraps again",
        "it is served with a key that came with the same public identities alone",
        "what the application is told is a public identity, and not the IMPI that was known before",
      ],
    },
    async (context) => {
      const { terminal, preamble, enterServed, identityTold, publicIdentityTold, check } = context;
      const identities = twoIdentities(context, terminal);
      await preamble("the terminal is served under its IMPI", async () => {
        const known = await terminal.bootstrap();
        give(context, known, identities);
        requireTold(await identityTold(await enterServed(terminal, known.credential), known.btid));
      });
      const association = await preamble("it bootstraps again", () => terminal.bootstrap());
      const { btid, credential } = association;
      give(context, association, identities, "withheld");
      const access = await preamble("it is served without its IMPI", () => enterServed(terminal, credential));
      const told = [await identityTold(access, btid), await publicIdentityTold(access, btid)];
      check(
        "1.1",
        "the IMPI that was withheld is not told, and no public identity that was not given",
        !told.includes(terminal.impi) && (told[1] === undefined || identities.some((one) => one === told[1])),
        `told ${told.join(" and ")}`,
      );
    },
  ),
);

export const identitySettings: readonly TestCase[] = [...severalIdentities, ...notGiven, ...pseudonym];
