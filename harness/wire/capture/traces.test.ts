import { randomBytes } from "node:crypto";
import { deflateSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { traceOf } from "./traces.ts";

const SECRET = Buffer.from("secret-canary-of-this-case");
const around = (octets: Buffer) => Buffer.concat([randomBytes(301), octets, randomBytes(77)]);

describe("a secret on the wire", () => {
  test.each([
    ["as it is", SECRET],
    ["in hexadecimal digits", Buffer.from(SECRET.toString("hex").toUpperCase())],
    ["in UTF-16", Buffer.from(SECRET.toString(), "utf16le")],
    ["percent-encoded", Buffer.from([...SECRET].map((octet) => `%${octet.toString(16)}`).join(""))],
    ["backwards", Buffer.from(SECRET).reverse()],
    ["compressed, as it is", gzipSync(Buffer.concat([Buffer.from("a page with "), SECRET]))],
    ["compressed, as it is", deflateSync(Buffer.concat([Buffer.from("a page with "), SECRET]))],
  ])("%s is found", (form, octets) => {
    expect(traceOf(around(octets), SECRET)).toBe(form);
  });

  test("in base64 is found wherever it stands in what was encoded", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 20 }), fc.uint8Array({ maxLength: 20 }), (before, behind) => {
        const encoded = Buffer.concat([before, SECRET, behind]);
        for (const form of ["base64", "base64url"] as const)
          expect(traceOf(Buffer.from(encoded.toString(form)), SECRET)).toMatch(/^in base64/);
      }),
    );
  });

  test("that is not there is not found, and a short one is not looked for", () => {
    for (let times = 0; times < 20; times += 1) expect(traceOf(randomBytes(4_000), SECRET)).toBeUndefined();
    expect(() => traceOf(Buffer.alloc(1), Buffer.alloc(7))).toThrow(RangeError);
  });
});
