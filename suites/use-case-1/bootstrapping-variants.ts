import { type TestCase, testCase } from "../../harness/conformance/case.ts";
import type { CaseContext } from "../../harness/conformance/case-context.ts";
import type { SecurityAssociation } from "../../harness/roles/terminal/index.ts";
import { FLOWS, needing } from "./flows.ts";
import { expectedIdentities } from "./identity.ts";

/** SQN_MS far above that of the key manager, and near enough for the authentication centre to follow. */
const AHEAD = Buffer.from("000000100000", "hex");

/** A second bootstrapping in which only the temporary identity goes over Ub. */
async function underTemporaryIdentity({ terminal, keyManager, observe }: CaseContext) {
  await terminal.bootstrap({ tmpi: true });
  const association = await terminal.bootstrap({ tmpi: true });
  const last = keyManager.ubStepsOf(terminal.impi).slice(-2);
  if (last.some(({ named }) => named === terminal.impi || !named.includes("@tmpi.")))
    throw new Error("the IMPI went over Ub although the terminal had a temporary identity");
  observe("identity on Ub", last.map(({ named }) => named).join(", "));
  return { terminal, association };
}

async function afterResynchronisation({ anotherTerminal, keyManager, observe }: CaseContext) {
  const terminal = anotherTerminal({ sqn: AHEAD });
  const association = await terminal.bootstrap();
  const steps = keyManager.ubStepsOf(terminal.impi).map(({ kind }) => kind);
  if (!steps.includes("resynchronisation")) throw new Error("the key manager saw no AUTS");
  observe("steps on Ub", steps.join(", "));
  return { terminal, association };
}

const WAYS = { "temporary-identity": underTemporaryIdentity, resynchronised: afterResynchronisation };

export const bootstrappingVariants: readonly TestCase[] = FLOWS.map(({ code, fields }) =>
  testCase(
    {
      ...fields,
      id: `UC1-${code}-BV-60`,
      purpose: "However its key was bootstrapped, a terminal is served with it",
      requirements: ["1.1"],
      polarity: "valid",
      parameters: ["tls"],
      variants: { bootstrapping: Object.keys(WAYS) },
      clauses: ["TS 33.220 4.5.2, B.4 (TMPI)", "RFC 3310 3.4 (AUTS)", "TS 33.102 6.3.5"],
      steps: [
        "the terminal bootstraps a second time under its temporary identity, or its identity module is ahead of the key manager and answers with AUTS",
        "it enters with the key and asks for the protected resource",
      ],
    },
    async (context) => {
      const { parameters, preamble, enterValid, enabler, keyManager, check } = context;
      const way =
        parameters["bootstrapping"] === "resynchronised" ? WAYS.resynchronised : WAYS["temporary-identity"];
      const { terminal, association } = await preamble("the terminal bootstraps", () => way(context));
      const entry = await enterValid(terminal, association.credential);
      const outcome = entry.entered ? await entry.access.request(enabler.protectedResource) : undefined;
      const asked = keyManager.requestsFor(association.btid).length;
      check(
        "1.1",
        "the terminal proves its key and is served",
        outcome?.ok === true && enabler.serves(outcome.response) && asked > 0,
        `key requests for its B-TID: ${asked}`,
      );
    },
  ),
);

export const uiccKey: readonly TestCase[] = FLOWS.map(({ code, fields }) =>
  testCase(
    {
      ...fields,
      id: `UC1-${code}-BI-92`,
      purpose: "Under the name of the terminal's key the key of the UICC opens nothing",
      requirements: ["5.1"],
      polarity: "invalid",
      parameters: ["tls"],
      clauses: ["TS 33.220 5.3 (GBA_U), B.3", "RD 3.2 key naming"],
      steps: [
        "the key manager gives the enabler the UICC's key beside that of the terminal",
        "the terminal is served with its own key",
        "another connection proves the UICC's key under the same name",
      ],
    },
    async ({ terminal, keyManager, preamble, enterServed, check }) => {
      const association = await preamble("the terminal bootstraps", () => terminal.bootstrap());
      keyManager.steer(association, { uiccKey: "given" });
      await preamble("the terminal is served with its own key", () =>
        enterServed(terminal, association.credential),
      );
      const attempt = await terminal.attempt(association.credential.withUiccKey());
      check("5.1", "the key that was not named is not accepted", attempt.refused, attempt.how);
    },
  ),
);

export const userOfEachKey: readonly TestCase[] = FLOWS.map(({ code, fields }) =>
  testCase(
    {
      ...fields,
      id: `UC1-${code}-BV-61`,
      purpose: "The user of a second bootstrapping is known by the same identity as with the first",
      requirements: ["1.1"],
      polarity: "valid",
      needs: needing(fields, { observes: ["identity"] }),
      parameters: ["tls"],
      clauses: ["RD 6 1.1", "RD 3.2 consistent view", "TS 33.220 B.4 (a TMPI never leaves Ub)"],
      steps: [
        "the terminal bootstraps, enters, and the identity is read",
        "it bootstraps under its temporary identity, enters, and the identity is read again",
      ],
    },
    async (context) => {
      const { terminal, preamble, enterServed, identityTold, check } = context;
      const told = async (association: SecurityAssociation) => ({
        is: await identityTold(await enterServed(terminal, association.credential), association.btid),
        right: expectedIdentities(context, terminal, association.btid),
      });
      const first = await preamble("first bootstrapping and entry", async () =>
        told(await terminal.bootstrap({ tmpi: true })),
      );
      const second = await preamble("second bootstrapping and entry", async () =>
        told(await terminal.bootstrap({ tmpi: true })),
      );
      check(
        "1.1",
        "the application is told the same user under both keys",
        [first, second].every(({ is, right }) => is !== undefined && right.includes(is)),
        `told ${first.is}, then ${second.is}; right: ${first.right[0]}, then ${second.right[0]}`,
      );
    },
  ),
);
