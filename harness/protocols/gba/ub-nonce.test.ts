import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeUbNonce, encodeUbNonce, GbaFormatError } from "./index.ts";

const octets16 = fc.uint8Array({ minLength: 16, maxLength: 16 });

test("RAND, AUTN and server data come back", () => {
  fc.assert(
    fc.property(octets16, octets16, fc.uint8Array({ maxLength: 100 }), (rand, autn, serverData) => {
      expect(decodeUbNonce(encodeUbNonce(rand, autn, serverData))).toEqual({ rand, autn, serverData });
    }),
  );
});

test("without server data it has 44 characters", () => {
  expect(encodeUbNonce(new Uint8Array(16), new Uint8Array(16))).toHaveLength(44);
});

test("any text is decoded or refused as GbaFormatError", () => {
  const base64Like = fc.string({ unit: fc.constantFrom(..."AZaz09+/=-_ ") });
  fc.assert(
    fc.property(fc.oneof(fc.string(), base64Like), (text) => {
      try {
        const { rand, autn, serverData } = decodeUbNonce(text);
        expect(encodeUbNonce(rand, autn, serverData)).toBe(text);
      } catch (error) {
        expect(error).toBeInstanceOf(GbaFormatError);
      }
    }),
  );
});

describe("refused", () => {
  const valid = encodeUbNonce(new Uint8Array(16).fill(0xfb), new Uint8Array(16).fill(0xff));

  test.each([
    ["empty", ""],
    ["31 octets", Buffer.alloc(31).toString("base64")],
    ["url-safe alphabet", valid.replaceAll("+", "-").replaceAll("/", "_")],
    ["without padding", valid.replace("=", "")],
    ["surplus padding", `${valid}=`],
    ["white space", `${valid.slice(0, 20)} ${valid.slice(20)}`],
    ["line break at the end", `${valid}\n`],
    ["bits after the last octet", valid.replace("8=", "9=")],
    ["hexadecimal", "00".repeat(31)],
    ["nonce printed in RFC 3310 3.2", "MzQ0a2xrbGtmbGtsZm9wb2tsc2tqaHJzZXNy9uQyMzMzMzQK="],
    ["nonce printed in RFC 3310 4", "CjPk9mRqNuT25eRkajM09uTl9nM09uTl9nMz5OX25PZz=="],
    ["too long", Buffer.alloc(6147).toString("base64")],
  ])("%s", (_, text) => {
    expect(text).not.toBe(valid);
    expect(() => decodeUbNonce(text)).toThrow(GbaFormatError);
  });
});

test("RAND and AUTN have 16 octets", () => {
  expect(() => encodeUbNonce(new Uint8Array(15), new Uint8Array(16))).toThrow(/^RAND must/);
  expect(() => encodeUbNonce(new Uint8Array(16), new Uint8Array(15))).toThrow(/^AUTN must/);
});
