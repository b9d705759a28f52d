import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { KeyQuery } from "../association.ts";
import { conforming } from "../policy/conforming.ts";
import { readAnswer } from "./answer.ts";

const QUERY: KeyQuery = { wayIn: "uc1.psk-tls", btid: "a@b", nafFqdn: "naf.example", ua: "0100000007" };
const KEY = "931b99dfc888330d05395b42b66252f646950215d5cc8fcb89cfc06346cd57c6";
const GOOD = { meKeyMaterial: KEY, keyExpiryTime: "2030-01-01T00:00:00Z" };

function read(body: unknown, status = 200, contentType = "application/json") {
  const octets = Buffer.from(typeof body === "string" ? body : JSON.stringify(body));
  return readAnswer({ status, contentType, body: octets }, QUERY, (hex) =>
    conforming.keyMaterial(hex, QUERY.wayIn),
  );
}

describe("an answer with a key", () => {
  test("is bound to what was asked", () => {
    expect(read({ ...GOOD, impi: "user1@home1.example" })).toEqual({
      kind: "key",
      association: {
        btid: "a@b",
        ua: "0100000007",
        key: Buffer.from(KEY, "hex"),
        expiresAt: Date.UTC(2030, 0, 1),
        impi: "user1@home1.example",
      },
    });
  });

  test.each([
    ["upper-case digits", { ...GOOD, meKeyMaterial: KEY.toUpperCase() }],
    ["unknown members", { ...GOOD, other: [1] }],
    [
      "all that the schema has",
      {
        ...GOOD,
        uiccKeyMaterial: KEY,
        bootstrappingInfoCreationTime: "2029-01-01T00:00:00Z",
        gbaType: "3G_GBA",
        ussList: [{ uss: { gsId: 1, gsType: 2, ueIds: [{ ueId: "sip:user1@home1.example" }] } }],
      },
    ],
  ])("may have %s", (_name, body) => {
    expect(read(body).kind).toBe("key");
  });

  test("holds the public identities of all settings, in their order", () => {
    const setting = (...ueIds: string[]) => ({
      uss: { gsId: 1, gsType: 2, ueIds: ueIds.map((ueId) => ({ ueId })) },
    });
    const ussList = [setting("sip:a@home1.example", "tel:+1-555-0101"), setting("sip:b@home1.example")];
    expect(read({ ...GOOD, ussList })).toMatchObject({
      association: { publicIdentities: ["sip:a@home1.example", "tel:+1-555-0101", "sip:b@home1.example"] },
    });
  });

  test("may have parameters in its content type", () => {
    expect(read(GOOD, 200, "Application/JSON; charset=utf-8").kind).toBe("key");
  });
});

describe("an answer without a key", () => {
  test.each([
    [404, "unknown"],
    [403, "not-authorised"],
    [201, "unavailable"],
    [307, "unavailable"],
    [429, "unavailable"],
    [503, "unavailable"],
  ])("status %i is %s, whatever the body says", (status, kind) => {
    expect(read(GOOD, status).kind).toBe(kind);
  });

  test.each([
    ["no JSON", "<html>"],
    ["cut JSON", JSON.stringify(GOOD).slice(0, -1)],
    ["a list", [GOOD]],
    ["null", "null"],
    ["no key", { ...GOOD, meKeyMaterial: undefined }],
    ["an empty key", { ...GOOD, meKeyMaterial: "" }],
    ["a key of 16 octets", { ...GOOD, meKeyMaterial: KEY.slice(32) }],
    ["a key of 33 octets", { ...GOOD, meKeyMaterial: `${KEY}00` }],
    ["a key that is no hex", { ...GOOD, meKeyMaterial: KEY.replace("9", "g") }],
    ["a key that is a number", { ...GOOD, meKeyMaterial: 1 }],
    ["no expiry", { meKeyMaterial: KEY }],
    ["an expiry that is no date-time", { ...GOOD, keyExpiryTime: "tomorrow" }],
    ["an expiry that is a number", { ...GOOD, keyExpiryTime: 1_900_000_000 }],
    ["an IMPI that is no text", { ...GOOD, impi: 7 }],
    ["an empty IMPI", { ...GOOD, impi: "" }],
    ["an IMPI with a line break", { ...GOOD, impi: "a\nb" }],
    ["a broken member that is not used", { ...GOOD, uiccKeyMaterial: "00" }],
    ["an empty ussList", { ...GOOD, ussList: [] }],
    [
      "user security settings without users",
      { ...GOOD, ussList: [{ uss: { gsId: 1, gsType: 1, ueIds: [] } }] },
    ],
    [
      "a public identity with a line break",
      { ...GOOD, ussList: [{ uss: { gsId: 1, gsType: 1, ueIds: [{ ueId: "sip:a\nb" }] } }] },
    ],
    [
      "a gsId beyond 32 bits",
      { ...GOOD, ussList: [{ uss: { gsId: 2 ** 32, gsType: 1, ueIds: [{ ueId: "u" }] } }] },
    ],
  ])("%s is malformed", (_name, body) => {
    expect(read(body).kind).toBe("malformed");
  });

  test("another content type is malformed", () => {
    expect(read(GOOD, 200, "text/html").kind).toBe("malformed");
    expect(read(GOOD, 200, "").kind).toBe("malformed");
  });

  test("whatever the body, nothing is thrown", () => {
    fc.assert(fc.property(fc.json(), (body) => ["key", "malformed"].includes(read(body).kind)));
  });
});
