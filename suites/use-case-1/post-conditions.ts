import { type TestCase, testCase } from "../../harness/conformance/case.ts";
import type { CaseContext, CaseTerminal } from "../../harness/conformance/case-context.ts";
import {
  connectionKnown,
  type Spellings,
  viewDifferences,
} from "../../harness/conformance/connection-view.ts";
import { NotObservable } from "../../harness/conformance/verdict.ts";
import type { Access, SecurityAssociation } from "../../harness/roles/terminal/index.ts";
import type { ViewField } from "../../harness/system/profile/index.ts";
import { describeEnding } from "../../harness/wire/observer.ts";
import { FLOWS, needing } from "./flows.ts";
import { expectedIdentities } from "./identity.ts";

/** What the terminal knows of a connection and of whose it is. */
function terminalsView(
  context: CaseContext,
  access: Access,
  terminal: CaseTerminal,
  { btid }: SecurityAssociation,
): ReadonlyMap<ViewField, Spellings> {
  return new Map<ViewField, Spellings>([
    ...connectionKnown(access.session),
    ["serverName", [context.enabler.serverName.toLowerCase()]],
    ["resumed", ["false", "0", "no"]],
    ["user", expectedIdentities(context, terminal, btid)],
    ["btid", [btid]],
  ]);
}

const ALL_FIELDS = ["version", "suite", "serverName", "resumed", "user", "btid", "exporter"];

export const postConditions: readonly TestCase[] = FLOWS.map(({ code, fields }) =>
  testCase(
    {
      ...fields,
      id: `UC1-${code}-BV-42`,
      purpose:
        "After the establishment a protected connection exists, and each end can show what proved the other",
      requirements: ["1.1", "1.2"],
      polarity: "valid",
      parameters: ["tls", "suite"],
      clauses: ["RD 5.1.4", "RD 3.2 entity authentication"],
      steps: [
        "the terminal bootstraps and enters",
        code === "PSK"
          ? "what proves the enabler to it is that the handshake completed with its key"
          : "what proves the enabler to it is a certificate with chain and name, in a handshake that completed",
        "what proves the terminal to the enabler is the key for which it asked, by this B-TID alone",
      ],
    },
    async ({ terminal, enabler, keyManager, preamble, enterValid, check }) => {
      const { btid, credential } = await preamble("the terminal bootstraps", () => terminal.bootstrap());
      const entry = await enterValid(terminal, credential);
      const session = entry.entered ? entry.access.session : undefined;
      const proof = code === "PSK" ? session?.pskInUse === true : session?.certificate !== undefined;
      check(
        "1.2",
        "a connection protected by TLS exists, and what proved the enabler is at hand",
        session?.suite.encrypts === true && proof,
        entry.entered ? entry.access.session.suite.name : describeEnding(entry.ending),
      );
      // A certificate that is not believed says nothing about the terminal; a key proves both ends or neither.
      if (!entry.entered && code === "DIG") return;
      const reply = entry.entered
        ? await entry.access.request(enabler.protectedResource)
        : { ok: false as const, ending: entry.ending };
      const served = reply.ok && enabler.serves(reply.response);
      const how = reply.ok ? `status ${reply.response.status}` : describeEnding(reply.ending);
      const asked = keyManager.requestsFor(btid).length;
      check(
        "1.1",
        "the terminal is served, and what proved it is the key of the B-TID that it named",
        served && asked > 0,
        `${how}, key requests: ${asked}`,
      );
    },
  ),
);

export const consistentView: readonly TestCase[] = FLOWS.map(({ code, fields }) =>
  testCase(
    {
      ...fields,
      id: `UC1-${code}-BV-43`,
      purpose: "Of two connections that stand at the same time both ends have the same view of each",
      requirements: ["1.1"],
      polarity: "valid",
      needs: needing(fields, { observes: ["view"] }),
      parameters: ["tls", "suite"],
      clauses: ["RD 3.2 consistent view", "RD 3.2 session formation", "RD 5.1.4", "RFC 9266 2"],
      steps: [
        "two terminals of different subscribers bootstrap and enter",
        "the enabler's view of the first, of the second and again of the first connection is read over each",
        "it is compared with what the terminal knows: version, suite, server name, user, B-TID, exporter",
      ],
    },
    async (context) => {
      const { terminal, anotherTerminal, preamble, enterServed, viewTold, check, observe } = context;
      const ends = [];
      for (const one of [terminal, anotherTerminal()]) {
        const association = await preamble("a terminal bootstraps", () => one.bootstrap());
        const access = await preamble("it is served", () => enterServed(one, association.credential));
        ends.push({ one, association, access });
      }
      const wrong: string[] = [];
      let fieldsTold: readonly string[] = [];
      for (const { one, association, access } of [...ends, ...ends.slice(0, 1)]) {
        const told = await preamble("the view is read", () => viewTold(access));
        if (told === undefined) continue;
        fieldsTold = [...told.keys()];
        wrong.push(...viewDifferences(terminalsView(context, access, one, association), told));
      }
      const ofUser = (text: string) => /^(user|btid)\b/.test(text);
      if (fieldsTold.some((field) => !ofUser(field))) {
        check(
          "RD 3.2",
          "both ends know the same version, suite, server name and exporter of a connection",
          wrong.every(ofUser),
          wrong.filter((text) => !ofUser(text)).join("; "),
        );
      }
      const declared = ALL_FIELDS.filter((field) => !fieldsTold.includes(field));
      if (declared.length > 0) observe("parts of the view that are declared", declared.join(", "));
      if (!fieldsTold.some(ofUser))
        throw new NotObservable("IXIT resources.view.tells names neither user nor btid");
      check(
        "1.1",
        "both ends know the same user and key of a connection",
        !wrong.some(ofUser),
        wrong.filter(ofUser).join("; "),
      );
    },
  ),
);
