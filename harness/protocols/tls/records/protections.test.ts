import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ALERT, TlsAlertError } from "../alert.ts";
import { algorithmsOf, macOctets } from "../algorithms.ts";
import { type LegacyVersion, VERSION_NUMBER } from "../versions.ts";
import { aeadOpener12, aeadOpener13, aeadSealer12, aeadSealer13 } from "./aead.ts";
import { macOpener, macSealer } from "./cbc.ts";
import type { Opener, Sealer } from "./protection.ts";
import type { Record } from "./record.ts";

interface Pair {
  readonly seal: () => Sealer;
  readonly open: () => Opener;
  readonly version: number;
}

const random = (octets: number) => randomBytes(octets);

function legacyPair(name: string, version: LegacyVersion, encryptThenMac: boolean): Pair {
  const algorithms = algorithmsOf({ name });
  if (algorithms === undefined) throw new Error(`${name} cannot be carried out`);
  const { cipher, mac } = algorithms;
  const number = VERSION_NUMBER[version];
  if (cipher.kind === "aead") {
    const keys = { cipher, key: random(cipher.key), iv: random(cipher.nonce === "explicit" ? 4 : 12) };
    return { seal: () => aeadSealer12(keys), open: () => aeadOpener12(keys), version: number };
  }
  if (mac === undefined) throw new Error("a MAC belongs to these");
  const [key, iv] = cipher.kind === "null" ? [0, 0] : [cipher.key, cipher.block];
  const keys = { macKey: random(macOctets(mac)), key: random(key), iv: random(iv) };
  const protection = { version, cipher, mac, keys, encryptThenMac, random };
  return { seal: () => macSealer(protection), open: () => macOpener(protection), version: number };
}

function pair13(name: string): Pair {
  const cipher = algorithmsOf({ name })?.cipher;
  if (cipher?.kind !== "aead") throw new Error(`${name} is no suite of TLS 1.3`);
  const keys = { cipher, key: random(cipher.key), iv: random(12) };
  return { seal: () => aeadSealer13(keys, 3), open: () => aeadOpener13(keys), version: 0x0303 };
}

const CBC = [
  "TLS_PSK_WITH_AES_128_CBC_SHA",
  "TLS_PSK_WITH_AES_256_CBC_SHA384",
  "TLS_PSK_WITH_3DES_EDE_CBC_SHA",
];
const AEAD = [
  "TLS_PSK_WITH_AES_128_GCM_SHA256",
  "TLS_PSK_WITH_AES_256_CCM",
  "TLS_PSK_WITH_AES_128_CCM_8",
  "TLS_PSK_WITH_ARIA_256_GCM_SHA384",
  "TLS_PSK_WITH_CHACHA20_POLY1305_SHA256",
];
const PAIRS: readonly (readonly [string, Pair])[] = [
  ...(["1.0", "1.1", "1.2"] as const).flatMap((version) => [
    [
      `TLS_PSK_WITH_NULL_SHA256 in ${version}`,
      legacyPair("TLS_PSK_WITH_NULL_SHA256", version, false),
    ] as const,
    ...CBC.flatMap((name) =>
      [false, true].map(
        (etm) =>
          [
            `${name} in ${version}${etm ? ", encrypt-then-MAC" : ""}`,
            legacyPair(name, version, etm),
          ] as const,
      ),
    ),
  ]),
  ...AEAD.map((name) => [`${name} in 1.2`, legacyPair(name, "1.2", false)] as const),
  ...["TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"].map(
    (name) => [name, pair13(name)] as const,
  ),
];

function alertOf(opener: Opener, record: Record): number | undefined {
  try {
    opener.open(record);
    return undefined;
  } catch (error) {
    if (error instanceof TlsAlertError) return error.alert;
    throw error;
  }
}

const content = (octets: Buffer) => ({ type: 23, octets });

describe.each(PAIRS)("%s", (_name, pair) => {
  test("what is sealed is opened, record after record", () => {
    const [sealer, opener] = [pair.seal(), pair.open()];
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (octets) => {
        const opened = opener.open(sealer.seal(content(Buffer.from(octets)), pair.version));
        expect(opened.type).toBe(23);
        expect(opened.octets.equals(octets)).toBe(true);
      }),
      { numRuns: 30 },
    );
  });

  test("every octet that is changed, and every cut, is refused with bad_record_mac", () => {
    const record = pair.seal().seal(content(Buffer.from("do not alter this text")), pair.version);
    const alerts = new Set<number | undefined>();
    for (let at = 0; at < record.fragment.length; at += 1) {
      const fragment = Buffer.from(record.fragment);
      fragment.writeUInt8(fragment.readUInt8(at) ^ 0x80, at);
      alerts.add(alertOf(pair.open(), { ...record, fragment }));
      alerts.add(alertOf(pair.open(), { ...record, fragment: record.fragment.subarray(0, at) }));
    }
    expect([...alerts]).toEqual([ALERT.badRecordMac]);
  });

  test("a record of another place in the order is refused", () => {
    const sealer = pair.seal();
    const [first, second] = [
      sealer.seal(content(Buffer.of(1)), pair.version),
      sealer.seal(content(Buffer.of(2)), pair.version),
    ];
    expect(alertOf(pair.open(), second)).toBe(ALERT.badRecordMac);
    const opener = pair.open();
    opener.open(first);
    expect(alertOf(opener, first)).toBe(ALERT.badRecordMac);
  });

  test("arbitrary octets give an alert", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.integer({ min: 0, max: 255 }), (octets, type) => {
        const alert = alertOf(pair.open(), { type, version: pair.version, fragment: Buffer.from(octets) });
        expect([ALERT.badRecordMac, ALERT.unexpectedMessage]).toContain(alert);
      }),
      { numRuns: 50 },
    );
  });
});

test("type and version of a record of TLS 1.2 are protected", () => {
  for (const name of ["TLS_PSK_WITH_AES_128_GCM_SHA256", "TLS_PSK_WITH_AES_128_CBC_SHA"]) {
    const pair = legacyPair(name, "1.2", false);
    const record = pair.seal().seal(content(Buffer.from("text")), pair.version);
    expect(alertOf(pair.open(), { ...record, type: 22 })).toBe(ALERT.badRecordMac);
    expect(alertOf(pair.open(), { ...record, version: 0x0302 })).toBe(ALERT.badRecordMac);
  }
});
