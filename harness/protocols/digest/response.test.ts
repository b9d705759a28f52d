import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type DigestAlgorithm, type DigestInput, digestAlgorithm, digestResponse, rspauth } from "./index.ts";

const RFC7616 = {
  username: "Mufasa",
  realm: "http-auth@example.org",
  password: "Circle of Life",
  nonce: "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v",
  method: "GET",
  uri: "/dir/index.html",
  nc: "00000001",
  cnonce: "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
} as const;

describe("published examples", () => {
  const rfc2617 = {
    ...RFC7616,
    algorithm: "MD5",
    realm: "testrealm@host.com",
    nonce: "dcd98b7102dd2f0e8b11d0f600bfb0c093",
  } as const;

  test("RFC 2617 3.5", () => {
    const input = { ...rfc2617, password: "Circle Of Life", qop: "auth", cnonce: "0a4f113b" } as const;
    expect(digestResponse(input)).toBe("6629fae49393a05397450978507c4ef1");
  });

  test("RFC 7616 3.9.1 with MD5", () => {
    const response = digestResponse({ ...RFC7616, algorithm: "MD5", qop: "auth" });
    expect(response).toBe("8ca523f5e9506fed4657c9700eebdbec");
  });

  test("RFC 7616 3.9.1 with SHA-256", () => {
    const response = digestResponse({ ...RFC7616, algorithm: "SHA-256", qop: "auth" });
    expect(response).toBe("753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1");
  });

  test("RFC 2069 2.4, whose printed response is wrong and corrected by erratum 749", () => {
    const { nc: _nc, cnonce: _cnonce, ...input } = rfc2617;
    const response = digestResponse({ ...input, password: "CircleOfLife" });
    expect(response).toBe("1949323746fe6a43ef61f9606e7febea");
  });

  // RFC 7616 3.9.2 is no vector: its values are those of SHA-512 cut to 256 bits, which is not SHA-512/256.
});

describe("all algorithms and qop values, computed by another implementation over the body `hello`", () => {
  test.each<[DigestAlgorithm, DigestInput["qop"], string, string]>([
    ["MD5", undefined, "7b2cc3b30e75b4777ea31027084363fd", "0ce41fdcf28d7cea59b4fc9db4714a38"],
    ["MD5", "auth", "8ca523f5e9506fed4657c9700eebdbec", "9b712497bc9f91499fbcca1dfc5f09a5"],
    ["MD5", "auth-int", "1707eaf5c6ed1a8f6ff2e49286b06bc2", "6e17dd06bd52f02e910b2954c2041177"],
    ["MD5-sess", undefined, "37a7f42db2090a3fcac4e26e747d4fc8", "c65f1e29e2e8a98517f3e75f4fe1ac40"],
    ["MD5-sess", "auth", "e783283f46242139c486a698fec7211d", "b9bdf5673282d64412df46ad40660539"],
    ["MD5-sess", "auth-int", "6a1a4afa9798b44b19c2a93b62d15219", "eddb68e0ff4f07555c48236d14c18a76"],
    [
      "SHA-256",
      "auth-int",
      "887bb8d7a6c4cc95528278df0ec68f641244105a1d6a3aa8769488086b20e097",
      "321792e3b6d15d49cb353cdc72f9cb50758a6673121eaeac0d7c912dae40bc19",
    ],
    [
      "SHA-256-sess",
      "auth",
      "2fd51b3a77ad75bad6afad6003e818d767133c46d9e2749e7f5232ae1ea3efd7",
      "d4ad609d150eafce2281da5c3179878fdb37e6a16021272f4bed1a082f5c2324",
    ],
    [
      "SHA-512-256",
      "auth",
      "430d05014cecc49cab6fbe03176d41a1da86cbfe24a16580e22aaad928d960d0",
      "c8f9593a4f49b95ce2c483cc3222ecd360a5c6ec52ca24a530b0aac18478de8c",
    ],
    [
      "SHA-512-256-sess",
      "auth-int",
      "624a95ce6eb0c4d02a07dac0bb173ab759426c02a61f702aa580f06705bd6bfd",
      "1a661900a56dc3a909762fb601c1667ae07fee62eb5f39fb6f126aff7cd27abc",
    ],
  ])("%s, qop %s", (algorithm, qop, response, responseAuth) => {
    const { method: _method, ...answer } = { ...RFC7616, algorithm, qop, body: "hello" };
    expect(digestResponse({ ...RFC7616, algorithm, qop, body: "hello" })).toBe(response);
    expect(rspauth(answer)).toBe(responseAuth);
  });
});

