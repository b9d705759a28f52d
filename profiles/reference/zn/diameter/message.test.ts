import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { conformingDiameter } from "../../policy/diameter.ts";
import { type Avp, decodeAvps, encodeAvp, MalformedMessage, numberAvp, textAvp } from "./avp.ts";
import { bodyOf, encodeMessage, headerOf, type Message, splitMessages } from "./message.ts";

const watchdog: Message = {
  request: true,
  proxiable: false,
  error: false,
  command: 280,
  application: 0,
  hopByHop: 0x01020304,
  endToEnd: 0xa1b2c3d4,
  avps: [textAvp(264, "naf.a"), numberAvp(268, 2001)],
};

test("a message is laid out as RFC 6733 3 and 4.1 have it", () => {
  expect(encodeMessage(watchdog).toString("hex")).toBe(
    [
      "01000030 80000118 00000000 01020304 a1b2c3d4",
      "00000108 4000000d 6e61662e 61000000",
      "0000010c 4000000c 000007d1",
    ]
      .join("")
      .replaceAll(" ", ""),
  );
});

test("vendor AVPs carry the vendor, and their length leaves the padding out", () => {
  const avp = { code: 405, vendor: 10415, mandatory: true, data: Buffer.from("abc") };
  const octets = encodeAvp(avp);
  expect(octets.toString("hex")).toBe("00000195c000000f000028af61626300");
  expect(decodeAvps(octets)).toEqual([avp]);
});

test("reserved flags are ignored", () => {
  const octets = encodeAvp(numberAvp(268, 2001));
  octets.writeUInt8(octets.readUInt8(4) | 0x1f, 4);
  expect(decodeAvps(octets)).toEqual([numberAvp(268, 2001)]);
});

describe("lengths that do not fit", () => {
  test.each([
    ["shorter than the header", "0000010c40000007000007d1"],
    ["beyond the message", "0000010c40000010000007d1"],
    ["without the vendor", "000001954f00000b"],
    ["without room for the header", "0000010c4000"],
    ["padding beyond the message", "000001084000000d6e61662e61"],
  ])("%s", (_, hex) => {
    expect(() => decodeAvps(Buffer.from(hex, "hex"))).toThrow(MalformedMessage);
  });
});

test("messages are cut out of the stream wherever it is cut", () => {
  const two = Buffer.concat([encodeMessage(watchdog), encodeMessage({ ...watchdog, hopByHop: 7 })]);
  fc.assert(
    fc.property(fc.integer({ min: 0, max: two.length }), (at) => {
      const first = splitMessages(two.subarray(0, at));
      const second = splitMessages(Buffer.concat([first.rest, two.subarray(at)]));
      const all = [...first.messages, ...second.messages];
      expect(all.map((octets) => headerOf(octets).hopByHop)).toEqual([watchdog.hopByHop, 7]);
      expect(all.map((octets) => decodeAvps(bodyOf(octets)).length)).toEqual([2, 2]);
      expect(second.rest).toHaveLength(0);
    }),
  );
});

test("any octets give messages or the decoder's own error", () => {
  const judged = (work: () => unknown) => {
    try {
      work();
    } catch (error) {
      expect(error).toBeInstanceOf(MalformedMessage);
    }
  };
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (octets) => {
      judged(() => splitMessages(Buffer.from(octets)));
      judged(() => decodeAvps(Buffer.from(octets)));
    }),
  );
});

test("AVPs come back as they were", () => {
  const avp: fc.Arbitrary<Avp> = fc.record({
    code: fc.nat(0xffffffff),
    vendor: fc.nat(0xffffffff),
    mandatory: fc.boolean(),
    data: fc.uint8Array({ maxLength: 50 }).map((octets) => Buffer.from(octets)),
  });
  fc.assert(
    fc.property(fc.array(avp, { maxLength: 10 }), (avps) => {
      expect(decodeAvps(Buffer.concat(avps.map(encodeAvp)))).toEqual(avps);
    }),
  );
});

test.each([
  [0xffffffff, "2036-02-07T06:28:15.000Z"],
  [0, "2036-02-07T06:28:16.000Z"],
  [0x83aa7e80, "1970-01-01T00:00:00.000Z"],
  [0x7fffffff, "2104-02-26T09:42:23.000Z"],
])("the time %i is %s (RFC 6733 4.3.1)", (seconds, instant) => {
  expect(new Date(conformingDiameter.instant(seconds)).toISOString()).toBe(instant);
});
