import { createDiffieHellman, randomBytes } from "node:crypto";
import { describe, expect, test } from "vitest";
import { ALERT, TlsAlertError } from "../alert.ts";
import { finiteField, GROUPS, type GroupName, makeShare, type Random } from "./agreement.ts";

const random: Random = (octets) => randomBytes(octets);
const alertOf = (work: () => unknown): number | undefined => {
  try {
    work();
    return undefined;
  } catch (error) {
    if (error instanceof TlsAlertError) return error.alert;
    throw error;
  }
};

// The keys of a record of ours are its type's.
const NAMES = Object.keys(GROUPS) as GroupName[];

describe("named groups", () => {
  test.each(NAMES)("%s: both ends agree", (name) => {
    const [one, other] = [makeShare(name, random), makeShare(name, random)];
    expect(one.agree(other.public).equals(other.agree(one.public))).toBe(true);
    expect(one.public.equals(other.public)).toBe(false);
  });

  test.each(NAMES)("%s: a share that is none of the group is refused", (name) => {
    const share = makeShare(name, random);
    const { length } = share.public;
    // Any 32 or 56 octets are a point of Curve25519 or Curve448 (RFC 7748 5), but zero gives no secret (RFC 8446 7.4.2).
    const none = name.startsWith("x") ? [share.public.subarray(1)] : [Buffer.alloc(length, 0xff)];
    for (const peer of [Buffer.alloc(0), Buffer.alloc(length), ...none])
      expect(alertOf(() => share.agree(peer))).toBe(ALERT.illegalParameter);
  });
});

describe("a server's own group", () => {
  const other = createDiffieHellman(512);
  const group = { p: other.getPrime(), g: other.getGenerator() };

  test("node:crypto's other implementation agrees, with and without leading zeros", () => {
    for (let i = 0; i < 20; i += 1) {
      const theirs = createDiffieHellman(group.p, group.g);
      const key = theirs.generateKeys();
      const stripped = finiteField(group, random, "stripped");
      const whole = finiteField(group, random, "as long as the prime");
      const number = (value: Buffer) => BigInt(`0x${value.toString("hex")}`);
      expect(number(stripped.agree(key))).toBe(number(theirs.computeSecret(stripped.public)));
      expect(whole.agree(key)).toHaveLength(group.p.length);
      expect(number(whole.agree(key))).toBe(number(theirs.computeSecret(whole.public)));
      expect(stripped.agree(key)[0]).not.toBe(0);
    }
  });

  test("0, 1, p - 1, p and a longer value are refused", () => {
    const share = finiteField(group, random, "stripped");
    const less = Buffer.from(group.p);
    less.writeUInt8(less.readUInt8(less.length - 1) - 1, less.length - 1);
    const longer = Buffer.concat([Buffer.of(1), group.p]);
    for (const peer of [Buffer.alloc(0), Buffer.of(0), Buffer.of(1), less, group.p, longer])
      expect(alertOf(() => share.agree(peer))).toBe(ALERT.illegalParameter);
  });

  test.each([
    ["a prime of 8 octets", Buffer.alloc(8, 0xff)],
    ["a prime of 1,025 octets", Buffer.alloc(1_025, 0xff)],
    ["zero", Buffer.alloc(64)],
  ])("%s is no group", (_what, p) => {
    expect(alertOf(() => finiteField({ p, g: Buffer.of(2) }, random, "stripped").agree(Buffer.of(5)))).toBe(
      ALERT.illegalParameter,
    );
  });
});
