import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { extract } from "./extraction.ts";
import { response } from "./testing/accesses.ts";

const json = (value: unknown, pointer: string) =>
  extract(response(200, JSON.stringify(value)), { json: pointer });

describe("extract from JSON (RFC 6901)", () => {
  // RFC 6901 5, without the pointers to what is no text, number or boolean.
  const DOCUMENT = {
    foo: ["bar", "baz"],
    "": 0,
    "a/b": 1,
    "c%d": 2,
    "e^f": 3,
    "g|h": 4,
    "i\\j": 5,
    'k"l': 6,
    " ": 7,
    "m~n": 8,
  };

  it.each([
    ["/foo/0", "bar"],
    ["/foo/1", "baz"],
    ["/", "0"],
    ["/a~1b", "1"],
    ["/c%d", "2"],
    ["/e^f", "3"],
    ["/g|h", "4"],
    ["/i\\j", "5"],
    ['/k"l', "6"],
    ["/ ", "7"],
    ["/m~0n", "8"],
  ])("%j gives %j", (pointer, value) => expect(json(DOCUMENT, pointer)).toBe(value));

  it.each([
    "",
    "/foo",
    "/foo/2",
    "/foo/length",
    "/foo/-",
    "/missing",
    "/foo/0/0",
    "/constructor",
    "/__proto__",
  ])("%j gives nothing", (pointer) => expect(json(DOCUMENT, pointer)).toBeUndefined());

  it("gives members with the names of prototypes only where the document has them", () => {
    expect(extract(response(200, '{"__proto__":"alice"}'), { json: "/__proto__" })).toBe("alice");
    expect(json({ a: null, b: true }, "/a")).toBeUndefined();
    expect(json({ a: null, b: true }, "/b")).toBe("true");
  });

  it("gives nothing for a body that is no JSON, and never throws", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.string(), (body, pointer) => {
        const got = extract({ status: 200, headers: [], body: Buffer.from(body) }, { json: `/${pointer}` });
        expect(["undefined", "string"]).toContain(typeof got);
      }),
    );
  });

  it("does not read an endless body: what is cut is no JSON", () => {
    expect(json({ user: "alice", filler: "x".repeat(70_000) }, "/user")).toBeUndefined();
  });
});

describe("extract from a header or by a pattern", () => {
  it("takes the first value of the header, whatever its case", () => {
    const one = response(200, "", [
      ["X-User", "alice"],
      ["x-user", "bob"],
    ]);
    expect(extract(one, { header: "x-USER" })).toBe("alice");
    expect(extract(one, { header: "X-Other" })).toBeUndefined();
  });

  it("takes the first group of the pattern, within the bound", () => {
    const page = response(200, "<p>user: älice</p>");
    expect(extract(page, { pattern: "user: (\\p{L}+)" })).toBe("älice");
    expect(extract(page, { pattern: "user: \\p{L}+" })).toBeUndefined();
    const late = response(200, `${" ".repeat(64 * 1024)}user: alice`);
    expect(extract(late, { pattern: "user: (\\w+)" })).toBeUndefined();
  });
});
