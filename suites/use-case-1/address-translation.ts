import { type TestCase, testCase } from "../../harness/conformance/case.ts";
import type { CaseContext, CaseTerminal } from "../../harness/conformance/case-context.ts";
import type { Access, ApplicationRequest, NafCredential } from "../../harness/roles/terminal/index.ts";
import type { AddressTranslation } from "../../harness/wire/address-translation.ts";
import type { HttpOutcome } from "../../harness/wire/http-connection.ts";
import { describeEnding } from "../../harness/wire/observer.ts";
import { FLOWS, needing } from "./flows.ts";
import { expectedIdentities } from "./identity.ts";

const CLAUSES = ["RD 5.1.3", "RD 5.1.7", "RD 5.1.4"];

/** RD 5.1.7: what an establishment costs is measured, not judged. */
function observeCost(
  { keyManager, observe }: CaseContext,
  translation: AddressTranslation,
  btid: string,
): void {
  // The terminal bootstraps before it goes anywhere else.
  const [first] = translation.connections;
  const trips = (bootstrapping: boolean) =>
    translation.connections
      .filter(({ towards }) => (towards.port === first?.towards.port) === bootstrapping)
      .map(({ roundTrips }) => roundTrips);
  const spent = (counts: readonly number[]) =>
    `${counts.reduce((sum, one) => sum + one, 0)} in ${counts.length} TCP connections`;
  observe(
    "round trips until served, beside the handshakes of TCP",
    `bootstrapping: ${spent(trips(true))}; enabler: ${spent(trips(false))}; ` +
      `key manager requests: ${keyManager.requestsFor(btid).length}`,
  );
}

const describe = (outcome: HttpOutcome) =>
  outcome.ok ? `status ${outcome.response.status}` : describeEnding(outcome.ending);

const sharedAddress: readonly TestCase[] = FLOWS.map(({ code, fields }) =>
  testCase(
    {
      ...fields,
      id: `UC1-${code}-BV-40`,
      purpose: "Two terminals behind one address are both served, each as its own user",
      requirements: ["1.1"],
      polarity: "valid",
      needs: needing(fields, { observes: ["identity"] }),
      parameters: ["tls"],
      clauses: [...CLAUSES, "RD 3.2 consistent view"],
      steps: [
        "two terminals bootstrap and enter through one address translation, with nothing asked of their users",
        "the identity is read for the first, for the second, and for the first again",
        "round trips and key requests of the first are counted",
      ],
    },
    async (context) => {
      const { anotherTerminal, addressTranslation, preamble, enterServed, identityTold, check } = context;
      const translation = await addressTranslation();
      const users = [];
      for (const terminal of [0, 1].map(() => anotherTerminal({ behind: translation }))) {
        const { btid, credential } = await preamble("a terminal bootstraps", () => terminal.bootstrap());
        const access = await preamble("it is served", () => enterServed(terminal, credential));
        if (users.length === 0) observeCost(context, translation, btid);
        users.push({ access, btid, wanted: expectedIdentities(context, terminal, btid) });
      }
      const told = [];
      for (const user of [...users, ...users.slice(0, 1)]) {
        const identity = await identityTold(user.access, user.btid);
        told.push({ identity, right: user.wanted.includes(identity ?? ""), wanted: user.wanted[0] });
      }
      check(
        "1.1",
        "each user is told by himself and not by his address",
        told.every(({ right }) => right),
        told.map(({ identity, wanted }) => `told ${JSON.stringify(identity)}, right: ${wanted}`).join("; "),
      );
    },
  ),
);

/** Another connection from another address; the terminal itself has nothing to do about it. */
async function afterMove(
  access: Access,
  translation: AddressTranslation,
  request: ApplicationRequest,
): Promise<HttpOutcome> {
  translation.move();
  await access.session.close();
  return access.request(request);
}

/** Enters from the address of now. @throws when the enabler does not serve */
async function enter(
  context: CaseContext,
  terminal: CaseTerminal,
  credential: NafCredential,
): Promise<Access> {
  const entry = await context.enterValid(terminal, credential);
  if (!entry.entered) throw new Error(describeEnding(entry.ending));
  return requireServed(context, entry.access, await entry.access.request(context.enabler.protectedResource));
}

/**
 * The challenge comes to one address, the answer from another. A nonce may hold an address (RFC 7616 3.3): then the
 * terminal is challenged again, and answers that by itself.
 * @throws when the enabler does not serve
 */
async function answerElsewhere(
  context: CaseContext,
  translation: AddressTranslation,
  terminal: CaseTerminal,
  credential: NafCredential,
): Promise<Access> {
  const { protectedResource } = context.enabler;
  const entry = await terminal.enterWithDigest(credential);
  if (!entry.entered) throw new Error(describeEnding(entry.ending));
  const { access } = entry;
  const challenged = await access.ask(protectedResource);
  if (challenged.ok) access.take(challenged.response);
  let answer: HttpOutcome = await afterMove(access, translation, protectedResource);
  if (answer.ok && answer.response.status === 401 && access.take(answer.response)) {
    context.observe("the answer to a challenge from another address", "challenged again");
    answer = await access.request(protectedResource);
  }
  return requireServed(context, access, answer);
}

/** A filter that knows only some addresses is no defect of the enabler, so that it shows nothing about it. */
function requireServed({ enabler }: CaseContext, access: Access, outcome: HttpOutcome): Access {
  if (outcome.ok && enabler.serves(outcome.response)) return access;
  throw new Error(
    `not served from the address of the translation, ${describe(outcome)}: is there a filter of addresses?`,
  );
}

const changingAddress: readonly TestCase[] = FLOWS.map(({ code, fields }) =>
  testCase(
    {
      ...fields,
      id: `UC1-${code}-BV-41`,
      purpose: "A terminal whose address and port change on the way is served, and its user notices nothing",
      requirements: ["1.1"],
      polarity: "valid",
      parameters: ["tls"],
      clauses: [...CLAUSES, "RFC 7616 3.3"],
      steps: [
        code === "PSK"
          ? "the terminal bootstraps from one address and enters from another"
          : "the terminal bootstraps from one address, is challenged at a second and answers from a third",
        "it connects again from there and from yet another address, and is served with the same key",
        "round trips and key requests are counted",
      ],
    },
    async (context) => {
      const { anotherTerminal, addressTranslation, preamble, enabler, check, observe } = context;
      const translation = await addressTranslation();
      const terminal = anotherTerminal({ behind: translation });
      const { btid, credential } = await preamble("the terminal bootstraps", () => terminal.bootstrap());
      translation.move();
      const access = await preamble("the terminal is served from another address", () =>
        code === "PSK"
          ? enter(context, terminal, credential)
          : answerElsewhere(context, translation, terminal, credential),
      );
      observeCost(context, translation, btid);
      await access.session.close();
      const here = await access.request(enabler.protectedResource);
      const elsewhere = await afterMove(access, translation, enabler.protectedResource);
      const servesAgain = here.ok && enabler.serves(here.response);
      check(
        "1.1",
        "where a key is good for another connection, it is good for one from another address",
        !servesAgain || (elsewhere.ok && enabler.serves(elsewhere.response)),
        `from the same address: ${describe(here)}; from another one: ${describe(elsewhere)}`,
      );
      observe("addresses", translation.connections.map(({ from }) => from).join(", "));
    },
  ),
);

export const addressTranslation: readonly TestCase[] = [...sharedAddress, ...changingAddress];
