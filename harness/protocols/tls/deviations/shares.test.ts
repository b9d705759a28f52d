/** Wrong shares are what they are called, by node:crypto, by published values and by arithmetic of the test's own. */
import { createECDH, createPublicKey, diffieHellman, generateKeyPairSync } from "node:crypto";
import { describe, expect, test } from "vitest";
import { FFDHE_2048, type GroupName, makeShare } from "../keys/agreement.ts";
import { pointOfOrderThree, WEIERSTRASS } from "../keys/weierstrass.ts";
import { SHARE_DEVIATIONS, type ShareGroup } from "./shares.ts";

const NAMES = [...SHARE_DEVIATIONS.keys()];
const groupOf = (group: ShareGroup): GroupName => (group === "finite-field" ? "ffdhe2048" : group);
const right = (group: ShareGroup) => makeShare(groupOf(group), (octets) => Buffer.alloc(octets, 7));

function wrong(name: (typeof NAMES)[number]) {
  const found = SHARE_DEVIATIONS.get(name);
  if (found === undefined) throw new Error(name);
  const share = found.begin().share?.(right(found.group));
  if (share === undefined) throw new Error(`${name} has no share`);
  return { ...found, share };
}

test("there are wrong shares of every kind of group", () => {
  expect(new Set([...SHARE_DEVIATIONS.values()].map(({ group }) => group)).size).toBe(6);
});

test.each(NAMES)("%s: a share of another group is left as it is", (name) => {
  const { group, begin } = wrong(name);
  const other = right(group === "x25519" ? "secp256r1" : "x25519");
  expect(begin().share?.(other)).toBe(other);
});

test.each(NAMES.filter((name) => !name.startsWith("compressed")))(
  "%s: the engine agrees nothing from it",
  (name) => {
    const { group, share } = wrong(name);
    expect(() => right(group).agree(share.public)).toThrow(/peer|share|point/i);
  },
);

/** DER before a raw public key (RFC 8410 4). */
const SPKI = { x25519: "302a300506032b656e032100", x448: "3042300506032b656f033900" } as const;

describe.each(["x25519", "x448"] as const)("%s", (group) => {
  const points = NAMES.filter((name) => name.endsWith(`@${group}`));
  test.each(points)("%s gives zeros, which OpenSSL refuses", (name) => {
    const { share } = wrong(name);
    const publicKey = createPublicKey({
      key: Buffer.concat([Buffer.from(SPKI[group], "hex"), share.public]),
      format: "der",
      type: "spki",
    });
    const { privateKey } = group === "x25519" ? generateKeyPairSync("x25519") : generateKeyPairSync("x448");
    expect(() => diffieHellman({ privateKey, publicKey })).toThrow();
    expect(share.agree(share.public)).toEqual(Buffer.alloc(share.public.length));
  });
});

test("the points of order eight of X25519 are those that are published", () => {
  const published = [
    "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
    "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
  ];
  const sent = ["orderEight@x25519", "otherOrderEight@x25519"] as const;
  expect(sent.map((name) => wrong(name).share.public.toString("hex"))).toEqual(published);
});

const CURVES = { secp256r1: "prime256v1", secp384r1: "secp384r1", secp521r1: "secp521r1" } as const;

describe.each(["secp256r1", "secp384r1", "secp521r1"] as const)("%s", (group) => {
  const { prime } = WEIERSTRASS[group];
  const modulo = (value: bigint) => ((value % prime) + prime) % prime;

  test("twice the point of order three is its negative", () => {
    const { x, y } = pointOfOrderThree(WEIERSTRASS[group]);
    // The slope of the tangent is λ = (3x² − 3) / 2y, and the x of twice the point λ² − 2x: multiplied by (2y)².
    const numerator = modulo(3n * x * x - 3n);
    expect(modulo(numerator * numerator - 2n * x * (2n * y) ** 2n)).toBe(modulo(x * (2n * y) ** 2n));
  });

  test.each(["orderThree", "zero", "infinity", "longer"] as const)(
    "OpenSSL does not compute with %s",
    (name) => {
      const ecdh = createECDH(CURVES[group]);
      ecdh.generateKeys();
      expect(() => ecdh.computeSecret(wrong(`${name}@${group}`).share.public)).toThrow();
    },
  );

  test("a compressed point is the right one to who takes it", () => {
    const ecdh = createECDH(CURVES[group]);
    ecdh.generateKeys();
    const { share } = wrong(`compressed@${group}`);
    expect(ecdh.computeSecret(share.public)).toEqual(share.agree(ecdh.getPublicKey()));
  });
});

test("the numbers are those that RFC 7919 5.1 excludes, and what stands for them", () => {
  const prime = BigInt(`0x${FFDHE_2048.p.toString("hex")}`);
  const sent = NAMES.filter((name) => /^[a-z]+(AndOne|One)?@finite-field$/.test(name)).map((name) =>
    BigInt(`0x${wrong(name).share.public.toString("hex")}`),
  );
  expect(new Set(sent)).toEqual(new Set([0n, 1n, prime - 1n, prime, prime + 1n]));
});
