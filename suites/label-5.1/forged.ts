import { type TestCase, testCase } from "../../harness/conformance/case.ts";
import type { CaseContext, EntryOptions } from "../../harness/conformance/case-context.ts";
import { claimedLinks } from "../../harness/conformance/parameters.ts";
import { Inconclusive, NothingToAsk } from "../../harness/conformance/verdict.ts";
import {
  type CipherSuite,
  FORGERIES,
  type ForgeryName,
  holdsMessage,
  selectsPsk,
  type TlsVersion,
} from "../../harness/protocols/tls/index.ts";
import type { PathConnection, Selection } from "../../harness/roles/visited-network/index.ts";
import { describeEnding, type Ending } from "../../harness/wire/observer.ts";
import { type Reached, reachIfServed, requireRecorded } from "../property/over-path.ts";
import { needing, USER_WAYS, WAYS_IN, type WayCode } from "../property/ways.ts";

/** The suites of each claimed version, newest first. */
type Claimed = readonly { readonly version: TlsVersion; readonly suites: readonly CipherSuite[] }[];

function claimed({ ics }: CaseContext, code: WayCode): Claimed {
  const links = claimedLinks(ics, WAYS_IN[code]);
  const versions = [...new Set(links.map(({ version }) => version))].sort().reverse();
  return versions.map((version) => ({
    version,
    suites: links.filter((link) => link.version === version).map(({ suite }) => suite),
  }));
}

interface Question {
  readonly what: ForgeryName;
  /** The version in which the two ends meet when nobody forges, or behind the forgery. */
  readonly met: TlsVersion;
  /** Offers of which the first is taken that is served while nobody forges. */
  readonly offers: readonly EntryOptions[];
}

/** What can be forged in one version alone, by where it occurs. */
function namesIn(version: TlsVersion, code: WayCode): readonly ForgeryName[] {
  const always = ["suite", "server-name", "group"] as const;
  if (version === "1.3") return [...always, "psk-modes"];
  const hint = code === "PSK" ? (["hint"] as const) : [];
  return [...always, "extended-master-secret", "encrypt-then-mac", "renegotiation-info", ...hint];
}

/** Up to TLS 1.2 another suite is another Ua identifier and so another key (TS 33.220 H.3): then the key tells of it. */
const keyTellsLink = ({ ics }: CaseContext, code: WayCode): boolean =>
  code === "PSK" && ics.ua.identifier === "negotiated";

/** All that can be forged in each version in which the enabler hears of it before it has answered in full. */
function questions(context: CaseContext, code: WayCode): readonly Question[] {
  const all = claimed(context, code);
  return all.flatMap(({ version, suites }, at) => {
    const rollback = keyTellsLink(context, code) ? [] : rolledBack(all, at);
    // With certificates in TLS 1.3 the terminal is the first to see that the transcripts differ.
    if (version === "1.3" && code !== "PSK") return rollback;
    return [
      ...rollback,
      ...namesIn(version, code).map((what) => ({
        what,
        met: version,
        offers: offers(what, version, suites),
      })),
    ];
  });
}

/** The newest of two versions is taken away, and the terminal goes on with the older one. */
function rolledBack(all: Claimed, at: number): readonly Question[] {
  const [newer, older] = all.slice(at, at + 2);
  const [first] = newer?.suites ?? [];
  const [second] = older?.suites ?? [];
  if (newer === undefined || older === undefined || first === undefined || second === undefined) return [];
  const versions = [newer.version, older.version];
  const suites = [...new Set([first, second])];
  const offer = { extendedMasterSecret: false, versions };
  return [
    {
      what: "version",
      met: older.version,
      offers: [{ ...offering(newer.version, suites), offering: offer, naive: true }],
    },
  ];
}

function offers(
  what: ForgeryName,
  version: TlsVersion,
  suites: readonly CipherSuite[],
): readonly EntryOptions[] {
  const [first, second] = suites;
  if (first === undefined) return [];
  switch (what) {
    case "suite":
      // The key of a pre-shared one goes with the suite that the enabler prefers (TS 33.220 H.3).
      return second === undefined
        ? []
        : [offering(version, [first, second]), offering(version, [second, first])];
    case "group": {
      const elliptic = suites.find(({ name }) => version === "1.3" || name.includes("_ECDHE_"));
      return elliptic === undefined ? [] : [offering(version, [elliptic])];
    }
    case "extended-master-secret":
      return [{ version, suites: [first], client: "engine" }];
    default:
      return [offering(version, [first])];
  }
}

/** Without an extended master secret, only Finished tells that somebody forged (RFC 7627 1). */
const offering = (version: TlsVersion, suites: readonly CipherSuite[]): EntryOptions => ({
  version,
  suites,
  client: "engine",
  offering: { extendedMasterSecret: false },
});

/** Where the message stands that is forged, as it stood on a connection with the same offer. */
function whereIs(what: ForgeryName, { connection }: Reached): Selection | undefined {
  if (FORGERIES[what].of === "clientHello") return { nth: 1, of: "handshake" };
  const found = connection
    .records("towards-client")
    .find(({ octets }) => holdsMessage(octets, FORGERIES[what].of));
  const nth = found?.position.handshake;
  return nth === undefined ? undefined : { nth, of: "handshake" };
}

