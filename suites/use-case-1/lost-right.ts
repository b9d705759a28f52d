import { type TestCase, testCase } from "../../harness/conformance/case.ts";
import type { CaseContext, CaseTerminal, Trial } from "../../harness/conformance/case-context.ts";
import type { NafCredential } from "../../harness/roles/terminal/index.ts";
import { describeEnding } from "../../harness/wire/observer.ts";
import { FLOWS } from "./flows.ts";
import { RECOVERING } from "./key-manager-failures.ts";

/** Enters and asks for the protected resource. */
async function tryWith(
  { enabler }: CaseContext,
  terminal: CaseTerminal,
  credential: NafCredential,
): Promise<Trial> {
  const entry = await terminal.enter(credential);
  if (!entry.entered) return { served: false, how: describeEnding(entry.ending) };
  const outcome = await entry.access.request(enabler.protectedResource);
  if (!outcome.ok) return { served: false, how: describeEnding(outcome.ending) };
  return { served: enabler.serves(outcome.response), how: `status ${outcome.response.status}` };
}

/** RD 5.1.3: the operator's policy says which enablers may use key management, and it can change. */
export const lostRight: readonly TestCase[] = FLOWS.map(({ code, fields }) =>
  testCase(
    {
      ...fields,
      id: `UC1-${code}-BI-80`,
      purpose:
        "An enabler that loses its right to keys serves nobody with a new key, also not with one that it holds",
      requirements: ["1.1", "5.1"],
      polarity: "invalid",
      parameters: ["tls"],
      clauses: ["RD 5.1.3", "TS 33.220 4.4.5, 4.5.3", "TS 29.109 6.2 (5402)"],
      steps: [
        "the terminal is served, and bootstraps again",
        "the key manager refuses the enabler every key of this user from now on",
        "the terminal enters under its new B-TID with the new key, and with the one that the enabler holds",
        "on the connection that stands it asks again: what becomes of it is as the ICS claims in zn.lostRight",
      ],
      // As other refusals of the key manager: what the enabler makes of them may reach everybody.
      exclusive: true,
    },
    async (context) => {
      const { terminal, keyManager, enabler, ics, preamble, enterServed, refusal, check, observe } = context;
      let stands = false;
      let running: Trial = { served: false, how: "not asked" };
      const held = await refusal(async () => {
        const first = await preamble("the terminal bootstraps", () => terminal.bootstrap());
        const access = await preamble("it is served", () => enterServed(terminal, first.credential));
        const second = await preamble("it bootstraps again", () => terminal.bootstrap());
        for (const one of [first, second]) keyManager.steer(one, { answer: "not-authorised" });
        const withNewKey = await tryWith(context, terminal, second.credential);
        if (withNewKey.served) return withNewKey;
        const withHeldKey = await tryWith(context, terminal, second.credential.withKeyOf(first.credential));
        // Who keeps no connection alive has no session that could go on.
        stands = access.session.alive;
        const outcome = await access.requestHere(enabler.protectedResource);
        running = outcome.ok
          ? { served: enabler.serves(outcome.response), how: `status ${outcome.response.status}` }
          : { served: false, how: describeEnding(outcome.ending) };
        return { ...withHeldKey, how: `${withNewKey.how}; with the key that it holds: ${withHeldKey.how}` };
      }, RECOVERING);
      check("1.1", "nobody is served under a name for which there is no key", held.refused, held.how);
      check("5.1", "no key is used that the key manager did not give for this B-TID", held.refused, held.how);
      if (!held.refused) return;
      const { lostRight: claimed } = ics.zn;
      if (claimed === "unstated" || !stands) {
        observe("what becomes of the running session", running.how);
        return;
      }
      check(
        "RD 5.1.3",
        "what becomes of the running session is as claimed",
        running.served === (claimed === "continue"),
        `claimed: ${claimed}; ${running.how}`,
      );
    },
  ),
);
