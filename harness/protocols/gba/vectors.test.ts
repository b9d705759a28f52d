import { describe, expect, test } from "vitest";
import { buildAuts, challenge, openAuts } from "../aka/index.ts";
import { digestResponse, rspauth } from "../digest/index.ts";
import {
  deriveKs,
  deriveKsNaf,
  deriveTmpi,
  encodeUbNonce,
  ksNafPassword,
  makeBTid,
  nafId,
  parseBootstrappingInfo,
  serializeBootstrappingInfo,
  uaFromHex,
} from "./index.ts";
import { kdf, kdfInput } from "./kdf.ts";
import vectors from "./vectors/gba.json" with { type: "json" };

const octets = (hex: string) => Uint8Array.from(Buffer.from(hex, "hex"));
const hex = (field: Uint8Array) => Buffer.from(field).toString("hex");
const ascii = (text: string) => new TextEncoder().encode(text);

/** TS 35.208 set 1, from which all vectors but those of 2G were computed. */
const subscriber = {
  k: octets("465b5ce8b199b49faa5f0a2ee238a6bc"),
  opc: octets("cd63cb71954a9f4e48a5994e37a02baf"),
  rand: octets(vectors.base.RAND),
};
const sqn = octets(vectors.AUTS.SQNms);
const aka = challenge({ ...subscriber, sqn, amf: octets("b9b9") });
const binding = { ks: deriveKs(aka.ck, aka.ik), rand: subscriber.rand, impi: "user1_private@home1.net" };
const NAF = "naf1.home1.net";

test("base: from the subscriber's secrets to Ks, B-TID and nonce", () => {
  const { base } = vectors;
  expect(hex(aka.autn)).toBe(base.AUTN);
  expect(hex(aka.xres)).toBe(base.RES);
  expect(hex(binding.ks)).toBe(base.Ks);
  expect(makeBTid(subscriber.rand, "bsf.home1.net")).toBe(base.btid);
  expect(encodeUbNonce(subscriber.rand, aka.autn)).toBe(base.nonce);
});

test("AUTS: what the network reads is the SQN of the vector", () => {
  const auts = buildAuts({ ...subscriber, sqnMs: sqn });
  expect(hex(auts)).toBe(vectors.AUTS.AUTS);
  expect(Buffer.from(auts).toString("base64")).toBe(vectors.AUTS.b64);
  expect(openAuts({ ...subscriber, auts })).toEqual(sqn);
});

describe("Ks_NAF and Ks_int_NAF", () => {
  const named = Object.entries(vectors).flatMap(([name, vector]) => {
    const form = /^(Ks_NAF|Ks_int_NAF) ua=([0-9a-f]{10})/.exec(name);
    if (form === null || !("S" in vector && "out" in vector && "b64" in vector)) return [];
    return [
      { name, variant: form[1] === "Ks_NAF" ? "gba-me" : "gba-u", ua: form[2] ?? "", ...vector } as const,
    ];
  });

  test("all seven are here", () => expect(named).toHaveLength(7));

  test.each(named)("$name", ({ variant, ua, S, out, b64 }) => {
    const id = nafId(NAF, uaFromHex(ua));
    expect(hex(kdfInput(1, [ascii(variant), binding.rand, ascii(binding.impi), id]))).toBe(S);
    const key = deriveKsNaf({ ...binding, nafId: id, variant });
    expect(hex(key)).toBe(out);
    expect(ksNafPassword(key)).toBe(b64);
  });
});

test("TMPI", () => {
  const { S, out, tmpi } = vectors.TMPI;
  const id = nafId("bsf.home1.net", uaFromHex("0100000100"));
  const parameters = [ascii("gba-me"), binding.rand, ascii(binding.impi), id];
  expect(hex(kdfInput(1, parameters))).toBe(S);
  expect(hex(kdf(binding.ks, 1, parameters))).toBe(out);
  expect(deriveTmpi({ ...binding, bsfFqdn: "bsf.home1.net" })).toBe(tmpi);
});

describe("2G: the generic derivation with other parameters (TS 33.220 annex I)", () => {
  const res = vectors["2G RES"];
  const ks = vectors['2G Ks (order Ks-input,"3gpp-gba-ks",SRES)'];
  const key = Buffer.concat([octets(res.Kc), octets(res.Kc), subscriber.rand]);

  test("RES", () => {
    const parameters = [ascii("3gpp-gba-res"), octets(res.SRES)];
    expect(hex(kdfInput(1, parameters))).toBe(res.S);
    expect(hex(kdf(key, 1, parameters))).toBe(res.full);
    expect(hex(kdf(key, 1, parameters).subarray(0, 16))).toBe(res.RES128);
  });

  test("Ks", () => {
    const parameters = [octets(ks.ks_input), ascii("3gpp-gba-ks"), octets(res.SRES)];
    expect(hex(kdfInput(1, parameters))).toBe(ks.S);
    expect(hex(kdf(key, 1, parameters))).toBe(ks.Ks);
  });
});

describe("Digest on Ub and Ua", () => {
  const ub = {
    algorithm: "AKAv1-MD5",
    username: binding.impi,
    realm: "bsf.home1.net",
    password: aka.xres,
    nonce: vectors.base.nonce,
    uri: "/",
    qop: "auth-int",
    nc: "00000001",
    cnonce: "6629fae49393a05397450978507c4ef1",
  } as const;

  test("ub_response", () => {
    expect(digestResponse({ ...ub, method: "GET" })).toBe(vectors.ub_response.response);
  });

  test("ub_response_auts: empty password (RFC 3310 3.4)", () => {
    expect(digestResponse({ ...ub, method: "GET", password: "" })).toBe(vectors.ub_response_auts.response);
  });

  test("ub_rspauth, over the document that this folder writes", () => {
    const { body } = vectors.ub_rspauth;
    expect(rspauth({ ...ub, body })).toBe(vectors.ub_rspauth.rspauth);
    expect(serializeBootstrappingInfo(parseBootstrappingInfo(body))).toBe(body);
  });

  test("ua_response", () => {
    const password = ksNafPassword(deriveKsNaf({ ...binding, nafId: nafId(NAF, uaFromHex("0100000002")) }));
    expect(password).toBe(vectors.ua_response.password);
    const response = digestResponse({
      ...ub,
      algorithm: "MD5",
      username: vectors.base.btid,
      realm: `3GPP-bootstrapping@${NAF}`,
      password,
      nonce: "dcd98b7102dd2f0e8b11d0f600bfb0c0",
      method: "GET",
    });
    expect(response).toBe(vectors.ua_response.response);
  });
});
