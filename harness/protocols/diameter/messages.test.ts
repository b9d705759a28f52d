import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeAvps } from "./avp.ts";
import {
  AVPS,
  type Avp,
  allValues,
  answerTo,
  avpName,
  BOOTSTRAPPING_INFO,
  CAPABILITIES_EXCHANGE,
  DEVICE_WATCHDOG,
  decodeMessage,
  encodeMessage,
  experimentalResult,
  firstValue,
  isProtocolError,
  makeAvp,
  RESULT,
  readFields,
  requestOf,
  ZN_APPLICATION,
  ZN_APPLICATION_GROUP,
} from "./index.ts";

const identifiers = { hopByHop: 7, endToEnd: 9 };
const birFields = {
  "Session-Id": "naf.example;1;2",
  "Vendor-Specific-Application-Id": ZN_APPLICATION_GROUP,
  "Origin-Host": "naf.example",
  "Origin-Realm": "example",
  "Destination-Realm": "home.example",
  "Transaction-Identifier": Buffer.from("x@bsf.home.example"),
  "NAF-Id": Buffer.from("naf.example\x01\0\0\0\x02", "latin1"),
};
const bir = requestOf(BOOTSTRAPPING_INFO, identifiers, birFields);

describe("messages by layout", () => {
  test("a BIR has the flags and AVPs of the grammar in its order, and is read back", () => {
    const got = decodeMessage(encodeMessage(bir));
    expect(got).toMatchObject({
      request: true,
      proxiable: true,
      error: false,
      command: 310,
      application: 16_777_220,
    });
    expect(got.avps.map((avp) => avpName(avp))).toEqual(Object.keys(birFields));
    const read = readFields(BOOTSTRAPPING_INFO.request, got.avps);
    expect(read).toEqual({ ok: true, fields: birFields });
    const [vendor, application] = ZN_APPLICATION_GROUP;
    expect([vendor, application].map((avp) => avp && avpName(avp))).toEqual([
      "Vendor-Id",
      "Auth-Application-Id",
    ]);
    expect(firstValue(ZN_APPLICATION_GROUP, "Auth-Application-Id")).toBe(ZN_APPLICATION);
  });

  test("an answer takes identifiers, command, application and P flag from its request", () => {
    const answer = answerTo(bir, BOOTSTRAPPING_INFO.answer, {
      "Session-Id": "naf.example;1;2",
      "Vendor-Specific-Application-Id": ZN_APPLICATION_GROUP,
      "Experimental-Result": experimentalResult(5403),
      "Origin-Host": "bsf.home.example",
      "Origin-Realm": "home.example",
    });
    expect(answer).toMatchObject({
      ...identifiers,
      request: false,
      proxiable: true,
      command: 310,
      error: false,
    });
    expect(answer.avps.map((avp) => avpName(avp))).toEqual([
      "Session-Id",
      "Vendor-Specific-Application-Id",
      "Experimental-Result",
      "Origin-Host",
      "Origin-Realm",
    ]);
    const result = firstValue(answer.avps, "Experimental-Result") ?? [];
    expect([firstValue(result, "Vendor-Id"), firstValue(result, "Experimental-Result-Code")]).toEqual([
      10_415, 5403,
    ]);
  });

  test("lists come in order, and optional AVPs may be absent", () => {
    const cer = requestOf(CAPABILITIES_EXCHANGE, identifiers, {
      "Origin-Host": "naf.example",
      "Origin-Realm": "example",
      "Host-IP-Address": [Buffer.of(127, 0, 0, 1), Buffer.alloc(16)],
      "Vendor-Id": 0,
      "Product-Name": "x",
      "Vendor-Specific-Application-Id": [ZN_APPLICATION_GROUP],
    });
    expect(cer.proxiable).toBe(false);
    expect(allValues(cer.avps, "Host-IP-Address")).toEqual([Buffer.of(127, 0, 0, 1), Buffer.alloc(16)]);
    const read = readFields(CAPABILITIES_EXCHANGE.request, cer.avps);
    expect(read).toMatchObject({
      ok: true,
      fields: { "Vendor-Specific-Application-Id": [ZN_APPLICATION_GROUP] },
    });
    expect(firstValue(cer.avps, "Origin-State-Id")).toBeUndefined();
  });

  const unknownAvp = { ...makeAvp("Class", Buffer.alloc(3)), code: 9_999 };
  test.each<[string, readonly Avp[], number, number, string]>([
    [
      "AVP that nobody knows, with M",
      [...bir.avps, unknownAvp],
      RESULT.avpUnsupported,
      9_999,
      "AVP 9999 has the M flag",
    ],
    [
      "AVP of another vendor, with M",
      [...bir.avps, { ...unknownAvp, code: 268, vendor: 10_415 }],
      RESULT.avpUnsupported,
      268,
      "of vendor 10415",
    ],
    [
      "no B-TID",
      bir.avps.filter(({ code }) => code !== 401),
      RESULT.missingAvp,
      401,
      "Transaction-Identifier is missing",
    ],
    [
      "two NAF_Ids",
      [...bir.avps, makeAvp("NAF-Id", Buffer.of(1))],
      RESULT.occursTooManyTimes,
      402,
      "2 times",
    ],
    [
      "indicator of 5 octets",
      [...bir.avps, { ...makeAvp("GBA_U-Awareness-Indicator", 0), data: Buffer.alloc(5) }],
      RESULT.invalidAvpLength,
      407,
      "GBA_U-Awareness-Indicator",
    ],
    [
      "group that is none",
      [...bir.avps, { ...makeAvp("Proxy-Info", []), data: Buffer.alloc(5) }],
      RESULT.invalidAvpValue,
      284,
      "Proxy-Info",
    ],
  ])(
    "what a request has wrong becomes a result code and the AVP that failed: %s",
    (_, avps, resultCode, code, text) => {
      const read = readFields(BOOTSTRAPPING_INFO.request, avps);
      expect(read).toMatchObject({
        ok: false,
        problem: { resultCode, failed: { code }, text: expect.stringContaining(text) },
      });
    },
  );

  test("the AVP that stands for a missing one has the least data of its format", () => {
    const read = readFields(DEVICE_WATCHDOG.answer, []);
    expect(read).toMatchObject({
      problem: { failed: { code: 268, mandatory: true, data: Buffer.alloc(4) } },
    });
  });

  test("an AVP that nobody knows is ignored without M, and known ones may stand where the layout has none", () => {
    const more = [{ ...unknownAvp, mandatory: false }, makeAvp("Class", Buffer.of(1)), ...bir.avps];
    expect(readFields(BOOTSTRAPPING_INFO.request, more)).toEqual({ ok: true, fields: birFields });
  });

  test("any octets get fields or a problem", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom(...Object.values(AVPS)), fc.uint8Array({ maxLength: 20 }))),
        (list) => {
          const avps = list.map(([{ code, vendor, mandatory }, data]) => ({
            code,
            vendor,
            mandatory,
            protected: false,
            reserved: 0,
            data,
          }));
          expect(readFields(CAPABILITIES_EXCHANGE.request, avps).ok).toBeTypeOf("boolean");
        },
      ),
    );
  });
});

test("3xxx alone are protocol errors (RFC 6733 7.1.3)", () => {
  expect([2001, 3002, 3999, 4002, 5012].map(isProtocolError)).toEqual([false, true, true, false, false]);
});

test("deeply nested groups stay octets until they are asked for", () => {
  let nest: readonly Avp[] = [];
  for (let depth = 0; depth < 2_000; depth++) nest = [makeAvp("Failed-AVP", nest)];
  const [outer] = decodeAvps(encodeMessage({ ...bir, avps: nest }).subarray(20));
  expect(outer?.data.length).toBe(1_999 * 8);
});
