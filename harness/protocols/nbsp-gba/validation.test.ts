import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { BOOTSTRAPPING_INFO_PATH, type ProblemDetails, validateRequest, validateResponse } from "./index.ts";

const request = { btId: "x@bsf.example", nafId: { nafFqdn: "naf.example", uaSecProtId: "01000100a8" } };
const uss = { gsId: 1, gsType: 2, ueIds: [{ ueId: "sip:user@home.example" }] };
const response = { meKeyMaterial: "00".repeat(32) };

test("the operation is that of TS 29.309", () => {
  expect(BOOTSTRAPPING_INFO_PATH).toBe("/nbsp-gba/v1/bootstrapping-info-retrieval");
});

describe("requests that the schema allows", () => {
  test.each([
    ["smallest", request],
    ["everything", { ...request, gbaUAware: true, gsIds: [0, 0xffffffff] }],
    ["upper case", { ...request, nafId: { ...request.nafId, uaSecProtId: "01000100A8" } }],
    ["opaque B-TID", { ...request, btId: "" }],
    ["unknown members", { ...request, later: { release: 19 } }],
  ])("%s", (_, json) => {
    expect(validateRequest(json)).toEqual({ ok: true, value: json });
  });
});

describe("requests that it does not allow: the error names the member", () => {
  test.each([
    ["null", null, "the message must be object"],
    ["text", "{}", "the message must be object"],
    ["array", [request], "the message must be object"],
    ["no B-TID", { nafId: request.nafId }, "the message must have required property 'btId'"],
    ["no NAF_Id", { btId: request.btId }, "the message must have required property 'nafId'"],
    ["B-TID is a number", { ...request, btId: 1 }, "/btId must be string"],
    [
      "no FQDN",
      { ...request, nafId: { uaSecProtId: "0100000002" } },
      "/nafId must have required property 'nafFqdn'",
    ],
    [
      "FQDN with port",
      { ...request, nafId: { ...request.nafId, nafFqdn: "naf.example:443" } },
      "/nafId/nafFqdn must match",
    ],
    [
      "FQDN of one label",
      { ...request, nafId: { ...request.nafId, nafFqdn: "localhost" } },
      "/nafId/nafFqdn must match",
    ],
    [
      "8 digits",
      { ...request, nafId: { ...request.nafId, uaSecProtId: "01000002" } },
      "/nafId/uaSecProtId must match",
    ],
    ["gbaUAware", { ...request, gbaUAware: "true" }, "/gbaUAware must be boolean"],
    ["no service", { ...request, gsIds: [] }, "/gsIds must NOT have fewer than 1 items"],
    ["33 bits", { ...request, gsIds: [1, 2 ** 32] }, "/gsIds/1 must be <= 4294967295"],
    ["negative", { ...request, gsIds: [-1] }, "/gsIds/0 must be >= 0"],
  ])("%s", (_, json, error) => {
    expect(validateRequest(json)).toEqual({ ok: false, errors: [expect.stringContaining(error)] });
  });
});

describe("answers that the schema allows", () => {
  test.each([
    ["smallest", response],
    [
      "everything",
      {
        meKeyMaterial: "aB".repeat(32),
        uiccKeyMaterial: "Cd".repeat(32),
        keyExpiryTime: "2030-01-01T00:00:00Z",
        bootstrappingInfoCreationTime: "2029-12-31T23:59:59.999+01:00",
        ussList: [
          { uss },
          { uss: { ...uss, nafGroup: "A", flags: [{ flag: 1 }], keyChoice: "ME_BASED_KEY" } },
        ],
        gbaType: "3G_GBA",
        impi: "user@home.example",
      },
    ],
    ["values of a later release", { ...response, gbaType: "6G_GBA" }],
    ["unknown members", { ...response, later: true }],
  ])("%s", (_, json) => {
    expect(validateResponse(json)).toEqual({ ok: true, value: json });
  });
});

describe("answers that it does not allow: the error names the member", () => {
  test.each([
    ["no key", {}, "the message must have required property 'meKeyMaterial'"],
    ["empty key", { meKeyMaterial: "" }, "/meKeyMaterial must match"],
    ["16 octets", { meKeyMaterial: "00".repeat(16) }, "/meKeyMaterial must match"],
    ["33 octets", { meKeyMaterial: "00".repeat(33) }, "/meKeyMaterial must match"],
    ["no hexadecimal key", { meKeyMaterial: "g".repeat(64) }, "/meKeyMaterial must match"],
    [
      "line break after the key",
      { meKeyMaterial: `${response.meKeyMaterial}\n` },
      "/meKeyMaterial must match",
    ],
    ["key as octets", { meKeyMaterial: Array(32).fill(0) }, "/meKeyMaterial must be string"],
    ["expiry in seconds", { ...response, keyExpiryTime: 1893456000 }, "/keyExpiryTime must be string"],
    [
      "expiry without offset",
      { ...response, keyExpiryTime: "2030-01-01T00:00:00" },
      "/keyExpiryTime must match format",
    ],
    [
      "expiry on no day",
      { ...response, keyExpiryTime: "2030-02-30T00:00:00Z" },
      "/keyExpiryTime must match format",
    ],
    ["no USS", { ...response, ussList: [] }, "/ussList must NOT have fewer"],
    ["USS not wrapped", { ...response, ussList: [uss] }, "/ussList/0 must have required property 'uss'"],
    [
      "USS of nobody",
      { ...response, ussList: [{ uss: { ...uss, ueIds: [] } }] },
      "/ussList/0/uss/ueIds must NOT",
    ],
    ["impi", { ...response, impi: null }, "/impi must be string"],
  ])("%s", (_, json, error) => {
    expect(validateResponse(json)).toEqual({ ok: false, errors: [expect.stringContaining(error)] });
  });

  test("the key itself stands in no error", () => {
    const verdict = validateResponse({ meKeyMaterial: "deadbeef".repeat(9) });
    expect(JSON.stringify(verdict)).not.toContain("deadbeef");
  });

  test("a thousand errors are cut to twenty", () => {
    const verdict = validateRequest({ ...request, gsIds: Array(1000).fill("x") });
    expect(verdict).toEqual({ ok: false, errors: expect.objectContaining({ length: 20 }) });
  });
});

test("any JSON gets a verdict, and the verdict does not change it", () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 4 }), (text) => {
      for (const judge of [validateRequest, validateResponse]) {
        const json: unknown = JSON.parse(text);
        expect(judge(json).ok).toBe(false);
        expect(json).toEqual(JSON.parse(text));
      }
    }),
  );
});

test("one member more or less than the smallest answer decides as the schema says", () => {
  fc.assert(
    fc.property(fc.string(), fc.jsonValue(), (name, value) => {
      const known = Object.hasOwn(
        { ...response, uiccKeyMaterial: 0, keyExpiryTime: 0, ussList: 0, gbaType: 0, impi: 0 },
        name,
      );
      fc.pre(!known && name !== "bootstrappingInfoCreationTime" && name !== "__proto__");
      expect(validateResponse({ ...response, [name]: value }).ok).toBe(true);
    }),
  );
});

test("ProblemDetails has the members that TS 29.571 names", () => {
  const problem: Required<ProblemDetails> = {
    type: "about:blank",
    title: "Not Found",
    status: 404,
    detail: "no such B-TID",
    instance: "/nbsp-gba/v1",
    cause: "USER_NOT_FOUND",
    invalidParams: [{ param: "/btId", reason: "unknown" }],
  };
  expect(Object.keys(problem).sort()).toEqual([
    "cause",
    "detail",
    "instance",
    "invalidParams",
    "status",
    "title",
    "type",
  ]);
});
