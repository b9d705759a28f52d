/** What both hellos settle up to TLS 1.2, and the protection of records that follows from it. */
import { macOctets, type SuiteAlgorithms } from "../algorithms.ts";
import { connectionKeys, type DirectionKeys, prf } from "../keys/prf.ts";
import { aeadOpener12, aeadSealer12 } from "../records/aead.ts";
import { macOpener, macSealer } from "../records/cbc.ts";
import type { Opener, Sealer } from "../records/protection.ts";
import type { CipherSuite } from "../suites.ts";
import type { LegacyVersion } from "../versions.ts";

/** What both hellos have settled. */
export interface Terms {
  readonly version: LegacyVersion;
  readonly suite: CipherSuite;
  readonly algorithms: SuiteAlgorithms;
  readonly hash: SuiteAlgorithms["hash"];
  readonly randoms: { readonly client: Buffer; readonly server: Buffer };
  readonly extendedMasterSecret: boolean;
  readonly encryptThenMac: boolean;
  readonly ticketExpected: boolean;
  readonly statusExpected: boolean;
  /** renegotiation_info stands in both hellos (RFC 5746 3.1). */
  readonly secureRenegotiation: boolean;
  readonly protocol: string | undefined;
  readonly sessionId: Buffer;
}

export interface Protection {
  readonly sealer: Sealer;
  readonly opener: Opener;
}

/** What is wrong with how an end protects its records, or tells what was wrong with others. */
export interface ProtectionDefects {
  /** Wrong padding has an alert of its own, 21 (RFC 5246 7.2.2 forbids it). */
  readonly tellsPadding?: true;
  /** The explicit part of a nonce is always the same (RFC 5288 3 forbids it). */
  readonly repeatsNonces?: true;
}

/** Keys and protection of both directions, as the end has them that sends with the keys of `end`. */
export function protectionOf(
  end: "client" | "server",
  terms: Terms,
  master: Buffer,
  random: (octets: number) => Buffer,
  { tellsPadding, repeatsNonces }: ProtectionDefects = {},
): Protection {
  const { cipher, mac } = terms.algorithms;
  const lengths = {
    mac: mac === undefined ? 0 : macOctets(mac),
    key: cipher.kind === "null" ? 0 : cipher.key,
    iv: ivOctets(terms),
  };
  const all = connectionKeys(terms, master, terms.randoms, lengths);
  const [own, others] = end === "client" ? [all.client, all.server] : [all.server, all.client];
  if (cipher.kind === "aead") {
    const keys = ({ key, iv }: DirectionKeys) => ({ cipher, key, iv });
    return { sealer: aeadSealer12(keys(own), repeatsNonces === true), opener: aeadOpener12(keys(others)) };
  }
  const { version, encryptThenMac } = terms;
  const common = {
    version,
    cipher,
    mac: mac ?? "sha1",
    encryptThenMac,
    random,
    tellsPadding: tellsPadding === true,
  };
  return {
    sealer: macSealer({ ...common, keys: own }),
    opener: macOpener({ ...common, keys: others }),
  };
}

/** Octets of IV in the key block: only the chained one of TLS 1.0, and the implicit part of an AEAD nonce. */
function ivOctets({ algorithms: { cipher }, version }: Terms): number {
  if (cipher.kind === "aead") return cipher.nonce === "explicit" ? 4 : 12;
  return cipher.kind === "cbc" && version === "1.0" ? cipher.block : 0;
}

/** Exporter of RFC 5705. */
export function legacyExporter(
  { version, hash, randoms }: Terms,
  master: Buffer,
): (label: string, context: Buffer | undefined, octets: number) => Buffer {
  return (label, context, octets) => {
    // RFC 5705 4: a context has its length before it, and none is not an empty one.
    const length = Buffer.alloc(2);
    length.writeUInt16BE(context?.length ?? 0);
    const tail = context === undefined ? [] : [length, context];
    const seed = Buffer.concat([randoms.client, randoms.server, ...tail]);
    return prf(version, hash, { secret: master, label, seed, octets });
  };
}
