import { describe, expect, test } from "vitest";
import { type DigestInput, digestOf, inputOf } from "./computation.ts";
import { parseCredentials } from "./credentials.ts";

const NO_BODY = Buffer.alloc(0);

describe("published vectors", () => {
  test("RFC 2617 3.5", () => {
    const input: DigestInput = {
      algorithm: "MD5",
      username: "Mufasa",
      realm: "testrealm@host.com",
      password: "Circle Of Life",
      nonce: "dcd98b7102dd2f0e8b11d0f600bfb0c093",
      uri: "/dir/index.html",
      protection: { qop: "auth", nc: "00000001", cnonce: "0a4f113b" },
    };
    expect(digestOf(input, "GET", NO_BODY)).toBe("6629fae49393a05397450978507c4ef1");
  });

  test.each([
    ["MD5", "8ca523f5e9506fed4657c9700eebdbec"],
    ["SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"],
  ] as const)("RFC 7616 3.9.1 %s", (algorithm, response) => {
    const input: DigestInput = {
      algorithm,
      username: "Mufasa",
      realm: "http-auth@example.org",
      password: "Circle of Life",
      nonce: "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v",
      uri: "/dir/index.html",
      protection: { qop: "auth", nc: "00000001", cnonce: "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ" },
    };
    expect(digestOf(input, "GET", NO_BODY)).toBe(response);
  });
});

// Computed by another implementation over the body `hello`.
test.each([
  ["MD5-sess", "auth-int", "6a1a4afa9798b44b19c2a93b62d15219"],
  ["SHA-256-sess", "auth", "2fd51b3a77ad75bad6afad6003e818d767133c46d9e2749e7f5232ae1ea3efd7"],
  ["SHA-512-256", "auth", "430d05014cecc49cab6fbe03176d41a1da86cbfe24a16580e22aaad928d960d0"],
  ["SHA-512-256-sess", "auth-int", "624a95ce6eb0c4d02a07dac0bb173ab759426c02a61f702aa580f06705bd6bfd"],
] as const)("%s, qop %s", (algorithm, qop, response) => {
  const input: DigestInput = {
    algorithm,
    username: "Mufasa",
    realm: "http-auth@example.org",
    password: "Circle of Life",
    nonce: "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v",
    uri: "/dir/index.html",
    protection: { qop, nc: "00000001", cnonce: "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ" },
  };
  expect(digestOf(input, "GET", Buffer.from("hello"))).toBe(response);
});

test("Ks_NAF of the worked GBA vectors as password, under auth-int without a body", () => {
  const key = Buffer.from("7c351b69c4910d2da5a312ad73ce3ac7be6f46165fdb9ffc3494d874aca8a501", "hex");
  const credentials = parseCredentials(
    'Digest username="I1U8vpY3qJ0hiuZNrke/NQ==@bsf.home1.net", realm="3GPP-bootstrapping@naf1.home1.net", ' +
      'nonce="dcd98b7102dd2f0e8b11d0f600bfb0c0", uri="/", qop=auth-int, nc=00000001, ' +
      'cnonce="6629fae49393a05397450978507c4ef1", response="016da743a31355d5ed395d37ac262a8a"',
  );
  if (credentials === undefined) throw new Error("not Digest");
  expect(digestOf(inputOf(credentials, key), "GET", NO_BODY)).toBe(credentials.response);
});

test("under auth-int the body counts, under auth it does not", () => {
  const input: DigestInput = {
    algorithm: "SHA-256",
    username: "u",
    realm: "r",
    password: "p",
    nonce: "n",
    uri: "/",
    protection: { qop: "auth", nc: "00000001", cnonce: "c" },
  };
  const int: DigestInput = { ...input, protection: { qop: "auth-int", nc: "00000001", cnonce: "c" } };
  const [a, b] = [Buffer.from("a"), Buffer.from("b")];
  expect(digestOf(input, "POST", a)).toBe(digestOf(input, "POST", b));
  expect(digestOf(int, "POST", a)).not.toBe(digestOf(int, "POST", b));
});
