/** Diffie-Hellman over named groups (RFC 8446 4.2.7, RFC 7919, RFC 8422) and over a server's own (RFC 5246 7.4.3). */
import { createECDH, createPrivateKey, createPublicKey, diffieHellman } from "node:crypto";
import { ALERT, TlsAlertError } from "../alert.ts";
import { type DhGroup, dhPrivateKey, dhPublicKey, dhPublicValue, stripped } from "./dh-key.ts";
import { numberOf, octetsOf } from "./numbers.ts";

export const GROUPS = {
  secp256r1: 23,
  secp384r1: 24,
  secp521r1: 25,
  x25519: 29,
  x448: 30,
  ffdhe2048: 256,
  ffdhe3072: 257,
} as const;
export type GroupName = keyof typeof GROUPS;

export function groupByNumber(number: number): GroupName | undefined {
  // The keys of a record of ours are its type's.
  return (Object.keys(GROUPS) as GroupName[]).find((name) => GROUPS[name] === number);
}

/** This side's share of an agreement. */
export interface KeyShare {
  readonly public: Buffer;
  /** Where it is a number: modulo which prime, and how a number is written as share or secret. */
  readonly field?: { readonly prime: bigint; formed(value: bigint): Buffer };
  /** The shared secret. @throws TlsAlertError (illegal_parameter) when the peer's share is none of the group */
  agree(peer: Buffer): Buffer;
}

/** Fresh octets; what a share is made from, so that a test can make it again. */
export type Random = (octets: number) => Buffer;

const EC_CURVES = {
  secp256r1: { curve: "prime256v1", scalar: 32 },
  secp384r1: { curve: "secp384r1", scalar: 48 },
  secp521r1: { curve: "secp521r1", scalar: 66 },
} as const;

const UNCOMPRESSED = 4;

/** DER before the raw keys (RFC 8410 4, 7). */
const MONTGOMERY = {
  x25519: {
    octets: 32,
    pkcs8: Buffer.from("302e020100300506032b656e04220420", "hex"),
    spki: Buffer.from("302a300506032b656e032100", "hex"),
  },
  x448: {
    octets: 56,
    pkcs8: Buffer.from("3046020100300506032b656f043a0438", "hex"),
    spki: Buffer.from("3042300506032b656f033900", "hex"),
  },
} as const;

/** RFC 7919 appendix A: node:crypto has the groups of RFC 3526 by name only, so the primes stand here. */
const FFDHE_PRIMES = {
  ffdhe2048:
    "ffffffffffffffffadf85458a2bb4a9aafdc5620273d3cf1d8b9c583ce2d3695a9e13641146433fbcc939dce249b3ef97d2fe363630c75d8f681b202aec4617ad3df1ed5d5fd65612433f51f5f066ed0856365553ded1af3b557135e7f57c935984f0c70e0e68b77e2a689daf3efe8721df158a136ade73530acca4f483a797abc0ab182b324fb61d108a94bb2c8e3fbb96adab760d7f4681d4f42a3de394df4ae56ede76372bb190b07a7c8ee0a6d709e02fce1cdf7e2ecc03404cd28342f619172fe9ce98583ff8e4f1232eef28183c3fe3b1b4c6fad733bb5fcbc2ec22005c58ef1837d1683b2c6f34a26c1b2effa886b423861285c97ffffffffffffffff",
  ffdhe3072:
    "ffffffffffffffffadf85458a2bb4a9aafdc5620273d3cf1d8b9c583ce2d3695a9e13641146433fbcc939dce249b3ef97d2fe363630c75d8f681b202aec4617ad3df1ed5d5fd65612433f51f5f066ed0856365553ded1af3b557135e7f57c935984f0c70e0e68b77e2a689daf3efe8721df158a136ade73530acca4f483a797abc0ab182b324fb61d108a94bb2c8e3fbb96adab760d7f4681d4f42a3de394df4ae56ede76372bb190b07a7c8ee0a6d709e02fce1cdf7e2ecc03404cd28342f619172fe9ce98583ff8e4f1232eef28183c3fe3b1b4c6fad733bb5fcbc2ec22005c58ef1837d1683b2c6f34a26c1b2effa886b4238611fcfdcde355b3b6519035bbc34f4def99c023861b46fc9d6e6c9077ad91d2691f7f7ee598cb0fac186d91caefe130985139270b4130c93bc437944f4fd4452e2d74dd364f2e21e71f54bff5cae82ab9c9df69ee86d2bc522363a0dabc521979b0deada1dbf9a42d5c4484e0abcd06bfa53ddef3c1b20ee3fd59d7c25e41d2b66c62e37ffffffffffffffff",
} as const;

