import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DATA_FORMATS } from "./data-formats.ts";
import {
  AVPS,
  type Avp,
  avpName,
  DiameterFormatError,
  firstValue,
  makeAvp,
  serializeUssList,
  VENDOR_3GPP,
} from "./index.ts";
import { decodeTime, EARLIEST_TIME, encodeTime, LATEST_TIME } from "./time.ts";

describe("the dictionary", () => {
  test("has the codes, vendors and flags of RFC 6733 4.5 and TS 29.109 table 6.1", () => {
    expect(AVPS["Result-Code"]).toEqual({
      code: 268,
      vendor: undefined,
      format: "Unsigned32",
      mandatory: true,
    });
    expect(AVPS["ME-Key-Material"]).toEqual({
      code: 405,
      vendor: 10_415,
      format: "OctetString",
      mandatory: true,
    });
    const withoutM = Object.entries(AVPS).flatMap(([name, { mandatory }]) => (mandatory ? [] : [name]));
    expect(withoutM.sort()).toEqual([
      "Error-Message",
      "Error-Reporting-Host",
      "Firmware-Revision",
      "GUSS-Timestamp",
      "Product-Name",
    ]);
  });

  test("names each AVP by code and vendor together", () => {
    for (const [name, entry] of Object.entries(AVPS)) expect(avpName(entry)).toBe(name);
    expect(avpName({ code: 405, vendor: undefined })).toBeUndefined();
    expect(avpName({ code: 268, vendor: VENDOR_3GPP })).toBeUndefined();
  });
});

describe("Time (RFC 6733 4.3.1)", () => {
  test.each([
    [0xff_ff_ff_ff, "2036-02-07T06:28:15.000Z"],
    [0, "2036-02-07T06:28:16.000Z"],
    [1, "2036-02-07T06:28:17.000Z"],
    [2_208_988_800, "1970-01-01T00:00:00.000Z"],
    [0x80_00_00_00, "1968-01-20T03:14:08.000Z"],
    [0x7f_ff_ff_ff, "2104-02-26T09:42:23.000Z"],
  ])("%d is %s", (seconds, instant) => {
    expect(decodeTime(seconds).toISOString()).toBe(instant);
    expect(encodeTime(new Date(instant))).toBe(seconds);
  });

  test("fractions of a second are left out", () => {
    expect(encodeTime(new Date("2036-02-07T06:28:16.999Z"))).toBe(0);
  });

  test("other instants cannot be said", () => {
    for (const instant of [EARLIEST_TIME.getTime() - 1, LATEST_TIME.getTime() + 1000, Number.NaN]) {
      expect(() => encodeTime(new Date(instant))).toThrow(RangeError);
    }
  });
});

describe("formats that do not fit", () => {
  const withData = (avp: Avp, data: Uint8Array) => ({ ...avp, data });
  test.each([
    ["Result-Code", () => firstValue([withData(makeAvp("Result-Code", 1), Buffer.alloc(5))], "Result-Code")],
    [
      "Key-ExpiryTime",
      () => firstValue([withData(makeAvp("Key-ExpiryTime", new Date()), Buffer.alloc(8))], "Key-ExpiryTime"),
    ],
    ["GBA-Type", () => firstValue([withData(makeAvp("GBA-Type", 1), Buffer.alloc(0))], "GBA-Type")],
    ["User-Name", () => firstValue([withData(makeAvp("User-Name", ""), Buffer.of(0xff))], "User-Name")],
    [
      "Origin-Host",
      () => firstValue([withData(makeAvp("Origin-Host", "x"), Buffer.alloc(0))], "Origin-Host"),
    ],
    [
      "Host-IP-Address",
      () =>
        firstValue(
          [withData(makeAvp("Host-IP-Address", Buffer.alloc(4)), Buffer.of(0, 1, 127))],
          "Host-IP-Address",
        ),
    ],
    [
      "Host-IP-Address",
      () =>
        firstValue(
          [withData(makeAvp("Host-IP-Address", Buffer.alloc(4)), Buffer.of(0, 9))],
          "Host-IP-Address",
        ),
    ],
    [
      "Experimental-Result",
      () =>
        firstValue([withData(makeAvp("Experimental-Result", []), Buffer.alloc(6))], "Experimental-Result"),
    ],
  ])("%s: the error names the AVP", (name, read) => {
    expect(read).toThrow(DiameterFormatError);
    expect(read).toThrow(name);
  });

  test("are refused before they are sent", () => {
    expect(() => makeAvp("Origin-Host", "two words")).toThrow(RangeError);
    expect(() => makeAvp("Host-IP-Address", Buffer.alloc(5))).toThrow(RangeError);
    expect(() => makeAvp("Result-Code", -1)).toThrow(RangeError);
  });

  test("any data of any format give a value or the decoder's own error", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (data) => {
        for (const format of Object.values(DATA_FORMATS)) {
          try {
            format.decode(data);
          } catch (error) {
            expect(error).toBeInstanceOf(DiameterFormatError);
          }
        }
      }),
    );
  });
});

test("an address of IPv6 has family 2", () => {
  const avp = makeAvp("Host-IP-Address", Buffer.alloc(16, 1));
  expect(Buffer.from(avp.data.subarray(0, 2))).toEqual(Buffer.of(0, 2));
  expect(firstValue([avp], "Host-IP-Address")).toEqual(Buffer.alloc(16, 1));
});

test("a ussList says services, identities and flags, and no text becomes an element", () => {
  const xml = serializeUssList([
    { gsId: 1, gsType: 4, ueIds: ["sip:a@b.example", "tel:<&>"], flags: [1, 2] },
    { gsId: 9, gsType: 0, ueIds: [], flags: [] },
  ]);
  expect(xml).toBe(
    '<?xml version="1.0" encoding="UTF-8"?><ussList>' +
      '<uss id="1" type="4"><uids><uid>sip:a@b.example</uid><uid>tel:&lt;&amp;&gt;</uid></uids>' +
      '<flags><flag>1</flag><flag>2</flag></flags></uss><uss id="9" type="0"><uids></uids><flags></flags></uss></ussList>',
  );
});
