import { randomBytes } from "node:crypto";
import { describe, expect, test } from "vitest";
import { deriveKs, makeBTid, UA_HTTP_DIGEST, UA_TLS13_PSK, uaTlsSuite } from "../../protocols/gba/index.ts";
import { BSF, NAF, OTHER_NAF } from "../testing/names.ts";
import { type KeyUse, NafCredential } from "./credential.ts";

const USES: readonly KeyUse[] = [NAF, OTHER_NAF].flatMap((nafFqdn) =>
  [UA_HTTP_DIGEST, UA_TLS13_PSK, uaTlsSuite(0x00a8)].map((ua) => ({ nafFqdn, ua })),
);

function newCredential(): NafCredential {
  const rand = randomBytes(16);
  const ks = deriveKs(randomBytes(16), randomBytes(16));
  return NafCredential.of({ btid: makeBTid(rand, BSF), ks, rand, impi: "user@home1.example" });
}

/** The keys for every use, in hex. */
const keys = (credential: NafCredential) =>
  USES.map((use) => Buffer.from(credential.key(use)).toString("hex"));
const keysOf = (credential: NafCredential, change: Partial<KeyUse>) =>
  USES.map((use) => Buffer.from(credential.key({ ...use, ...change })).toString("hex"));

describe("a credential", () => {
  test("is valid, and has a key of 32 octets of its own for each use", () => {
    const credential = newCredential();
    expect(credential.lie).toBeUndefined();
    expect(new Set(keys(credential)).size).toBe(USES.length);
    expect(keys(credential).every((key) => key.length === 64)).toBe(true);
    expect(keys(credential)).toEqual(keys(credential));
  });

  const valid = newCredential();
  const other = newCredential();
  const octets = new Uint8Array(32);

  test.each<[string, NafCredential, { readonly name?: string; readonly keys?: readonly string[] }]>([
    ["another key", valid.withKey(octets, "zeros"), { keys: USES.map(() => "00".repeat(32)) }],
    ["another name", valid.withName("x@bsf", "a name of nobody"), { name: "x@bsf" }],
    ["the key of another bootstrapping", valid.withKeyOf(other), { keys: keys(other) }],
    ["a key cut to 16 octets", valid.withKeyCutTo(16), { keys: keys(valid).map((key) => key.slice(0, 32)) }],
    [
      "a key for another enabler",
      valid.forOtherNaf("x.example"),
      { keys: keysOf(valid, { nafFqdn: "x.example" }) },
    ],
    [
      "a key for another protocol",
      valid.forOtherUa(uaTlsSuite(0x00ae), "x"),
      { keys: keysOf(valid, { ua: uaTlsSuite(0x00ae) }) },
    ],
  ])("lies in one respect: %s", (_, liar, expected) => {
    expect(liar.name).toBe(expected.name ?? valid.name);
    expect(keys(liar)).toEqual(expected.keys ?? keys(valid));
    expect(liar.lie).toBeTypeOf("string");
    // One of the two is another one for every use.
    if (expected.keys !== undefined)
      expect(keys(liar).every((key, at) => key !== keys(valid)[at])).toBe(true);
  });

  test("says how it lies", () => {
    expect(valid.withKey(octets, "key of zeros").lie).toBe("key of zeros");
    expect(valid.withName("x", "empty name").lie).toBe("empty name");
    expect(valid.withKeyOf(other).lie).toBe("key of another B-TID");
    expect(valid.withKeyCutTo(16).lie).toBe("key of 16 octets");
    expect(valid.forOtherNaf("x.example").lie).toBe("key for NAF x.example");
    expect(valid.forOtherUa(UA_HTTP_DIGEST, "0100000002").lie).toBe("key for Ua identifier 0100000002");
    expect(valid.lie).toBeUndefined();
  });
});