describe("AKAv1-MD5", () => {
  const input = { ...RFC7616, algorithm: "AKAv1-MD5", qop: "auth-int" } as const;

  test("takes the octets of RES, which need not be text (RFC 3310 3.3)", () => {
    const res = Uint8Array.of(0, 0x80, 0xff, 0x3a, 0xc3, 0x28, 0xfe, 0x0a);
    const asText = new TextDecoder("utf-8").decode(res);
    expect(digestResponse({ ...input, password: res })).not.toBe(
      digestResponse({ ...input, password: asText }),
    );
  });

  test("is MD5 with that password", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 16 }), (password) => {
        const aka = digestResponse({ ...input, password });
        expect(aka).toBe(digestResponse({ ...input, algorithm: "MD5", password }));
      }),
    );
  });
});

describe("what enters the hash", () => {
  const input = { ...RFC7616, algorithm: "MD5", qop: "auth-int", body: "body" } as const;
  const base = digestResponse(input);

  test.each([
    ["username", { username: "mufasa" }],
    ["realm", { realm: "other" }],
    ["password", { password: "circle of life" }],
    ["nonce", { nonce: "other" }],
    ["method", { method: "POST" }],
    ["uri", { uri: "/dir/index.htm" }],
    ["qop", { qop: "auth" as const }],
    ["nc", { nc: "00000002" }],
    ["cnonce", { cnonce: "other" }],
    ["body under auth-int", { body: "bodY" }],
    ["algorithm", { algorithm: "MD5-sess" as const }],
  ])("%s", (_, changed) => {
    expect(digestResponse({ ...input, ...changed })).not.toBe(base);
  });

  test("not the body under auth", () => {
    const auth = { ...input, qop: "auth" } as const;
    expect(digestResponse({ ...auth, body: "other" })).toBe(digestResponse(auth));
  });

  test("no body is the empty body, and text is UTF-8", () => {
    const { body: _body, ...without } = input;
    expect(digestResponse(without)).toBe(digestResponse({ ...input, body: new Uint8Array() }));
    expect(digestResponse({ ...input, body: "\u00e4" })).toBe(
      digestResponse({ ...input, body: Uint8Array.of(0xc3, 0xa4) }),
    );
  });
});

describe("nc and cnonce", () => {
  test.each([
    ["nc", { nc: undefined, qop: "auth" as const }],
    ["cnonce", { cnonce: undefined, qop: "auth-int" as const }],
    ["cnonce", { cnonce: undefined, algorithm: "SHA-256-sess" as const }],
  ])("%s is needed", (name, changed) => {
    const input = { ...RFC7616, algorithm: "SHA-256" as const, ...changed };
    expect(() => digestResponse(input)).toThrow(TypeError);
    expect(() => digestResponse(input)).toThrow(new RegExp(`^${name} is needed for`));
  });

  test("an empty one can be hashed on purpose", () => {
    const input = { ...RFC7616, algorithm: "MD5", qop: "auth", nc: "", cnonce: "" } as const;
    expect(digestResponse(input)).toMatch(/^[0-9a-f]{32}$/);
  });
});

describe("algorithm tokens", () => {
  test.each([
    ["MD5", "MD5"],
    ["md5", "MD5"],
    ["MD5-SESS", "MD5-sess"],
    ["sha-256", "SHA-256"],
    ["SHA-512-256-sess", "SHA-512-256-sess"],
    ["akav1-md5", "AKAv1-MD5"],
    ["AKAv2-MD5", undefined],
    ["SHA-1", undefined],
    ["", undefined],
    ["toString", undefined],
    ["__proto__", undefined],
  ])("%j", (token, algorithm) => {
    expect(digestAlgorithm(token)).toBe(algorithm);
  });
});
