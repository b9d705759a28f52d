import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  asKs,
  asKsNaf,
  deriveKs,
  deriveKsNaf,
  deriveTmpi,
  ksNafPassword,
  nafId,
  uaTlsSuite,
} from "./index.ts";
import { kdfInput } from "./kdf.ts";

const binding = { ks: asKs(new Uint8Array(32)), rand: new Uint8Array(16), impi: "user@home.example" };
const id = nafId("naf.example", uaTlsSuite(0x00a8));
const base = deriveKsNaf({ ...binding, nafId: id });

describe("Ks_NAF depends on each of its inputs", () => {
  test.each([
    ["Ks", { ks: asKs(new Uint8Array(32).fill(1)) }],
    ["RAND", { rand: new Uint8Array(16).fill(1) }],
    ["IMPI", { impi: "other@home.example" }],
    ["FQDN", { nafId: nafId("nag.example", uaTlsSuite(0x00a8)) }],
    ["letters of the FQDN", { nafId: nafId("NAF.example", uaTlsSuite(0x00a8)) }],
    ["Ua identifier", { nafId: nafId("naf.example", uaTlsSuite(0x00a9)) }],
    ["variant", { variant: "gba-u" as const }],
  ])("%s", (_, changed) => {
    expect(deriveKsNaf({ ...binding, nafId: id, ...changed })).not.toEqual(base);
  });
});

describe("strings are UTF-8 of Normalization Form KC (TS 33.220 B.2)", () => {
  test("IMPI", () => {
    const decomposed = { ...binding, impi: "u\u0308ser@ho\uff4de.example" };
    const composed = { ...binding, impi: "\u00fcser@home.example" };
    expect(deriveKsNaf({ ...decomposed, nafId: id })).toEqual(deriveKsNaf({ ...composed, nafId: id }));
  });

  test("FQDN", () => {
    const [wide, plain] = ["\uff4eaf.example", "naf.example"].map((fqdn) => nafId(fqdn, uaTlsSuite(1)));
    expect(wide).toEqual(plain);
  });
});

describe("checked constructors", () => {
  test("a key has 32 octets and is a copy", () => {
    const octets = new Uint8Array(32).fill(7);
    const [ks, ksNaf] = [asKs(octets), asKsNaf(octets)];
    octets.fill(0);
    expect([...ks, ...ksNaf]).toEqual(Array(64).fill(7));
  });

  test("every other length is refused by name", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 70 }), (octets) => {
        fc.pre(octets.length !== 32);
        expect(() => asKs(octets)).toThrow(/^Ks must have 32 octets/);
        expect(() => asKsNaf(octets)).toThrow(/^Ks_NAF must have 32 octets/);
      }),
    );
  });

  test("CK, IK and RAND have 16 octets", () => {
    const right = new Uint8Array(16);
    const wrong = new Uint8Array(15);
    expect(() => deriveKs(wrong, right)).toThrow(/^CK must have 16 octets/);
    expect(() => deriveKs(right, wrong)).toThrow(/^IK must have 16 octets/);
    expect(() => deriveKsNaf({ ...binding, rand: wrong, nafId: id })).toThrow(/^RAND must have 16 octets/);
    expect(() => deriveTmpi({ ...binding, rand: wrong, bsfFqdn: "bsf.example" })).toThrow(/^RAND/);
    expect(() => deriveTmpi({ ...binding, bsfFqdn: "" })).toThrow(/^the FQDN/);
  });

  test("the limits of the KDF", () => {
    expect(kdfInput(1, [new Uint8Array(0xffff)])).toHaveLength(1 + 0xffff + 2);
    expect(() => kdfInput(1, [new Uint8Array(0x10000)])).toThrow(/^P0 has 65536 octets/);
    expect(() => kdfInput(256, [])).toThrow(/^FC must be one octet/);
  });
});

test("the Digest password is one line of 44 characters, also for 57 octets and more", () => {
  expect(ksNafPassword(base)).toMatch(/^[A-Za-z0-9+/]{43}=$/);
  expect(ksNafPassword(new Uint8Array(96))).toBe("A".repeat(128));
});
