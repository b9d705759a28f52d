import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { buildAutn, buildAuts, challenge, openAuts, parseAutn } from "./index.ts";
import sets from "./vectors/milenage.json" with { type: "json" };

const octets = (hex: string) => Uint8Array.from(Buffer.from(hex, "hex"));
const hex = (field: Uint8Array) => Buffer.from(field).toString("hex");
const field = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });

const [first] = sets;
if (first === undefined) throw new Error("the Milenage vectors are empty");
/** TS 35.208 set 1 with AMF* = 0000 and SQN_MS = the SQN of the set. */
const AUTS = "ba853f3c123ccf44e93596e355c6";
const keys = { k: octets(first.K), opc: octets(first.OPc), rand: octets(first.RAND) };

describe("AUTN", () => {
  test.each(sets)("$name: the challenge carries the published AUTN, XRES, CK and IK", (set) => {
    const vector = challenge({
      k: octets(set.K),
      opc: octets(set.OPc),
      rand: octets(set.RAND),
      sqn: octets(set.SQN),
      amf: octets(set.AMF),
    });
    expect(hex(vector.autn)).toBe(set.AUTN);
    expect([vector.xres, vector.ck, vector.ik].map(hex)).toEqual([set.f2, set.f3, set.f4]);
  });

  test("taking apart and building are inverse", () => {
    fc.assert(
      fc.property(field(16), (autn) => {
        expect(buildAutn(parseAutn(autn))).toEqual(autn);
      }),
    );
  });

  test("its parts are SQN xor AK, AMF and MAC-A", () => {
    const { concealedSqn, amf, macA } = parseAutn(octets(first.AUTN));
    expect([concealedSqn, amf, macA].map(hex)).toEqual(["55f328b43577", first.AMF, first.f1]);
  });

  test("the parts do not share memory with the message", () => {
    const message = Buffer.from(first.AUTN, "hex");
    const { macA } = parseAutn(message);
    message.fill(0);
    expect(hex(macA)).toBe(first.f1);
  });

  test("wrong lengths are named", () => {
    expect(() => parseAutn(new Uint8Array(15))).toThrow(/^AUTN must have 16 octets, but 15/);
    const parts = parseAutn(new Uint8Array(16));
    expect(() => buildAutn({ ...parts, concealedSqn: new Uint8Array(5) })).toThrow(/^SQN xor AK must/);
    expect(() => buildAutn({ ...parts, amf: new Uint8Array(3) })).toThrow(/^AMF must/);
    expect(() => buildAutn({ ...parts, macA: new Uint8Array(4) })).toThrow(/^MAC-A must/);
  });
});

describe("AUTS", () => {
  test("published value, with AMF* = 0000", () => {
    expect(hex(buildAuts({ ...keys, sqnMs: octets(first.SQN) }))).toBe(AUTS);
  });

  test("the network reads the SQN that the identity module sent", () => {
    fc.assert(
      fc.property(field(16), field(16), field(16), field(6), (k, opc, rand, sqnMs) => {
        expect(openAuts({ k, opc, rand, auts: buildAuts({ k, opc, rand, sqnMs }) })).toEqual(sqnMs);
      }),
    );
  });

  test("one changed bit anywhere, another key, OPc or RAND: nothing is read", () => {
    const auts = octets(AUTS);
    for (let bit = 0; bit < 14 * 8; bit++) {
      const changed = auts.map((octet, index) => (index === bit >> 3 ? octet ^ (1 << (bit & 7)) : octet));
      expect(openAuts({ ...keys, auts: changed })).toBeUndefined();
    }
    const other = new Uint8Array(16);
    expect(openAuts({ ...keys, k: other, auts })).toBeUndefined();
    expect(openAuts({ ...keys, opc: other, auts })).toBeUndefined();
    expect(openAuts({ ...keys, rand: other, auts })).toBeUndefined();
  });

  test("a peer's AUTS of another length is not read, as the 15 octets of the example in RFC 3310 3.4", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (auts) => {
        fc.pre(auts.length !== 14);
        expect(openAuts({ ...keys, auts })).toBeUndefined();
      }),
    );
  });

  test("wrong lengths of own fields are named", () => {
    expect(() => buildAuts({ ...keys, sqnMs: new Uint8Array(5) })).toThrow(/^SQN must have 6 octets, but 5/);
    expect(() => openAuts({ ...keys, k: new Uint8Array(5), auts: new Uint8Array(14) })).toThrow(/^K must/);
  });
});
