import { type TestCase, testCase } from "../../harness/conformance/case.ts";
import type { CaseContext, CaseTerminal } from "../../harness/conformance/case-context.ts";
import { Inconclusive } from "../../harness/conformance/verdict.ts";
import type { NafCredential } from "../../harness/roles/terminal/index.ts";
import type { VisitedNetwork } from "../../harness/roles/visited-network/index.ts";
import { describeEnding } from "../../harness/wire/observer.ts";
import { goalOf, isServed } from "../property/over-path.ts";
import { USER_WAYS, type WayCode } from "../property/ways.ts";

/** Handshakes that stand half open, that are held back on their way, and terminals that name what nobody knows. */
const HALF_OPEN = 20;
const SLOW = 10;
const UNKNOWN = 20;
/** Longest that a ClientHello is held back, milliseconds: it is let go when the rest is done. */
const HELD_MS = 30_000;
const ZERO_KEY = new Uint8Array(32);

async function isLetIn(
  context: CaseContext,
  code: WayCode,
  terminal: CaseTerminal,
): Promise<{ readonly served: boolean; readonly how: string; readonly tookMs: number }> {
  const began = performance.now();
  const { credential } = await terminal.bootstrap();
  const entry = await terminal.enter(credential);
  const outcome = entry.entered ? await entry.access.request(goalOf(context, code)) : undefined;
  const tookMs = Math.round(performance.now() - began);
  const served = outcome !== undefined && isServed(context, code, outcome);
  return { served, how: entry.entered ? "entered" : describeEnding(entry.ending), tookMs };
}

const NEVER_GIVEN = "a B-TID that was never given out";

/** What comes of somebody who names what nobody knows. An enabler may refuse surplus connections before TLS. */
async function asStranger(
  context: CaseContext,
  code: WayCode,
  credential: NafCredential,
): Promise<"served" | "refused" | "not connected"> {
  const entry = await context.terminal.enter(credential);
  if (!entry.entered) return entry.tcpConnected ? "refused" : "not connected";
  const outcome = await entry.access.request(goalOf(context, code));
  return isServed(context, code, outcome) ? "served" : "refused";
}

/** A handshake that stops before its ClientHello has come; it goes on when the treatment is released. */
async function holdBack(network: VisitedNetwork, terminal: CaseTerminal, credential: NafCredential) {
  const treated = network.treat({
    direction: "towards-server",
    which: { nth: 1, of: "handshake" },
    action: { kind: "delay", ms: HELD_MS },
  });
  const entry = terminal.enter(credential, { client: "engine" });
  await Promise.race([treated.done, entry]);
  // A promise that is given on in an object is not waited for.
  return { treated, entry };
}

/** RD 3.2 defines denial of service and demands nothing: what is found out is a finding, with figures. */
export const burdens: readonly TestCase[] = USER_WAYS.map(({ code, fields }) =>
  testCase(
    {
      ...fields,
      id: `L11-${code}-BO-01`,
      purpose: "While strangers leave handshakes half open and name what nobody knows, they get nothing",
      requirements: ["1.1"],
      polarity: "concurrency",
      parameters: ["tls"],
      clauses: ["RD 3.2 denial of service", "RD 6 1.1", "RFC 8446 C.4"],
      steps: [
        `a valid terminal measures how long it takes to be served; ${HALF_OPEN} handshakes are left half open, and the ClientHello of ${SLOW} more is held back`,
        `${UNKNOWN} terminals name a B-TID that was never given out, half of them with a key of zeros, and a valid one is served meanwhile`,
        "the requests to the key manager are counted that the strangers caused",
      ],
    },
    async (context) => {
      const { anotherTerminal, visitedNetwork, keyManager, preamble, refusal, check, should, observe } =
        context;
      const alone = await preamble("a valid terminal is served", async () => {
        const seen = await isLetIn(context, code, anotherTerminal());
        if (!seen.served) throw new Error(seen.how);
        return seen;
      });
      const network = await preamble("a path that can be cut", visitedNetwork);
      const behind = anotherTerminal({ behind: network });
      const { credential } = await preamble("a terminal bootstraps", () => behind.bootstrap());
      const names = Array.from({ length: UNKNOWN }, () => keyManager.unknownBTid());
      let meanwhile = alone;
      const trial = await refusal(async () => {
        const slow = await Promise.all(
          Array.from({ length: SLOW }, () => holdBack(network, behind, credential)),
        );
        const halfOpen = Array.from({ length: HALF_OPEN }, () =>
          behind.enter(credential, { misbehaviour: "halfOpen" }),
        );
        const strangers = Promise.all(
          names.map((name, nth) => {
            const stranger = credential.withName(name, NEVER_GIVEN);
            return asStranger(
              context,
              code,
              nth % 2 === 0 ? stranger : stranger.withKey(ZERO_KEY, "key of zeros"),
            );
          }),
        );
        meanwhile = await isLetIn(context, code, anotherTerminal());
        const seen = await strangers;
        if (!seen.includes("refused") && !seen.includes("served"))
          throw new Inconclusive("no stranger could connect");
        const served = seen.filter((one) => one === "served").length;
        // What is left half open ends with its path: a system may wait for longer than a case.
        for (const connection of network.connections) connection.reset();
        for (const { treated } of slow) treated.release();
        await Promise.all([...halfOpen, ...slow.map(({ entry }) => entry)]);
        return { served: served > 0, how: `${served} of ${UNKNOWN} unknown names served` };
      });
      check(
        "1.1",
        "a name that nobody knows opens nothing, however busy the enabler is",
        trial.refused,
        trial.how,
      );
      should("RD 3.2", "a valid terminal is served meanwhile", meanwhile.served, meanwhile.how);
      const asked = names.reduce((sum, name) => sum + keyManager.requestsFor(name).length, 0);
      observe("requests to the key manager that strangers caused", `${asked} for ${UNKNOWN} unknown names`);
      observe(
        "until a valid terminal was served",
        `${alone.tookMs} ms alone, ${meanwhile.tookMs} ms meanwhile`,
      );
    },
  ),
);
