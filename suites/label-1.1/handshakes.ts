import { type TestCase, testCase } from "../../harness/conformance/case.ts";
import type { CaseContext } from "../../harness/conformance/case-context.ts";
import { claimedLinks, type Link } from "../../harness/conformance/parameters.ts";
import { Inconclusive } from "../../harness/conformance/verdict.ts";
import {
  expectationOf,
  handshakeDeviations,
  misplacedAt,
  type Point,
  type TlsDeviationName,
  type TlsVersion,
} from "../../harness/protocols/tls/index.ts";
import type { NafCredential } from "../../harness/roles/terminal/index.ts";
import { describeEnding, type Ending } from "../../harness/wire/observer.ts";
import { goalOf, howEnded, isServed } from "../property/over-path.ts";
import { USER_WAYS, WAYS_IN, type WayCode } from "../property/ways.ts";

/** Connections that stand at the same time: a system that waits for what never comes holds up no more than these. */
const AT_ONCE = 8;

/** Points at which something stands that does not belong there. Each version has one of each at least. */
const STEPS: ReadonlyMap<string, readonly Point[]> = new Map([
  ["before-hello", ["before-hello"]],
  ["before-keys", ["behind-hello", "before-key-exchange", "before-change"]],
  ["before-finished", ["before-finished"]],
  ["before-data", ["before-data"]],
]);
/** Messages that are wrong themselves, missing or doubled. */
const MESSAGES = "messages";

/** Everything that goes wrong at this step, in this version and over this way in. */
function wrongAt(step: string, version: TlsVersion, code: WayCode): readonly TlsDeviationName[] {
  if (step === MESSAGES) return handshakeDeviations(version, code === "PSK" ? "psk" : "certificate");
  return (STEPS.get(step) ?? []).flatMap((point) => misplacedAt(point, version));
}

interface Wrong {
  readonly link: Link;
  readonly misbehaviour: TlsDeviationName;
}

/** What a clause forbids at this step, in every version that is claimed, with one suite each. */
function forbiddenAt({ ics }: CaseContext, step: string, code: WayCode): readonly Wrong[] {
  const links = claimedLinks(ics, WAYS_IN[code]);
  const each = [...new Map(links.map((link) => [link.version, link])).values()];
  return each.flatMap((link) =>
    wrongAt(step, link.version, code)
      .filter((name) => expectationOf(name, link.version) === "refuse")
      .map((misbehaviour) => ({ link, misbehaviour })),
  );
}

const isEarlyAnswer = (ending: Ending): boolean =>
  ending.kind === "protocol-error" && ending.text.startsWith("TLS: application ");

/** A valid terminal, but for what its TLS does; asks for what is protected if it gets so far. */
async function goWrong(
  context: CaseContext,
  code: WayCode,
  credential: NafCredential,
  { link, misbehaviour }: Wrong,
): Promise<{ readonly served: boolean; readonly how: string }> {
  const entry = await context.terminal.enter(credential, {
    version: link.version,
    suites: [link.suite],
    misbehaviour,
  });
  if (!entry.entered && !entry.tcpConnected)
    throw new Inconclusive(`${misbehaviour}: TCP did not connect: ${describeEnding(entry.ending)}`);
  // An answer that comes before the handshake has ended is one to data that came before Finished.
  if (!entry.entered) return { served: isEarlyAnswer(entry.ending), how: describeEnding(entry.ending) };
  const outcome = await entry.access.request(goalOf(context, code));
  const served = outcome.ok && outcome.response.status < 300;
  return { served, how: howEnded(outcome) };
}

/** What our own TLS cannot do rightly with this enabler it cannot do wrongly either. @throws Inconclusive */
async function requireEngine(
  context: CaseContext,
  code: WayCode,
  credential: NafCredential,
  all: readonly Wrong[],
): Promise<void> {
  for (const { version, suite } of new Set(all.map(({ link }) => link)))
    await context.preamble(`our own TLS ${version} is served when it does nothing wrong`, async () => {
      const entry = await context.terminal.enter(credential, { version, suites: [suite], client: "engine" });
      if (!entry.entered) throw new Error(describeEnding(entry.ending));
      const outcome = await entry.access.request(goalOf(context, code));
      if (!isServed(context, code, outcome)) throw new Error(howEnded(outcome));
    });
}

/** Each of them, some at a time; gives those after which something was served. */
async function goWrongInAll(
  context: CaseContext,
  code: WayCode,
  credential: NafCredential,
  all: readonly Wrong[],
): Promise<readonly string[]> {
  const served: string[] = [];
  const left = [...all];
  const work = async () => {
    for (let wrong = left.shift(); wrong !== undefined; wrong = left.shift()) {
      const seen = await goWrong(context, code, credential, wrong);
      const name = `${wrong.misbehaviour} in TLS ${wrong.link.version}`;
      if (seen.served) served.push(name);
      context.observe(`how it was refused: ${name}`, seen.how);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return served.sort();
}

/**
 * The states of the handshake by its messages. A terminal with a valid key that says what is not due has not proven
 * itself as TLS has it, and the enabler has not proven that it noticed (RD 3.2 entity authentication, key confirmation).
 */
export const wrongHandshakes: readonly TestCase[] = USER_WAYS.map(({ code, fields }) =>
  testCase(
    {
      ...fields,
      id: `L11-${code}-BI-01`,
      purpose: "A handshake that goes wrong at any step opens nothing, whoever the terminal is",
      requirements: ["1.1", "5.1"],
      polarity: "invalid",
      parameters: [],
      variants: { step: [MESSAGES, ...STEPS.keys()] },
      clauses: ["RD 6 1.1", "RD 3.2", "RFC 5246 7.3, 7.4, 7.4.9", "RFC 8446 2, 4, 4.4.4, 6"],
      steps: [
        "a terminal with a valid key enters again and again, each time with another message that is wrong, missing, doubled or not due",
        "where the handshake ends all the same, it asks for what is protected",
        "nothing is served after any of them that a clause forbids",
      ],
    },
    async (context) => {
      const { parameters, terminal, preamble, refusal, check } = context;
      const all = forbiddenAt(context, parameters["step"] ?? "", code);
      if (all.length === 0) throw new Error(`nothing is wrong at step ${parameters["step"]}`);
      const { credential } = await preamble("the terminal bootstraps", () => terminal.bootstrap());
      await requireEngine(context, code, credential, all);
      const trial = await refusal(async () => {
        const served = await goWrongInAll(context, code, credential, all);
        const how = served.length === 0 ? `${all.length} refused` : `served after ${served.join(", ")}`;
        return { served: served.length > 0, how };
      });
      check("1.1", "no protected resource is served after a wrong handshake", trial.refused, trial.how);
      check("5.1", "no keys are in use that a whole handshake did not agree", trial.refused, trial.how);
    },
  ),
);