/**
 * The enabler has gone on as if nothing had happened: up to TLS 1.2 it answered the terminal's Finished with its own, in
 * TLS 1.3 it selected a pre-shared key whose binder does not fit.
 */
function wentOn(connection: PathConnection, met: TlsVersion): boolean {
  const records = connection.records("towards-client");
  if (met === "1.3") return records.some(({ octets }) => selectsPsk(octets));
  return records.some(({ position }) => position["change-cipher-spec"] !== undefined);
}

/**
 * The enabler had what tells of the forgery, and ended: up to TLS 1.2 the terminal's Finished, in TLS 1.3 the binder. Who
 * is refused before, or waits in vain, says nothing.
 */
function noticed(connection: PathConnection, met: TlsVersion, ending: Ending): boolean {
  if (ending.kind === "timeout") return false;
  if (met === "1.3") return ending.kind !== "protocol-error";
  return connection
    .records("towards-server")
    .some(({ position }) => position["change-cipher-spec"] !== undefined);
}

type Outcome = "taken" | "noticed" | "not asked";

async function forgeOnce(
  { what, met }: Question,
  { options, reached }: Served,
): Promise<{ readonly outcome: Outcome; readonly how: string }> {
  const { network, terminal, credential } = reached;
  const which = whereIs(what, reached);
  if (which === undefined || credential === undefined)
    return { outcome: "not asked", how: "no such message" };
  const treated = network.treat({
    direction: FORGERIES[what].of === "clientHello" ? "towards-server" : "towards-client",
    which,
    connection: network.connections.length + 1,
    action: { kind: "forge", what },
  });
  const entry = await terminal.enter(credential, options);
  if (!entry.entered && !entry.tcpConnected) throw new Inconclusive(describeEnding(entry.ending));
  const how = entry.entered ? "the handshake ended" : describeEnding(entry.ending);
  if (!treated.carriedOut) return { outcome: "not asked", how: treated.whyNot ?? "no such record" };
  await network.mark();
  requireRecorded(network);
  const [place] = treated.records;
  const connection = network.connections.find(({ number }) => number === place?.connection);
  if (connection === undefined) return { outcome: "not asked", how };
  if (entry.entered || wentOn(connection, met)) return { outcome: "taken", how };
  return { outcome: noticed(connection, met, entry.ending) ? "noticed" : "not asked", how };
}

interface Served {
  readonly options: EntryOptions;
  readonly reached: Reached;
}

/** Offers that were tried while nobody forges, by what they say. */
class Offers {
  readonly #context: CaseContext;
  readonly #code: WayCode;
  readonly #tried = new Map<string, Promise<Reached | undefined>>();

  constructor(context: CaseContext, code: WayCode) {
    this.#context = context;
    this.#code = code;
  }

  /** The first of these that is served; undefined: the enabler takes none, so that none can be forged. */
  async served(offers: readonly EntryOptions[]): Promise<Served | undefined> {
    for (const options of offers) {
      const key = JSON.stringify(options);
      const trying = this.#tried.get(key) ?? reachIfServed(this.#context, this.#code, options);
      this.#tried.set(key, trying);
      const reached = await trying;
      if (reached !== undefined) return { options, reached };
    }
    return undefined;
  }
}

export const forgedParameters: readonly TestCase[] = USER_WAYS.map(({ code, fields }) =>
  testCase(
    {
      ...fields,
      id: `L51-${code}-BI-10`,
      purpose:
        "What both ends negotiate cannot be forged by the path: the enabler notices, and agrees no key",
      requirements: ["5.1"],
      polarity: "invalid",
      // With certificates in TLS 1.3 the terminal is the first to notice, and nothing is left to ask.
      needs: code === "PSK" ? fields.needs : needing(fields, { link: "below TLS 1.3" }),
      parameters: [],
      clauses: ["RD 6 5.1", "RD 3.2 consistent view", "RFC 5246 7.4.9, F.1.4", "RFC 8446 4.2.11.2, E.1"],
      steps: [
        "a terminal in a visited network offers what is claimed, and is served",
        "it enters again, and the network takes the newest version, the first suite, an extension or a mode out of its ClientHello, or changes the hint of the enabler",
        "the enabler does not answer the terminal's Finished with its own, nor selects a key whose binder does not fit",
      ],
    },
    async (context) => {
      const { check, observe, refusal } = context;
      const all: { readonly question: Question; readonly before: Served }[] = [];
      const tried = new Offers(context, code);
      for (const question of questions(context, code)) {
        const before = await tried.served(question.offers);
        if (before !== undefined) all.push({ question, before });
      }
      const taken: string[] = [];
      let noticed = 0;
      const trial = await refusal(async () => {
        for (const { question, before } of all) {
          const name = `${question.what}, met in TLS ${question.met}`;
          const { outcome, how } = await forgeOnce(question, before);
          observe(`forged: ${name}`, `${outcome}: ${how}`);
          if (outcome === "taken") taken.push(name);
          if (outcome === "noticed") noticed += 1;
        }
        return {
          served: taken.length > 0,
          how: taken.length === 0 ? `${noticed} noticed` : `taken: ${taken.join("; ")}`,
        };
      });
      if (noticed + taken.length === 0) throw new NothingToAsk("nothing of what was offered could be forged");
      check("5.1", "what was negotiated is what both ends said", trial.refused, trial.how);
    },
  ),
);
