import { createHash } from "node:crypto";
import { createRequire } from "node:module";
import type * as Covertable from "covertable";
import { type CipherSuite, suiteByName, suiteHex } from "../protocols/tls/index.ts";
import type { ClaimedWayIn, Ics, TlsVersion } from "../system/profile/index.ts";
import type { CaseDescriptor } from "./case.ts";
import type { WayIn } from "./vocabulary.ts";

// A CommonJS module whose default export Node and vitest read differently; `require` gives both the same. The type is
// the one that the package declares.
const { make } = createRequire(import.meta.url)("covertable") as typeof Covertable;

/** Values of one instance, by parameter name; a suite is four hex digits. */
export type ParameterValues = Readonly<Record<string, string>>;

export interface Instance {
  readonly case: CaseDescriptor;
  readonly parameters: ParameterValues;
  /** Id and parameters, the same in every output: `UC1-PSK-BI-03[suite=00a8,tls=1.2]`. */
  readonly key: string;
}

/** A TLS version together with a suite that it can negotiate. */
export interface Link {
  readonly version: TlsVersion;
  readonly suite: CipherSuite;
}

/** True for the ways in that an ICS can claim. */
export function isClaimable(wayIn: WayIn): wayIn is ClaimedWayIn {
  return wayIn === "uc1.psk-tls" || wayIn === "uc1.https-digest" || wayIn === "server-only";
}

/**
 * The links of a way in that the ICS claims and that a terminal can offer alone.
 * An external PSK of TLS 1.3 is a SHA-256 PSK (RFC 8446 4.2.11), so other suites cannot carry it. RFC 5487 3.1 allows
 * its CBC suites before TLS 1.2 and does not demand them there, so who claims suites with SHA-1 too claims those.
 */
export function claimedLinks(ics: Ics, wayIn: ClaimedWayIn): readonly Link[] {
  const claim = ics.waysIn[wayIn];
  if (claim === undefined) return [];
  const suites = claim.suites.map(suiteByName).filter((suite) => suite !== undefined);
  return claim.tls.flatMap((version) =>
    demandedIn(version, suites)
      .filter((suite) => !(wayIn === "uc1.psk-tls" && version === "1.3" && suite.hash !== "SHA-256"))
      .map((suite) => ({ version, suite })),
  );
}

function demandedIn(version: TlsVersion, suites: readonly CipherSuite[]): readonly CipherSuite[] {
  const possible = suites.filter((suite) => suite.versions.includes(version));
  if (version !== "1.0" && version !== "1.1") return possible;
  const classic = possible.filter((suite) => suite.hash === "SHA-1");
  return classic.length > 0 ? classic : possible;
}

const linkText = (link: Link) => `${link.version}/${suiteHex(link.suite)}`;

/** Which values a parameter takes; `tls` alone still needs a suite, the first that was claimed for the version. */
function factorsOf(descriptor: CaseDescriptor, ics: Ics): Record<string, readonly string[]> {
  const wayIn = descriptor.needs.wayIn;
  const links = isClaimable(wayIn) ? claimedLinks(ics, wayIn) : [];
  const factors: Record<string, readonly string[]> = { ...descriptor.variants };
  const { parameters } = descriptor;
  if (parameters.includes("suite")) factors["link"] = links.map(linkText);
  else if (parameters.includes("tls")) factors["tls"] = [...new Set(links.map((link) => link.version))];
  if (parameters.includes("algorithm")) factors["algorithm"] = ics.digest.algorithms;
  if (parameters.includes("qop")) factors["qop"] = ics.digest.qop;
  return factors;
}

/** `strength` 2 covers each pair of values, 1 each value; never more than there are factors. */
function combinations(
  factors: Record<string, readonly string[]>,
  strength: number,
  seed: number,
): readonly ParameterValues[] {
  const names = Object.keys(factors).sort();
  const lists = names.map((name) => [...(factors[name] ?? [])]);
  if (lists.some((list) => list.length === 0)) return [];
  if (names.length === 0) return [{}];
  const rows =
    names.length === 1
      ? (lists[0] ?? []).map((value) => [value])
      : make(lists, { length: Math.min(strength, names.length), seed });
  return rows.map((row) => Object.fromEntries(names.map((name, i) => [name, String(row[i])])));
}

/** `suite` and `tls` are one factor while combining, since not every version has every suite. */
function splitLink(values: ParameterValues): ParameterValues {
  const { link, ...rest } = values;
  if (link === undefined) return values;
  const [tls = "", suite = ""] = link.split("/");
  return { ...rest, tls, suite };
}

export function instanceKey(id: string, parameters: ParameterValues): string {
  const names = Object.keys(parameters).sort();
  if (names.length === 0) return id;
  return `${id}[${names.map((name) => `${name}=${parameters[name]}`).join(",")}]`;
}

/** Instances of a case, sorted by key: the same for the same ICS, strength and seed. */
export function expand(
  descriptor: CaseDescriptor,
  ics: Ics,
  strength: number,
  seed: number,
): readonly Instance[] {
  return combinations(factorsOf(descriptor, ics), strength, seed)
    .map(splitLink)
    .map((parameters) => ({ case: descriptor, parameters, key: instanceKey(descriptor.id, parameters) }))
    .sort((a, b) => (a.key < b.key ? -1 : 1));
}

/** Which of `count` shares an instance belongs to: 0 to count − 1, by hash of its key. */
export function shareOf(key: string, count: number): number {
  return createHash("sha256").update(key).digest().readUInt32BE(0) % count;
}
