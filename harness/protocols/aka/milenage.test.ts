import { describe, expect, test } from "vitest";
import { milenage, opcFromOp } from "./index.ts";
import sets from "./vectors/milenage.json" with { type: "json" };

const octets = (hex: string) => Uint8Array.from(Buffer.from(hex, "hex"));
const hex = (field: Uint8Array) => Buffer.from(field).toString("hex");

const input = {
  k: new Uint8Array(16),
  opc: new Uint8Array(16),
  rand: new Uint8Array(16),
  sqn: new Uint8Array(6),
  amf: new Uint8Array(2),
};

describe("published test sets (TS 35.207, TS 35.208)", () => {
  test("all 21 are here", () => expect(sets).toHaveLength(21));

  test.each(sets)("$name: f1 to f5*", (set) => {
    const result = milenage({
      k: octets(set.K),
      opc: octets(set.OPc),
      rand: octets(set.RAND),
      sqn: octets(set.SQN),
      amf: octets(set.AMF),
    });
    expect(Object.fromEntries(Object.entries(result).map(([name, value]) => [name, hex(value)]))).toEqual({
      macA: set.f1,
      macS: set.f1star,
      res: set.f2,
      ck: set.f3,
      ik: set.f4,
      ak: set.f5,
      akStar: set.f5star,
    });
  });

  test.each(sets)("$name: OPc from OP", (set) => {
    expect(hex(opcFromOp(octets(set.K), octets(set.OP)))).toBe(set.OPc);
  });
});

describe("a field of a wrong length is named", () => {
  test.each([
    ["K", { k: new Uint8Array(15) }],
    ["OPc", { opc: new Uint8Array(17) }],
    ["RAND", { rand: new Uint8Array(0) }],
    ["SQN", { sqn: new Uint8Array(8) }],
    ["AMF", { amf: new Uint8Array(1) }],
  ])("%s", (name, wrong) => {
    expect(() => milenage({ ...input, ...wrong })).toThrow(RangeError);
    expect(() => milenage({ ...input, ...wrong })).toThrow(new RegExp(`^${name} must have`));
  });

  test("K and OP of opcFromOp", () => {
    expect(() => opcFromOp(new Uint8Array(8), new Uint8Array(16))).toThrow(/^K must have 16 octets, but 8/);
    expect(() => opcFromOp(new Uint8Array(16), new Uint8Array(8))).toThrow(/^OP must have 16 octets, but 8/);
  });
});
