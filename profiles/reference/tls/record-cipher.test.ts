import { createCipheriv, randomBytes } from "node:crypto";
import { describe, expect, test } from "vitest";
import { AeadRecords } from "./aead-records.ts";
import { CbcRecords } from "./cbc-records.ts";
import {
  CONTENT,
  encodeRecord,
  type RecordCipher,
  RecordCutter,
  type SealedRecord,
} from "./record-cipher.ts";

const key = randomBytes(32);
const macKey = randomBytes(20);
const CIPHERS: Readonly<Record<string, RecordCipher>> = {
  "AES-GCM, TLS 1.2": new AeadRecords({
    algorithm: "aes-256-gcm",
    key,
    iv: randomBytes(4),
    isTls13: false,
  }),
  "AES-GCM, TLS 1.3": new AeadRecords({ algorithm: "aes-256-gcm", key, iv: randomBytes(12), isTls13: true }),
  "ChaCha20-Poly1305, TLS 1.2": new AeadRecords({
    algorithm: "chacha20-poly1305",
    key,
    iv: randomBytes(12),
    isTls13: false,
  }),
  "AES-CBC with the MAC inside": new CbcRecords({
    algorithm: "aes-256-cbc",
    key,
    mac: "sha1",
    macKey,
    encryptThenMac: false,
  }),
  "AES-CBC with the MAC outside": new CbcRecords({
    algorithm: "aes-256-cbc",
    key,
    mac: "sha1",
    macKey,
    encryptThenMac: true,
  }),
};
const CONTENT_SENT = { type: CONTENT.application, octets: Buffer.from("GET / HTTP/1.1\r\n\r\n") };

const cut = (record: SealedRecord, octets: number): SealedRecord => ({
  ...record,
  fragment: record.fragment.subarray(0, record.fragment.length - octets),
});

function altered(record: SealedRecord, at: number): SealedRecord {
  const fragment = Buffer.from(record.fragment);
  const index = at < 0 ? fragment.length + at : at;
  fragment.writeUInt8(fragment.readUInt8(index) ^ 1, index);
  return { ...record, fragment };
}

describe.each(Object.entries(CIPHERS))("%s", (_, cipher) => {
  const record = cipher.seal(7, CONTENT_SENT);

  test("what was sealed opens with its number, and with no other", () => {
    expect(cipher.open(7, record)).toEqual(CONTENT_SENT);
    expect(cipher.open(8, record)).toBeUndefined();
  });

  test.each([0, 12, -1])("a bit changed at octet %i is noticed where it is looked for", (at) => {
    expect(cipher.open(7, altered(record, at))).toBeUndefined();
    expect(cipher.openUnchecked(7, altered(record, at))).toBeDefined();
  });

  test.each([1, 5, 16])("%i octets that are missing are missed where they are looked for", (octets) => {
    expect(cipher.open(7, cut(record, octets))).toBeUndefined();
    expect(cipher.openPart(7, cut(record, octets))).toEqual(CONTENT_SENT);
  });

  test.each([1, 16, 30])("%i octets more are noticed where they are looked for", (octets) => {
    const longer = { ...record, fragment: Buffer.concat([record.fragment, Buffer.alloc(octets)]) };
    expect(cipher.open(7, longer)).toBeUndefined();
    expect(cipher.openPart(7, longer)).toEqual(CONTENT_SENT);
  });

  test("nothing is too short to be looked at", () => {
    for (let length = 0; length < record.fragment.length; length += 1) {
      const shorter = cut(record, record.fragment.length - length);
      expect(cipher.open(7, shorter)).toBeUndefined();
      cipher.openUnchecked(7, shorter);
      cipher.openPart(7, shorter);
    }
  });
});

test("records are as RFC 8446 5.2 says", () => {
  const iv = Buffer.alloc(12);
  const { type, version, fragment } = new AeadRecords({
    algorithm: "aes-256-gcm",
    key,
    iv,
    isTls13: true,
  }).seal(1, CONTENT_SENT);
  expect([type, version]).toEqual([23, 0x0303]);
  const nonce = Buffer.from(iv).fill(1, 11);
  const direct = createCipheriv("aes-256-gcm", key, nonce);
  direct.setAAD(Buffer.from([23, 3, 3, 0, fragment.length]));
  const inner = Buffer.concat([CONTENT_SENT.octets, Buffer.of(23)]);
  expect(fragment).toEqual(Buffer.concat([direct.update(inner), direct.final(), direct.getAuthTag()]));
});

test("records are cut out of any pieces", () => {
  const record = { type: 23, version: 0x0303, fragment: Buffer.from("abc") };
  const octets = Buffer.concat([encodeRecord(record), encodeRecord(record), Buffer.of(23)]);
  const cutter = new RecordCutter();
  const records = [...octets].flatMap((octet) => cutter.push(Buffer.of(octet)));
  expect(records).toEqual([record, record]);
  expect(cutter.rest()).toEqual(Buffer.of(23));
});
