import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MalformedCredentials, parseCredentials } from "./credentials.ts";

const RESPONSE = "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1";
const PARAMETERS = {
  username: '"a@b"',
  realm: '"r"',
  nonce: '"n"',
  uri: '"/"',
  algorithm: "SHA-256",
  response: `"${RESPONSE}"`,
  qop: "auth",
  nc: "0000000a",
  cnonce: '"c"',
};

function credentials(change: Record<string, string | undefined> = {}, separator = ", "): string {
  const list = Object.entries({ ...PARAMETERS, ...change }).filter(([, value]) => value !== undefined);
  return `Digest ${list.map(([name, value]) => `${name}=${value}`).join(separator)}`;
}

const PARSED = {
  username: "a@b",
  realm: "r",
  nonce: "n",
  uri: "/",
  response: RESPONSE,
  algorithm: "SHA-256",
  protection: { qop: "auth", nc: "0000000a", cnonce: "c" },
};

describe("well-formed credentials", () => {
  test.each([
    ["plain", credentials()],
    ["without spaces", credentials({}, ",")],
    ["with empty list elements and tabs", credentials({}, " ,\t, ")],
    [
      "scheme and names in other letters",
      credentials().replace("Digest", "dIGEST").replace("nonce=", "NONCE="),
    ],
    [
      "quoted qop, nc and algorithm",
      credentials({ qop: '"auth"', nc: '"0000000a"', algorithm: '"sha-256"' }),
    ],
    ["unknown parameters", credentials({ opaque: '"x"', other: "1" })],
  ])("%s", (_name, text) => {
    expect(parseCredentials(text)).toEqual(PARSED);
  });

  test("an answer without algorithm means MD5", () => {
    const response = `"${"0".repeat(32)}"`;
    expect(parseCredentials(credentials({ algorithm: undefined, response }))?.algorithm).toBe("MD5");
  });

  test("quoted pairs are unescaped", () => {
    expect(parseCredentials(credentials({ cnonce: '"a\\"b\\\\"' }))?.protection?.cnonce).toBe('a"b\\');
  });

  test("without qop there is no protection", () => {
    expect(parseCredentials(credentials({ qop: undefined }))?.protection).toBeUndefined();
  });

  test.each(["Basic dTpw", "Bearer x", "DigestX a=b", ""])("%j is of another scheme", (text) => {
    expect(parseCredentials(text)).toBeUndefined();
  });
});

describe("malformed credentials", () => {
  test.each([
    ...["username", "realm", "nonce", "uri", "response", "nc", "cnonce"].map((name) => [
      `without ${name}`,
      credentials({ [name]: undefined }),
    ]),
    ["a parameter twice", `${credentials()}, nonce="n"`],
    ["a parameter twice in other letters", `${credentials()}, NONCE="n"`],
    ["a B-TID without quotes", credentials({ username: "a@b" })],
    ["no comma", credentials({}, " ")],
    ["an open quotation mark", `${credentials()}, x="y`],
    ["another algorithm", credentials({ algorithm: "SHA-1" })],
    ["another qop", credentials({ qop: "auth-conf" })],
    ["nc of 7 digits", credentials({ nc: "0000001" })],
    ["an empty cnonce", credentials({ cnonce: '""' })],
    ["an empty response", credentials({ response: '""' })],
    ["a response of 63 digits", credentials({ response: `"${RESPONSE.slice(1)}"` })],
    ["a response of 65 digits", credentials({ response: `"${RESPONSE}0"` })],
    ["a response of MD5 length", credentials({ response: `"${RESPONSE.slice(0, 32)}"` })],
    ["userhash", credentials({ userhash: "true" })],
    ["more than 8 KiB", credentials({ opaque: `"${"x".repeat(8_192)}"` })],
  ])("%s", (_name, text) => {
    expect(() => parseCredentials(text ?? "")).toThrow(MalformedCredentials);
  });

  test("whatever text comes, nothing but MalformedCredentials is thrown", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        try {
          parseCredentials(`Digest ${text}`);
        } catch (error) {
          if (!(error instanceof MalformedCredentials)) throw error;
        }
      }),
    );
  });
});
