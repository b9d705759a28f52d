import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { encodeRecord, RECORD_HEADER, suiteByName } from "../../protocols/tls/index.ts";
import { type Protection, protectionOf } from "./protection.ts";
import { octetOf } from "./regions.ts";

const KEY = randomBytes(16);
const IV = randomBytes(16);
const BLOCK = 16;

function suite(name: string) {
  const found = suiteByName(name);
  if (found === undefined) throw new Error(`${name} is not in the table`);
  return found;
}
const CBC = suite("TLS_PSK_WITH_AES_128_CBC_SHA256");
const GCM = suite("TLS_PSK_WITH_AES_128_GCM_SHA256");

/** A record of CBC with its MAC inside (RFC 5246 6.2.3.2), padded as little as can be; the MAC is of random octets. */
function cbcRecord(content: number, mac: number, version: "1.0" | "1.2") {
  const padding = BLOCK - ((content + mac) % BLOCK);
  const plain = Buffer.concat([
    Buffer.alloc(content, "c"),
    randomBytes(mac),
    Buffer.alloc(padding, padding - 1),
  ]);
  const cipher = createCipheriv("aes-128-cbc", KEY, IV).setAutoPadding(false);
  const encrypted = Buffer.concat([cipher.update(plain), cipher.final()]);
  const fragment = version === "1.0" ? encrypted : Buffer.concat([IV, encrypted]);
  return { plain, padding, record: encodeRecord({ type: 23, version: 0x0303, fragment }) };
}

function decrypted(record: Buffer, version: "1.0" | "1.2"): Buffer {
  const fragment = record.subarray(RECORD_HEADER);
  const [iv, blocks] = version === "1.0" ? [IV, fragment] : [fragment.subarray(0, 16), fragment.subarray(16)];
  const decipher = createDecipheriv("aes-128-cbc", KEY, iv).setAutoPadding(false);
  return Buffer.concat([decipher.update(blocks), decipher.final()]);
}

function flipped(record: Buffer, at: number): Buffer {
  const changed = Buffer.from(record);
  changed.writeUInt8(changed.readUInt8(at) ^ 1, at);
  return changed;
}

describe.each(["1.0", "1.2"] as const)("regions of a record of CBC in TLS %s", (version) => {
  const protection = protectionOf(version, CBC);

  test("the padding is a record whose length of padding is another", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 200 }), (content) => {
        const { record, plain } = cbcRecord(content, 32, version);
        const changed = decrypted(flipped(record, octetOf("padding", record, protection)), version);
        expect(changed.at(-1)).toBe((plain.at(-1) ?? 0) ^ 1);
        expect(changed.subarray(-BLOCK, -1)).toEqual(plain.subarray(-BLOCK, -1));
      }),
    );
  });

  test("the tag is a record whose MAC is another, with padding as it was", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 200 }), (content) => {
        const { record, plain, padding } = cbcRecord(content, 32, version);
        const changed = decrypted(flipped(record, octetOf("tag", record, protection)), version);
        const mac = (octets: Buffer) => octets.subarray(-padding - 32, -padding);
        expect(mac(changed)).not.toEqual(mac(plain));
        expect(changed.subarray(-padding)).toEqual(plain.subarray(-padding));
      }),
    );
  });
});

describe("regions", () => {
  const of = (region: Parameters<typeof octetOf>[0], octets: number, protection?: Protection) =>
    octetOf(region, Buffer.alloc(RECORD_HEADER + octets), protection) - RECORD_HEADER;

  test("of AEAD are apart from the explicit nonce and the tag", () => {
    const gcm = protectionOf("1.2", GCM);
    expect(gcm).toEqual({ kind: "aead", nonce: 8, tag: 16 });
    expect([of("begin", 34, gcm), of("middle", 34, gcm), of("tag", 34, gcm)]).toEqual([0, 13, 33]);
    const in13 = protectionOf("1.3", suite("TLS_AES_128_GCM_SHA256"));
    expect(in13).toEqual({ kind: "aead", nonce: 0, tag: 16 });
    expect(of("middle", 18, in13)).toBe(1);
    expect(() => of("padding", 34, gcm)).toThrow("a record of 34 octets (aead) has no padding");
    expect(() => of("middle", 24, gcm)).toThrow("has no middle");
    expect(() => of("tag", 0)).toThrow("a record of 0 octets (protection not told) has no tag");
  });

  test("of CBC with a MAC behind the blocks", () => {
    const separate = protectionOf("1.2", CBC, true);
    expect(separate).toEqual({ kind: "cbc", iv: 16, block: 16, mac: 32, separateMac: true });
    // One block: its padding is reached through the IV.
    expect([of("tag", 64, separate), of("padding", 64, separate)]).toEqual([63, 15]);
    expect(() => of("padding", 48, separate)).toThrow("has no padding");
    // In TLS 1.0 nothing stands before the only block of an empty record.
    const without = protectionOf("1.0", suite("TLS_PSK_WITH_AES_128_CBC_SHA"), true);
    expect([of("padding", 36, without), of("padding", 52, without)]).toEqual([15, 15]);
  });

  test("of NULL are content and MAC", () => {
    const plain = protectionOf("1.2", suite("TLS_PSK_WITH_NULL_SHA256"));
    expect([of("middle", 42, plain), of("tag", 42, plain)]).toEqual([5, 41]);
  });

  test("of the header stand at its begin", () => {
    const record = Buffer.alloc(RECORD_HEADER);
    expect((["type", "version", "length"] as const).map((region) => octetOf(region, record))).toEqual([
      0, 2, 4,
    ]);
  });
});
