import { describe, expect, test } from "vitest";
import { serializeAuthenticationInfo, serializeAuthorization, serializeChallenge } from "./index.ts";

describe("the examples, from records in any order", () => {
  test("Authorization of RFC 2617 3.5", () => {
    const header = serializeAuthorization({
      opaque: "5ccc069c403ebaf9f0171e9517f40e41",
      response: "6629fae49393a05397450978507c4ef1",
      cnonce: "0a4f113b",
      nc: "00000001",
      qop: "auth",
      uri: "/dir/index.html",
      nonce: "dcd98b7102dd2f0e8b11d0f600bfb0c093",
      realm: "testrealm@host.com",
      username: "Mufasa",
    });
    expect(header).toBe(
      'Digest username="Mufasa", realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", uri="/dir/index.html", qop=auth, nc=00000001, cnonce="0a4f113b", response="6629fae49393a05397450978507c4ef1", opaque="5ccc069c403ebaf9f0171e9517f40e41"',
    );
  });

  test("Authorization of a synchronisation failure, TS 24.109 A.4", () => {
    const header = serializeAuthorization({
      auts: "uoU=",
      algorithm: "AKAv1-MD5",
      opaque: "o",
      response: "r",
      username: "u",
    });
    expect(header).toBe('Digest username="u", response="r", opaque="o", algorithm=AKAv1-MD5, auts="uoU="');
  });

  test("userhash and extended user name of RFC 7616 3.9.2", () => {
    const header = serializeAuthorization({ userhash: "false", "username*": "UTF-8''J%C3%A4s%C3%B8n%20Doe" });
    expect(header).toBe("Digest username*=UTF-8''J%C3%A4s%C3%B8n%20Doe, userhash=false");
  });

  test("challenge of RFC 7616 3.9.1", () => {
    const header = serializeChallenge({
      opaque: "FQhe",
      nonce: "7ypf",
      algorithm: "SHA-256",
      qop: "auth, auth-int",
      realm: "http-auth@example.org",
      stale: "true",
    });
    expect(header).toBe(
      'Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=SHA-256, nonce="7ypf", opaque="FQhe", stale=true',
    );
  });

  test("Authentication-Info of RFC 3310 4", () => {
    const header = serializeAuthenticationInfo({
      nc: "00000001",
      cnonce: "0a4f113b",
      rspauth: "6629",
      qop: "auth-int",
      nextnonce: "n",
    });
    expect(header).toBe('qop=auth-int, rspauth="6629", cnonce="0a4f113b", nc=00000001, nextnonce="n"');
  });

  test("undefined fields are left out, empty ones are not", () => {
    expect(serializeAuthorization({ username: "u", qop: undefined, nonce: "", response: "" })).toBe(
      'Digest username="u", nonce="", response=""',
    );
  });
});

describe("lies", () => {
  test("a list keeps its order, its duplicates and unknown names", () => {
    const header = serializeAuthorization([
      { name: "response", value: "31" },
      { name: "username", value: "a" },
      { name: "username", value: "b" },
      { name: "X-Odd", value: "y" },
    ]);
    expect(header).toBe('Digest response="31", username="a", username="b", X-Odd="y"');
  });

  test("a list says how each value is written", () => {
    const header = serializeAuthorization([
      { name: "qop", value: "auth", quoted: true },
      { name: "Algorithm", value: "MD5" },
      { name: "username", value: "a@b", quoted: false },
    ]);
    expect(header).toBe('Digest qop="auth", Algorithm=MD5, username=a@b');
  });

  test("nothing is validated", () => {
    expect(serializeAuthorization({ nc: "not hex", qop: "auth,auth-int" })).toBe(
      "Digest qop=auth,auth-int, nc=not hex",
    );
  });
});

test("quotation marks and backslashes are escaped", () => {
  expect(serializeChallenge({ realm: 'a"b\\c' })).toBe('Digest realm="a\\"b\\\\c"');
});
