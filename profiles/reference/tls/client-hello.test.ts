import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseClientHello } from "./client-hello.ts";
import { MalformedHandshake } from "./cursor.ts";
import { captureClientHello } from "./hello-capture.ts";

const KEY = Buffer.alloc(32, 1);
const psk = (identity: string) => ({
  pskCallback: () => ({ identity, psk: KEY }),
  checkServerIdentity: () => undefined,
});

const tls12 = await captureClientHello({
  servername: "naf.home1.example",
  maxVersion: "TLSv1.2",
  ciphers: "PSK-AES128-GCM-SHA256",
  ...psk("someone"),
});
const tls13 = await captureClientHello({
  servername: "naf.home1.example",
  minVersion: "TLSv1.3",
  ciphers: "TLS_AES_128_GCM_SHA256",
  ...psk("3GPP-bootstrapping;a@b"),
});

/** A hello with these extensions, each as type and data. */
function helloWith(...extensions: [type: number, data: Buffer][]): Buffer {
  const encoded = extensions.map(([type, data]) => {
    const header = Buffer.alloc(4);
    header.writeUInt16BE(type, 0);
    header.writeUInt16BE(data.length, 2);
    return Buffer.concat([header, data]);
  });
  const all = Buffer.concat(encoded);
  const body = Buffer.concat([
    Buffer.from([3, 3]),
    Buffer.alloc(32),
    Buffer.from([0, 0, 2, 0x13, 0x01, 1, 0, all.length >> 8, all.length & 255]),
    all,
  ]);
  return Buffer.concat([Buffer.from([1, 0, body.length >> 8, body.length & 255]), body]);
}

describe("hellos of Node's TLS client", () => {
  test("TLS 1.2: server name, no TLS 1.3, no identities", () => {
    const hello = parseClientHello(tls12.octets);
    expect(hello).toMatchObject({ serverName: "naf.home1.example", offersTls13: false, identities: [] });
    expect(hello.truncated).toEqual(tls12.octets);
  });

  test("TLS 1.3: the identity, its binder of 32 octets, and what the binder covers", () => {
    const hello = parseClientHello(tls13.octets);
    expect(hello).toMatchObject({ serverName: "naf.home1.example", offersTls13: true, hasPskModes: true });
    expect(hello.identities.map(String)).toEqual(["3GPP-bootstrapping;a@b"]);
    expect(hello.binders[0]).toHaveLength(32);
    // The list of one binder: its length of 2 octets, one octet for the length of the binder, the binder.
    expect(hello.truncated).toEqual(tls13.octets.subarray(0, -(2 + 1 + 32)));
  });

  test("a hello without server name has none", async () => {
    const { octets } = await captureClientHello({ ciphers: "PSK", maxVersion: "TLSv1.2", ...psk("x") });
    expect(parseClientHello(octets).serverName).toBeUndefined();
  });
});

describe("hellos that are none", () => {
  test("each cut of a hello is refused, but for the one that leaves all extensions away", () => {
    const { octets } = tls13;
    const accepted = Array.from({ length: octets.length - 4 }, (_, i) => octets.subarray(0, i + 4)).filter(
      (cut) => {
        try {
          parseClientHello(cut);
          return true;
        } catch (error) {
          if (error instanceof MalformedHandshake) return false;
          throw error;
        }
      },
    );
    expect(accepted).toHaveLength(1);
    expect(parseClientHello(accepted[0] ?? Buffer.alloc(0))).toMatchObject({
      offersTls13: false,
      identities: [],
    });
  });

  test("an extension that comes twice, and pre_shared_key that is not the last one", () => {
    const name: [number, Buffer] = [0, Buffer.from([0, 4, 0, 0, 1, 97])];
    const preSharedKey: [number, Buffer] = [41, Buffer.from([0, 7, 0, 1, 97, 0, 0, 0, 0, 0, 2, 1, 0])];
    expect(parseClientHello(helloWith(name, preSharedKey)).identities).toHaveLength(1);
    const alertOf = (hello: Buffer) => {
      try {
        parseClientHello(hello);
        return undefined;
      } catch (error) {
        return error instanceof MalformedHandshake ? error.alert : error;
      }
    };
    expect(alertOf(helloWith(name, name))).toBe(47);
    expect(alertOf(helloWith(preSharedKey, name))).toBe(47);
  });

  test("as many binders as identities are needed", () => {
    const data = Buffer.from([0, 7, 0, 1, 97, 0, 0, 0, 0, 0, 4, 1, 0, 1, 0]);
    expect(() => parseClientHello(helloWith([41, data]))).toThrow(MalformedHandshake);
  });

  test("whatever octets come, nothing but MalformedHandshake is thrown", () => {
    const changed = fc.tuple(fc.nat(tls13.octets.length - 1), fc.nat(255)).map(([at, value]) => {
      const octets = Buffer.from(tls13.octets);
      octets[at] = value;
      return octets;
    });
    const anything = fc.uint8Array({ maxLength: 300 }).map((octets) => Buffer.from(octets));
    fc.assert(
      fc.property(fc.oneof(changed, anything), (octets) => {
        try {
          parseClientHello(octets);
        } catch (error) {
          if (!(error instanceof MalformedHandshake)) throw error;
        }
      }),
    );
  });
});
