import type { TlsVersion } from "../versions.ts";
import type { Expectation, TlsDeviation } from "./deviation.ts";
import { HELLO_DEVIATIONS, SPECIAL_DEVIATIONS } from "./hellos.ts";
import { MESSAGE_DEVIATIONS } from "./messages.ts";
import { MISPLACED, type MisplacedName, type Point } from "./misplaced.ts";
import { RECORD_DEVIATIONS } from "./records.ts";
import { SHARE_DEVIATIONS, type ShareDeviationName } from "./shares.ts";

/**
 * Every named misbehaviour of the TLS client, by name. Each says in one sentence what is sent, by which clause that is
 * wrong (or just allowed), in which versions it can be carried out, and what a server has to make of it:
 * - `refuse`: the clause ends the connection; nothing that was sent with or after the deviation is acted on,
 * - `accept`: the clause allows it; the connection goes on as if nothing were,
 * - `either`: a sender must not do it, and no clause says what a receiver does; it is only observed.
 *
 *     new TlsClient({ ...setup, hooks: TLS_DEVIATIONS.wrongFinished.begin() }, events);
 *
 * `begin` gives hooks for one connection. The tests beside hold each to what it names; those of harness/wire/engine hold
 * `expects` to what OpenSSL does in every version.
 */
export const TLS_DEVIATIONS = {
  ...HELLO_DEVIATIONS,
  ...MESSAGE_DEVIATIONS,
  ...RECORD_DEVIATIONS,
  ...SPECIAL_DEVIATIONS,
} as const satisfies Readonly<Record<string, TlsDeviation>>;
type NamedDeviation = keyof typeof TLS_DEVIATIONS;
/**
 * One of those above, a message where it does not belong (`keyUpdate@before-finished`), or a share that its group does
 * not have (`orderThree@secp256r1`).
 */
export type TlsDeviationName = NamedDeviation | MisplacedName | ShareDeviationName;

const BY_NAME: ReadonlyMap<string, TlsDeviation> = new Map<string, TlsDeviation>([
  ...Object.entries(TLS_DEVIATIONS),
  ...MISPLACED,
  ...SHARE_DEVIATIONS,
]);

export function tlsDeviation(name: TlsDeviationName): TlsDeviation {
  const found = BY_NAME.get(name);
  if (found === undefined) throw new Error(`there is no deviation ${name}`);
  return found;
}

/** What a server has to make of it in this version. */
export function expectationOf(name: TlsDeviationName, version: TlsVersion): Expectation {
  const { expects, expectsIn } = tlsDeviation(name);
  return expectsIn?.(version) ?? expects;
}

/** Of the hellos and messages that can be wrong in this version with every suite; `psk`: only with a pre-shared key. */
export function handshakeDeviations(
  version: TlsVersion,
  authentication: "psk" | "certificate",
): readonly TlsDeviationName[] {
  const names = Object.keys({ ...HELLO_DEVIATIONS, ...MESSAGE_DEVIATIONS }) as NamedDeviation[];
  return names.filter(
    (name) =>
      tlsDeviation(name).versions.includes(version) && (authentication === "psk" || !OF_PSK.includes(name)),
  );
}

const OF_PSK: readonly NamedDeviation[] = ["preSharedKeyNotLast", "noPskModes", "wrongBinder"];

/** Every message in a wrong place at this point, in this version. */
export function misplacedAt(point: Point, version: TlsVersion): readonly TlsDeviationName[] {
  return [...MISPLACED]
    .filter(([, one]) => one.point === point && one.versions.includes(version))
    .map(([name]) => name);
}

/** Every name that can be carried out in this version, with any suite. */
export function deviationsIn(version: TlsVersion): readonly TlsDeviationName[] {
  // The keys of a record of ours are its type's.
  const named = Object.keys(TLS_DEVIATIONS) as NamedDeviation[];
  const all: readonly TlsDeviationName[] = [
    ...named.filter((name) => !Object.hasOwn(SPECIAL_DEVIATIONS, name)),
    ...MISPLACED.keys(),
  ];
  return all.filter((name) => tlsDeviation(name).versions.includes(version));
}

export { SHARE_DEVIATIONS, type ShareGroup, shareDeviation, wrongShares } from "./shares.ts";
export { MISPLACED, type MisplacedName, type Point, type TlsDeviation };
