import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ALERT, TlsAlertError } from "../alert.ts";
import { decode, encode, fixed, type Layout, list, opaque, optional, rest, struct, uint } from "./layout.ts";

const bytes = (maxLength: number) => fc.uint8Array({ maxLength }).map((octets) => Buffer.from(octets));
const item = struct<{ readonly kind: number; readonly name: Buffer }>({ kind: uint(2), name: opaque(1) });
const message = struct<{
  readonly version: number;
  readonly random: Buffer;
  readonly items: readonly { readonly kind: number; readonly name: Buffer }[];
  readonly more: Buffer | undefined;
}>({ version: uint(2), random: fixed(4), items: list(2, item), more: optional(opaque(3)) });

const values = fc.record({
  version: fc.integer({ min: 0, max: 0xffff }),
  random: fc.uint8Array({ minLength: 4, maxLength: 4 }).map((octets) => Buffer.from(octets)),
  items: fc.array(fc.record({ kind: fc.integer({ min: 0, max: 0xffff }), name: bytes(255) }), {
    maxLength: 5,
  }),
  more: fc.option(bytes(400), { nil: undefined }),
});

const alertOf = (layout: Layout<unknown>, octets: Uint8Array): number | undefined => {
  try {
    decode(layout, octets);
    return undefined;
  } catch (error) {
    if (error instanceof TlsAlertError) return error.alert;
    throw error;
  }
};

test("a message lies in octets as RFC 8446 3 says", () => {
  const value = { version: 0x0303, random: Buffer.from("01020304", "hex"), items: [], more: undefined };
  expect(encode(message, value).toString("hex")).toBe("0303010203040000");
  const full = { ...value, items: [{ kind: 5, name: Buffer.from("ab") }], more: Buffer.of(9) };
  expect(encode(message, full).toString("hex")).toBe(
    "0303" + "01020304" + "0005" + "0005026162" + "00000109",
  );
});

describe("properties", () => {
  test("what is encoded is decoded again", () => {
    fc.assert(
      fc.property(values, (value) => {
        expect(decode(message, encode(message, value))).toEqual(value);
      }),
    );
  });

  test("what is decoded is encoded to the same octets; everything else is decode_error", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          bytes(60),
          values.map((value) => encode(message, value)),
        ),
        (octets) => {
          const alert = alertOf(message, octets);
          if (alert === undefined) expect(encode(message, decode(message, octets)).equals(octets)).toBe(true);
          else expect(alert).toBe(ALERT.decodeError);
        },
      ),
    );
  });

  test("a message that is cut anywhere, or has an octet behind it, is decode_error", () => {
    fc.assert(
      fc.property(values, fc.nat(), (value, at) => {
        const octets = encode(message, value);
        expect(alertOf(message, Buffer.concat([octets, Buffer.of(0)]))).toBe(ALERT.decodeError);
        const cut = octets.subarray(0, at % octets.length);
        // Without its optional end a message is whole.
        const whole = encode(message, { ...value, more: undefined }).length;
        expect(alertOf(message, cut)).toBe(cut.length === whole ? undefined : ALERT.decodeError);
      }),
    );
  });
});

test("a value that does not fit is a RangeError of ours", () => {
  expect(() => encode(uint(1), 256)).toThrow(RangeError);
  expect(() => encode(uint(2), -1)).toThrow(RangeError);
  expect(() => encode(fixed(2), Buffer.alloc(3))).toThrow(RangeError);
  expect(() => encode(opaque(1), Buffer.alloc(256))).toThrow(RangeError);
  expect(() => encode(list(1, rest), [Buffer.alloc(256)])).toThrow(RangeError);
});
