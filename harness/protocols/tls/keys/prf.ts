/**
 * The pseudorandom function up to TLS 1.2 and what is derived with it (RFC 2246 5, RFC 5246 5, 6.3, RFC 7627): master
 * secret, keys, Finished. Checked against OpenSSL's TLS1-PRF and published vectors.
 */
import { createHash, createHmac } from "node:crypto";
import type { LegacyVersion } from "../versions.ts";

/** Hashes of node:crypto. */
export type HashName = "md5" | "sha1" | "sha256" | "sha384";

const MASTER_SECRET = 48;
const VERIFY_DATA = 12;

function expand(hash: HashName, secret: Uint8Array, seed: Uint8Array, octets: number): Buffer {
  const parts: Buffer[] = [];
  let a: Buffer = Buffer.from(seed);
  for (let length = 0; length < octets; ) {
    a = createHmac(hash, secret).update(a).digest();
    const part = createHmac(hash, secret).update(a).update(seed).digest();
    parts.push(part);
    length += part.length;
  }
  return Buffer.concat(parts).subarray(0, octets);
}

/**
 * PRF(secret, label, seed): with TLS 1.2 that of the suite, before that MD5 and SHA-1 together.
 * @param octets how many are wanted
 */
export function prf(
  version: LegacyVersion,
  hash: HashName,
  { secret, label, seed, octets }: { secret: Uint8Array; label: string; seed: Uint8Array; octets: number },
): Buffer {
  const whole = Buffer.concat([Buffer.from(label, "latin1"), seed]);
  if (version === "1.2") return expand(hash, secret, whole, octets);
  const half = Math.ceil(secret.length / 2);
  const first = expand("md5", secret.subarray(0, half), whole, octets);
  const second = expand("sha1", secret.subarray(secret.length - half), whole, octets);
  return Buffer.from(first.map((octet, index) => octet ^ (second[index] ?? 0)));
}

/** Hash over handshake messages for Finished (RFC 5246 7.4.9; before TLS 1.2 MD5 and SHA-1 one behind the other). */
export function transcriptHash(
  version: LegacyVersion,
  hash: HashName,
  messages: readonly Uint8Array[],
): Buffer {
  const digest = (name: HashName) => {
    const hashing = createHash(name);
    for (const message of messages) hashing.update(message);
    return hashing.digest();
  };
  return version === "1.2" ? digest(hash) : Buffer.concat([digest("md5"), digest("sha1")]);
}

interface Secret {
  readonly version: LegacyVersion;
  /** Hash of the suite's PRF in TLS 1.2. */
  readonly hash: HashName;
}

/** 48 octets (RFC 5246 8.1). */
export function masterSecret(
  { version, hash }: Secret,
  premaster: Uint8Array,
  randoms: { readonly client: Uint8Array; readonly server: Uint8Array },
): Buffer {
  const seed = Buffer.concat([randoms.client, randoms.server]);
  return prf(version, hash, { secret: premaster, label: "master secret", seed, octets: MASTER_SECRET });
}

/** 48 octets, bound to the handshake until ClientKeyExchange (RFC 7627 4). */
export function extendedMasterSecret(
  { version, hash }: Secret,
  premaster: Uint8Array,
  sessionHash: Uint8Array,
): Buffer {
  const label = "extended master secret";
  return prf(version, hash, { secret: premaster, label, seed: sessionHash, octets: MASTER_SECRET });
}

/** verify_data of Finished, 12 octets. */
export function verifyData(
  { version, hash }: Secret,
  master: Uint8Array,
  end: "client" | "server",
  handshakeHash: Uint8Array,
): Buffer {
  return prf(version, hash, {
    secret: master,
    label: `${end} finished`,
    seed: handshakeHash,
    octets: VERIFY_DATA,
  });
}

export interface DirectionKeys {
  readonly macKey: Buffer;
  readonly key: Buffer;
  readonly iv: Buffer;
}

/** The key block cut into what each direction needs (RFC 5246 6.3). */
export function connectionKeys(
  { version, hash }: Secret,
  master: Uint8Array,
  randoms: { readonly client: Uint8Array; readonly server: Uint8Array },
  lengths: { readonly mac: number; readonly key: number; readonly iv: number },
): { readonly client: DirectionKeys; readonly server: DirectionKeys } {
  const block = prf(version, hash, {
    secret: master,
    label: "key expansion",
    seed: Buffer.concat([randoms.server, randoms.client]),
    octets: 2 * (lengths.mac + lengths.key + lengths.iv),
  });
  let at = 0;
  const next = (octets: number) => {
    const start = at;
    at += octets;
    return block.subarray(start, at);
  };
  const macs = [next(lengths.mac), next(lengths.mac)] as const;
  const keys = [next(lengths.key), next(lengths.key)] as const;
  const ivs = [next(lengths.iv), next(lengths.iv)] as const;
  return {
    client: { macKey: macs[0], key: keys[0], iv: ivs[0] },
    server: { macKey: macs[1], key: keys[1], iv: ivs[1] },
  };
}
