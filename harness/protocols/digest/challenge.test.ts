import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DigestSyntaxError, parseChallenges, serializeChallenge } from "./index.ts";

function only(...headers: string[]) {
  const challenges = parseChallenges(headers);
  expect(challenges).toHaveLength(1);
  const [challenge] = challenges;
  if (challenge === undefined) throw new Error("no challenge");
  return challenge;
}

describe("examples of the specifications", () => {
  test("RFC 2617 3.5: no algorithm means MD5", () => {
    const challenge = only(
      'Digest realm="testrealm@host.com", qop="auth,auth-int", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", opaque="5ccc069c403ebaf9f0171e9517f40e41"',
    );
    expect(challenge).toMatchObject({
      scheme: "Digest",
      realm: "testrealm@host.com",
      nonce: "dcd98b7102dd2f0e8b11d0f600bfb0c093",
      opaque: "5ccc069c403ebaf9f0171e9517f40e41",
      algorithm: "MD5",
      qop: ["auth", "auth-int"],
      stale: false,
    });
  });

  test("RFC 7616 3.9.1: two headers, the preferred algorithm first", () => {
    const header = (algorithm: string) =>
      `Digest realm="r", qop="auth, auth-int", algorithm=${algorithm}, nonce="n"`;
    const challenges = parseChallenges([header("SHA-256"), header("MD5")]);
    expect(challenges.map(({ algorithm }) => algorithm)).toEqual(["SHA-256", "MD5"]);
  });

  test("RFC 7616 3.9.2: unknown parameters are kept", () => {
    const { parameters } = only('Digest realm="r", nonce="n", charset=UTF-8, userhash=true');
    expect(parameters.get("charset")).toEqual({ value: "UTF-8", quoted: false });
    expect(parameters.get("userhash")).toEqual({ value: "true", quoted: false });
  });

  test("RFC 9110 11.6.1: several challenges in one header, an empty list element", () => {
    const header =
      'Basic realm="simple", , Newauth realm="apps", type=1, title="Login to \\"apps\\"", Digest realm="d"';
    expect(parseChallenges([header]).map(({ scheme, realm }) => [scheme, realm])).toEqual([
      ["Basic", "simple"],
      ["Newauth", "apps"],
      ["Digest", "d"],
    ]);
    expect(parseChallenges([header])[1]?.parameters.get("title")?.value).toBe('Login to "apps"');
  });

  test("a scheme with a single value or none stands beside Digest", () => {
    const schemes = (header: string) => parseChallenges([header]).map(({ scheme }) => scheme);
    expect(schemes('Negotiate, Digest realm="r", NTLM')).toEqual(["Negotiate", "Digest", "NTLM"]);
    expect(schemes('Negotiate oYG2MIGz/+==, Digest realm="r"')).toEqual(["Negotiate", "Digest"]);
  });
});

describe("what fielded enablers send", () => {
  test("T2: names without case, quoted algorithm, stray `;` in the realm, any order", () => {
    const challenge = only('Digest Algorithm="MD5",QOP="auth",  NONCE="n" ,Realm="3GPP-bootstrapping@host;"');
    expect(challenge).toMatchObject({
      algorithm: "MD5",
      qop: ["auth"],
      nonce: "n",
      realm: "3GPP-bootstrapping@host;",
    });
    expect(challenge.parameters.get("algorithm")).toEqual({ value: "MD5", quoted: true });
  });

  test("T3: two names in the realm stay one value", () => {
    const realm = "3GPP-bootstrapping-uicc@f.example;3GPP-bootstrapping@f.example";
    expect(only(`Digest realm="${realm}", nonce="n"`).realm).toBe(realm);
  });

  test("T6: MD5-sess with auth-int", () => {
    expect(only('Digest realm="r", nonce="n", algorithm=MD5-sess, qop="auth-int"')).toMatchObject({
      algorithm: "MD5-sess",
      qop: ["auth-int"],
    });
  });

  test("white space around equals signs and commas, scheme in any case", () => {
    expect(only(' \tdIGEST \t realm = "r" ,\tnonce\t=\t"n" , stale = TRUE \t')).toMatchObject({
      scheme: "dIGEST",
      realm: "r",
      nonce: "n",
      stale: true,
    });
  });

  test("values without quotation marks, even if they are no tokens", () => {
    const challenge = only("Digest realm=3GPP-bootstrapping@host;, nonce=abc+/==, opaque=, qop=auth");
    expect(challenge).toMatchObject({
      realm: "3GPP-bootstrapping@host;",
      nonce: "abc+/==",
      opaque: "",
      qop: ["auth"],
    });
    expect(challenge.parameters.get("qop")?.quoted).toBe(false);
  });

  test("a list of qop values without quotation marks", () => {
    const challenge = only('Digest qop=auth-int, auth , realm="r"');
    expect(challenge).toMatchObject({ qop: ["auth-int", "auth"], realm: "r" });
    expect(parseChallenges(['Digest qop=auth, Auth realm="r"']).map(({ scheme }) => scheme)).toEqual([
      "Digest",
      "Auth",
    ]);
  });

  test.each([
    ["absent", 'Digest realm="r"', undefined],
    ["empty", 'Digest qop=""', []],
    ["other letters and spaces", 'Digest qop=" Auth ,, AUTH-INT "', ["auth", "auth-int"]],
    ["unknown", 'Digest qop="auth-conf"', ["auth-conf"]],
  ])("qop %s", (_, header, qop) => {
    expect(only(header).qop).toEqual(qop);
  });

  test.each([
    ["true", true],
    ['"True"', true],
    ["false", false],
    ["yes", false],
  ])("stale=%s", (value, stale) => {
    expect(only(`Digest stale=${value}`).stale).toBe(stale);
  });

  test("equal duplicates are one", () => {
    expect(only('Digest realm="r", REALM=r').realm).toBe("r");
  });

  test("octets above 127 are kept", () => {
    expect(only('Digest realm="\u00c3\u0080", nonce=\u00ff').parameters.get("realm")?.value).toBe(
      "\u00c3\u0080",
    );
  });

  test("nothing, or only empty elements, is no challenge", () => {
    expect(parseChallenges([])).toEqual([]);
    expect(parseChallenges(["", " , ,"])).toEqual([]);
  });
});