/** The group that a server of ours names up to TLS 1.2. */
export const FFDHE_2048: DhGroup = { p: Buffer.from(FFDHE_PRIMES.ffdhe2048, "hex"), g: Buffer.of(2) };

/** A share of this group. */
export function makeShare(group: GroupName, random: Random): KeyShare {
  if (group === "x25519" || group === "x448") return montgomery(MONTGOMERY[group], random);
  if (group === "ffdhe2048" || group === "ffdhe3072") {
    const prime = Buffer.from(FFDHE_PRIMES[group], "hex");
    return finiteField({ p: prime, g: Buffer.of(2) }, random, "as long as the prime");
  }
  return curve(EC_CURVES[group], random);
}

function curve(
  { curve: name, scalar }: { readonly curve: string; readonly scalar: number },
  random: Random,
): KeyShare {
  const ecdh = createECDH(name);
  const octets = random(scalar);
  // Below the order of each curve, whatever the random octets are.
  octets.writeUInt8(scalar === 66 ? 0 : octets.readUInt8(0) & 0x7f, 0);
  ecdh.setPrivateKey(octets);
  return {
    public: ecdh.getPublicKey(),
    agree(peer) {
      // RFC 8446 4.2.8.2, RFC 8422 5.11: uncompressed points only.
      if (peer[0] !== UNCOMPRESSED) throw illegal("the peer's point is not an uncompressed one");
      return judged(() => ecdh.computeSecret(peer));
    },
  };
}

function montgomery(
  { octets, pkcs8, spki }: (typeof MONTGOMERY)[keyof typeof MONTGOMERY],
  random: Random,
): KeyShare {
  const der = Buffer.concat([pkcs8, random(octets)]);
  const privateKey = createPrivateKey({ key: der, format: "der", type: "pkcs8" });
  const own = createPublicKey(privateKey).export({ format: "der", type: "spki" });
  return {
    public: own.subarray(spki.length),
    agree: (peer) =>
      judged(() => {
        const key = Buffer.concat([spki, peer]);
        if (peer.length !== octets) throw new Error("length");
        const publicKey = createPublicKey({ key, format: "der", type: "spki" });
        return diffieHellman({ privateKey, publicKey });
      }),
  };
}

/** Octets that a prime may have: 8192 bits is the largest group of RFC 7919; below 512 bits nothing is protected. */
const PRIME_OCTETS = { least: 64, most: 1_024 } as const;
/** Octets of a private value: twice the strength of the largest group (RFC 7919 5.2). */
const EXPONENT_OCTETS = 64;

/**
 * A share in the group that a server sent. `length`: the secret of TLS 1.2 loses its leading zeros (RFC 5246 8.1.2),
 * that of TLS 1.3 keeps them (RFC 8446 7.4.1).
 * @throws TlsAlertError (illegal_parameter) when the group is none
 */
export function finiteField(
  group: DhGroup,
  random: Random,
  length: "stripped" | "as long as the prime",
): KeyShare {
  const octets = group.p.length;
  if (octets > PRIME_OCTETS.most || octets < PRIME_OCTETS.least) throw illegal(`a prime of ${octets} octets`);
  const formed = (value: bigint): Buffer =>
    length === "stripped" ? stripped(octetsOf(value, octets)) : octetsOf(value, octets);
  const prime = numberOf(group.p);
  const { privateKey, own } = judged(() => {
    const key = dhPrivateKey(group, random(Math.min(octets - 1, EXPONENT_OCTETS)));
    return { privateKey: key, own: dhPublicValue(key) };
  });
  return {
    public: formed(numberOf(own)),
    field: { prime, formed },
    agree(peer) {
      const value = numberOf(peer);
      // RFC 7919 5.1: 1 < Y < p - 1.
      if (value <= 1n || value >= prime - 1n) throw illegal("the peer's share is degenerate");
      return judged(() =>
        formed(numberOf(diffieHellman({ privateKey, publicKey: dhPublicKey(group, peer) }))),
      );
    },
  };
}

function illegal(text: string): TlsAlertError {
  return new TlsAlertError(ALERT.illegalParameter, text);
}

/** node:crypto throws errors of many kinds for a share that is no element of the group. */
function judged<T>(work: () => T): T {
  try {
    return work();
  } catch {
    throw illegal("the peer's share is none of the group");
  }
}
