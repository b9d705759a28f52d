import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  DigestSyntaxError,
  parseAuthenticationInfo,
  parseAuthorization,
  serializeAuthenticationInfo,
  serializeAuthorization,
} from "./index.ts";

describe("Authorization", () => {
  test("first message on Ub: empty nonce and response (TS 24.109 A.3)", () => {
    const header =
      'Digest username="user1_private@home1.net", realm="bsf.home1.net", nonce="", uri="/", response=""';
    expect(parseAuthorization(header)).toMatchObject({
      username: "user1_private@home1.net",
      realm: "bsf.home1.net",
      nonce: "",
      uri: "/",
      response: "",
      qop: undefined,
      nc: undefined,
      cnonce: undefined,
      opaque: undefined,
      algorithm: undefined,
      auts: undefined,
    });
  });

  test("synchronisation failure (TS 24.109 A.4)", () => {
    const header =
      'Digest username="u", realm="r", nonce="n==", uri="/", qop=auth-int, nc=00000001, cnonce="c", response="6629", opaque="o", algorithm=AKAv1-MD5, auts="uoU/PBI8z0TpNZbjVcY="';
    const credentials = parseAuthorization(header);
    expect(credentials).toMatchObject({
      qop: "auth-int",
      nc: "00000001",
      cnonce: "c",
      response: "6629",
      opaque: "o",
      algorithm: "AKAv1-MD5",
      auts: "uoU/PBI8z0TpNZbjVcY=",
    });
    expect(credentials.parameters.get("nc")?.quoted).toBe(false);
    expect(credentials.parameters.get("cnonce")?.quoted).toBe(true);
  });

  test("both forms of values, any case, unknown parameters", () => {
    const { parameters, ...credentials } = parseAuthorization(
      'DIGEST UserName=a/b==@c,QOP="auth", nc = "1",x=y',
    );
    expect(credentials).toMatchObject({ username: "a/b==@c", qop: "auth", nc: "1" });
    expect([...parameters.keys()]).toEqual(["username", "qop", "nc", "x"]);
  });

  test("a scheme alone has no parameters", () => {
    expect(parseAuthorization("Digest").parameters.size).toBe(0);
  });

  test.each([
    ["empty", "", /an authentication scheme expected/],
    ["Basic", "Basic dTpw", /the scheme Digest instead of Basic expected/],
    ["no scheme", 'username="u", realm="r"', /the scheme Digest instead of username expected/],
    [
      "second credentials",
      'Digest username="u", Digest username="v"',
      /an equals sign after Digest expected/,
    ],
    ["two users", 'Digest username="u", username="v"', /the parameter username comes twice/],
    ["open quoted string", 'Digest username="u', /a quoted string with its end/],
    ["more than 64", `Digest ${Array.from({ length: 65 }, (_, n) => `p${n}=x`).join()}`, /more than 64/],
    ["more than 16 KiB", `Digest username="${"u".repeat(20000)}"`, /20018 octets/],
  ])("refused: %s", (_, header, message) => {
    expect(() => parseAuthorization(header)).toThrow(DigestSyntaxError);
    expect(() => parseAuthorization(header)).toThrow(message);
  });
});

describe("Authentication-Info", () => {
  test("example of RFC 3310 4", () => {
    const header = 'qop=auth-int, rspauth="6629fae49393a05397450978507c4ef1", cnonce="0a4f113b", nc=00000001';
    expect(parseAuthenticationInfo(header)).toMatchObject({
      qop: "auth-int",
      rspauth: "6629fae49393a05397450978507c4ef1",
      cnonce: "0a4f113b",
      nc: "00000001",
      nextnonce: undefined,
    });
  });

  test("T6: white space before the equals sign; T10: unknown parameters", () => {
    const info = parseAuthenticationInfo('nextnonce   = "n", nonce="x", opaque="y"');
    expect(info.nextnonce).toBe("n");
    expect(info.parameters.get("opaque")?.value).toBe("y");
  });

  test.each(["rspauth", "Digest rspauth=x", 'rspauth="a", rspauth="b"', 'rspauth="a'])(
    "refused: %s",
    (header) => {
      expect(() => parseAuthenticationInfo(header)).toThrow(DigestSyntaxError);
    },
  );
});

test("what is written is read back", () => {
  const quotable = fc.string({
    unit: fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)),
  });
  const token = fc.stringMatching(/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,20}$/);
  const quoted = fc.record({
    username: quotable,
    realm: quotable,
    nonce: quotable,
    uri: quotable,
    cnonce: quotable,
  });
  const bare = fc.record({ qop: token, nc: token, algorithm: token });
  fc.assert(
    fc.property(quoted, bare, (strings, tokens) => {
      const fields = { ...strings, ...tokens };
      expect(parseAuthorization(serializeAuthorization(fields))).toMatchObject(fields);
      const { cnonce, nc, qop, nonce: rspauth } = fields;
      const info = { cnonce, nc, qop, rspauth };
      expect(parseAuthenticationInfo(serializeAuthenticationInfo(info))).toMatchObject(info);
    }),
  );
});

test("any text is read or refused as DigestSyntaxError", () => {
  const piece = fc.constantFrom(...'"\\=,; \t\0', "Digest ", "username", "qop=auth,", "nc=1");
  fc.assert(
    fc.property(fc.array(fc.oneof(piece, fc.string({ unit: "binary" }))), (pieces) => {
      for (const read of [parseAuthorization, parseAuthenticationInfo]) {
        for (const header of [pieces.join(""), `Digest ${pieces.join("")}`]) {
          try {
            expect(read(header)).toHaveProperty("parameters");
          } catch (error) {
            expect(error).toBeInstanceOf(DigestSyntaxError);
          }
        }
      }
    }),
    { numRuns: 500 },
  );
});