describe("refused", () => {
  test.each([
    ["parameter before any scheme", 'realm="r"', /a scheme before the parameter realm expected/],
    ["open quoted string", 'Digest realm="r', /a quoted string with its end expected at character 14/],
    ["quoted string that ends in an escape", 'Digest realm="r\\', /a quoted string with its end/],
    ["control character", 'Digest realm="r\0"', /without control characters/],
    ["escaped control character", 'Digest realm="r\\\0"', /without control characters/],
    ["line break", 'Digest realm="r\r\nX: y"', /without control characters/],
    ["control character without quotation marks", "Digest realm=r\0", /a comma expected/],
    ["quoted name", 'Digest "realm"=r', /a parameter name expected/],
    ["two values", 'Digest realm="r" "s"', /a comma expected/],
    ["parameter without value", "Digest realm nonce=n", /a comma before the scheme or a value after/],
    ["different duplicates", 'Digest realm="r", Realm="s"', /the parameter realm comes twice/],
    ["a qop list that goes wrong", 'Digest qop=auth, "x"', /a parameter name expected/],
    [
      "more than 64 parameters",
      `Digest ${Array.from({ length: 65 }, (_, n) => `p${n}=x`).join()}`,
      /more than 64/,
    ],
    ["more than 64 equal parameters", `Digest ${"p=x,".repeat(65)}`, /more than 64/],
    ["more than 16 KiB", `Digest realm="${"r".repeat(16 * 1024)}"`, /at most 16384 are read/],
  ])("%s", (_, header, message) => {
    expect(() => parseChallenges([header])).toThrow(DigestSyntaxError);
    expect(() => parseChallenges([header])).toThrow(message);
  });

  test("the bounds hold for all headers together", () => {
    const half = `Digest ${Array.from({ length: 33 }, (_, n) => `p${n}=x`).join()}`;
    expect(parseChallenges([half])).toHaveLength(1);
    expect(() => parseChallenges([half, half])).toThrow(/more than 64/);
    expect(() => parseChallenges([",".repeat(9000), ",".repeat(9000)])).toThrow(/18000 octets/);
  });

  test("the same parameter in two challenges is no duplicate", () => {
    expect(parseChallenges(['Digest realm="r", Digest realm="s"'])).toHaveLength(2);
  });
});

test("what is written is read back", () => {
  const value = fc.string({
    unit: fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)),
  });
  const field = fc.record({ realm: value, nonce: value, opaque: value }, { requiredKeys: [] });
  fc.assert(
    fc.property(fc.array(field, { minLength: 1, maxLength: 4 }), (challenges) => {
      const written = challenges.map(serializeChallenge);
      // One header for each challenge and all in one header are the same message (RFC 9110 5.3).
      for (const headers of [written, [written.join(", ")]]) {
        const read = parseChallenges(headers);
        expect(read.map(({ realm, nonce, opaque }) => ({ realm, nonce, opaque }))).toEqual(
          challenges.map(({ realm, nonce, opaque }) => ({ realm, nonce, opaque })),
        );
      }
    }),
  );
});

test("any text is read or refused as DigestSyntaxError", () => {
  const piece = fc.constantFrom(
    ...'"\\=,; \t\0',
    "Digest",
    "Basic",
    "realm",
    "qop",
    "auth",
    "nonce=",
    "a==",
    "__proto__=1",
  );
  fc.assert(
    fc.property(
      fc.array(fc.array(fc.oneof(piece, fc.string({ unit: "binary" }))).map((all) => all.join(""))),
      (headers) => {
        try {
          for (const { parameters } of parseChallenges(headers))
            expect(parameters.size).toBeLessThanOrEqual(64);
        } catch (error) {
          expect(error).toBeInstanceOf(DigestSyntaxError);
        }
      },
    ),
    { numRuns: 500 },
  );
});
