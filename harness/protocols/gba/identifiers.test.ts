import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  GbaFormatError,
  makeBTid,
  nafId,
  parseBTid,
  pskIdentity,
  UA_HTTP_DIGEST,
  UA_TLS13_PSK,
  uaFromHex,
  uaTlsSuite,
  uaToHex,
} from "./index.ts";

describe("Ua security protocol identifier (TS 33.220 annex H)", () => {
  test("registered values", () => {
    expect(uaToHex(UA_HTTP_DIGEST)).toBe("0100000002");
    expect(uaToHex(UA_TLS13_PSK)).toBe("0100000007");
    expect(uaToHex(uaTlsSuite(0x008c))).toBe("010001008c");
    expect(uaToHex(uaTlsSuite(0xcca8))).toBe("010001cca8");
  });

  test("text and octets are the same identifier", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 5, maxLength: 5 }), (octets) => {
        const digits = Buffer.from(octets).toString("hex");
        expect(uaToHex(uaFromHex(digits.toUpperCase()))).toBe(digits);
      }),
    );
  });

  test.each(["", "01000000", "010000000g", "0x01000000", "010000000212", "0100000002\n"])(
    "not %j",
    (text) => {
      expect(() => uaFromHex(text)).toThrow(RangeError);
    },
  );

  test.each([-1, 0x10000, 1.5, Number.NaN])("suite %d is none", (code) => {
    expect(() => uaTlsSuite(code)).toThrow(/cipher suite/);
  });
});

describe("NAF_Id", () => {
  test("is FQDN, then Ua identifier", () => {
    expect(Buffer.from(nafId("naf1.home1.net", UA_HTTP_DIGEST)).toString("latin1")).toBe(
      "naf1.home1.net\x01\0\0\0\x02",
    );
  });

  test("needs a name", () => {
    expect(() => nafId("", UA_HTTP_DIGEST)).toThrow(RangeError);
  });
});

describe("B-TID", () => {
  test("is base64 of RAND with padding, then the key manager's name", () => {
    expect(makeBTid(new Uint8Array(16).fill(0xff), "bsf.example")).toBe(
      "/////////////////////w==@bsf.example",
    );
  });

  test("a made one is read back unchanged", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), fc.domain(), (rand, domain) => {
        const btid = makeBTid(rand, domain);
        expect(parseBTid(btid)).toBe(btid);
      }),
    );
  });

  test("its local part is opaque", () => {
    expect(parseBTid("anything!@bsf.example")).toBe("anything!@bsf.example");
  });

  test.each(["", "@", "a@", "@b", "ab", "a@b@c", "a b@c", "a\0@b", "a@b\n"])("%j is none", (text) => {
    expect(() => parseBTid(text)).toThrow(GbaFormatError);
  });

  test("wrong parts are named", () => {
    expect(() => makeBTid(new Uint8Array(15), "bsf.example")).toThrow(/^RAND must have 16 octets/);
    expect(() => makeBTid(new Uint8Array(16), "")).toThrow(/^domain must/);
    expect(() => makeBTid(new Uint8Array(16), "b@c")).toThrow(/^domain must/);
  });
});

test.each([
  ["", "3GPP-bootstrappingx@b"],
  [";", "3GPP-bootstrapping;x@b"],
  [".", "3GPP-bootstrapping.x@b"],
] as const)("PSK identity with separator %j", (separator, identity) => {
  expect(pskIdentity(parseBTid("x@b"), separator)).toBe(identity);
});
