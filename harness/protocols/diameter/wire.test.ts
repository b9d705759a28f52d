import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Avp, decodeAvps, encodeAvp, encodeAvps } from "./avp.ts";
import { DiameterFormatError, type DiameterMessage, decodeMessage, encodeMessage } from "./index.ts";
import { MessageSplitter } from "./message-splitter.ts";

const octets = (hex: string) => Buffer.from(hex.replaceAll(/\s/g, ""), "hex");

function plain(code: number, data: Uint8Array, mandatory = true): Avp {
  return { code, vendor: undefined, mandatory, protected: false, reserved: 0, data };
}

/** The example of RFC 6733 4.4.1: two AVPs inside it are unknown to everybody. */
describe("the Grouped AVP of RFC 6733 4.4.1", () => {
  // The digits that the RFC prints are fewer than the octets that it draws: its drawing counts.
  const recovery = Buffer.alloc(215, 0x21);
  const futuristic = Buffer.alloc(129, 0xfe);
  const members = [
    plain(264, Buffer.from("example.com")),
    plain(263, Buffer.from("grump.example.com:33041;23432;893;0AF3B81")),
    plain(263, Buffer.from("grump.example.com:33054;23561;2358;0AF3B82")),
    plain(8341, recovery),
    plain(15930, futuristic),
  ];
  const example = encodeAvp(plain(999_999, encodeAvps(members)));

  test("has the lengths and the places that the RFC draws", () => {
    const lengthAt = (at: number) => example.readUIntBE(at + 5, 3);
    expect(example).toHaveLength(496);
    expect([0, 8, 28, 80, 132].map(lengthAt)).toEqual([496, 19, 49, 50, 223]);
    expect([0, 8, 28, 80, 132].map((at) => example.readUInt32BE(at))).toEqual([999_999, 264, 263, 263, 8341]);
    // Row 356 of the drawing, which it numbers 328.
    expect([example.readUInt32BE(356), lengthAt(356)]).toEqual([15_930, 137]);
    expect(example.subarray(27, 28)).toEqual(Buffer.of(0));
    expect(example.subarray(493)).toEqual(Buffer.alloc(3));
  });

  test("is read back", () => {
    const [group, ...others] = decodeAvps(example);
    expect(others).toEqual([]);
    expect(decodeAvps(group?.data ?? Buffer.alloc(0))).toEqual(members);
  });
});

const watchdog: DiameterMessage = {
  request: true,
  proxiable: false,
  error: false,
  retransmitted: true,
  command: 280,
  application: 0,
  hopByHop: 0x01020304,
  endToEnd: 0xf1f2f3f4,
  avps: [{ ...plain(405, Buffer.of(1, 2, 3, 4, 5)), vendor: 10_415 }],
};

test("a message is laid out as RFC 6733 3 draws it", () => {
  const wire = octets(
    "01000028 90000118 00000000 01020304 f1f2f3f4 00000195 c0000011 000028af 0102030405000000",
  );
  expect(encodeMessage(watchdog).toString("hex")).toBe(wire.toString("hex"));
  expect(decodeMessage(wire)).toEqual(watchdog);
});

describe("octets that are no message: the error says where", () => {
  test.each([
    ["nothing", "", 0, undefined, "ends after 0 octets"],
    ["half a header", "01000014 80000118 00000000", 12, undefined, "ends after 12 octets"],
    ["version 2", "02000014 80000118 00000000 00000000 00000000", 0, undefined, "version 2"],
    ["length 16", "01000010 80000118 00000000 00000000 00000000", 1, undefined, "16 octets is none"],
    ["length 22", "01000016 80000118 00000000 00000000 00000000 0000", 1, undefined, "22 octets is none"],
    ["length 24 in 20", "01000018 80000118 00000000 00000000 00000000", 1, undefined, "longer than the 20"],
    [
      "length 20 in 24",
      "01000014 80000118 00000000 00000000 00000000 00000000",
      1,
      undefined,
      "20 octets in 24",
    ],
    ["4 octets of AVP", "01000018 80000118 00000000 00000000 00000000 00000108", 20, undefined, "too few"],
    [
      "AVP of 7 octets",
      "0100001c 80000118 00000000 00000000 00000000 00000108 40000007",
      20,
      264,
      "at least 8 are due",
    ],
    [
      "vendor AVP of 11 octets",
      "01000020 80000118 00000000 00000000 00000000 00000195 c000000b 000028af",
      20,
      405,
      "at least 12 are due",
    ],
    [
      "AVP beyond the message",
      "01000028 80000118 00000000 00000000 00000000 0000010c 4000000c 000007d1 0000010c 4000000d",
      32,
      268,
      "where 8 are left",
    ],
  ])("%s", (_, hex, offset, avpCode, text) => {
    const decode = () => decodeMessage(octets(hex));
    expect(decode).toThrow(DiameterFormatError);
    expect(decode).toThrow(text);
    expect(decode).toThrow(expect.objectContaining({ offset, avpCode }));
  });
});

test("numbers that do not fit are refused before they are sent", () => {
  expect(() => encodeMessage({ ...watchdog, command: 2 ** 24 })).toThrow(RangeError);
  expect(() => encodeMessage({ ...watchdog, hopByHop: -1 })).toThrow(RangeError);
  expect(() => encodeAvp(plain(2 ** 32, Buffer.alloc(0)))).toThrow(RangeError);
});

const uint32 = fc.nat(0xff_ff_ff_ff);
const anyAvp: fc.Arbitrary<Avp> = fc.record({
  code: uint32,
  vendor: fc.option(uint32, { nil: undefined }),
  mandatory: fc.boolean(),
  protected: fc.boolean(),
  reserved: fc.nat(31),
  data: fc.uint8Array({ maxLength: 40 }).map((data) => Buffer.from(data)),
});
const anyMessage: fc.Arbitrary<DiameterMessage> = fc.record({
  request: fc.boolean(),
  proxiable: fc.boolean(),
  error: fc.boolean(),
  retransmitted: fc.boolean(),
  command: fc.nat(0xff_ff_ff),
  application: uint32,
  hopByHop: uint32,
  endToEnd: uint32,
  avps: fc.array(anyAvp, { maxLength: 8 }),
});

test("every message is read back as it was", () => {
  fc.assert(
    fc.property(anyMessage, (message) => {
      expect(decodeMessage(encodeMessage(message))).toEqual(message);
    }),
  );
});

/** A valid message, and one octet of it changed: most of the decoder lies behind a valid header. */
const damaged = fc.tuple(anyMessage, fc.nat(), fc.nat(255)).map(([message, place, octet]): Uint8Array => {
  const wire = encodeMessage(message);
  wire.writeUInt8(octet, place % wire.length);
  return wire;
});

test("any octets are a message, or the decoder's own error within them", () => {
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), damaged), (wire) => {
      try {
        expect(encodeMessage(decodeMessage(wire))).toHaveLength(wire.length);
      } catch (error) {
        expect(error).toBeInstanceOf(DiameterFormatError);
        expect(error).toMatchObject({ offset: expect.any(Number) });
        if (error instanceof DiameterFormatError) expect(error.offset).toBeLessThanOrEqual(wire.length);
      }
    }),
    { numRuns: 1_000 },
  );
});

describe("a connection is cut into messages", () => {
  test("wherever its octets are cut", () => {
    fc.assert(
      fc.property(fc.array(anyMessage, { maxLength: 4 }), fc.array(fc.nat(60)), (messages, cuts) => {
        const stream = Buffer.concat(messages.map(encodeMessage));
        const splitter = new MessageSplitter(100_000);
        const got: Buffer[] = [];
        let at = 0;
        for (const cut of cuts) {
          got.push(...splitter.push(stream.subarray(at, at + cut)));
          at = Math.min(stream.length, at + cut);
        }
        got.push(...splitter.push(stream.subarray(at)));
        expect(got.map((wire) => decodeMessage(wire))).toEqual(messages);
      }),
    );
  });

  test("and a message that is too long is refused at its length, without waiting for it", () => {
    const splitter = new MessageSplitter(64);
    expect(splitter.push(encodeMessage(watchdog))).toHaveLength(1);
    expect(splitter.push(octets("010000"))).toEqual([]);
    expect(() => splitter.push(octets("44"))).toThrow("68 octets is longer than the 64");
  });

  test("nor is another protocol waited for", () => {
    expect(() => new MessageSplitter(64).push(Buffer.from("GET / HTTP/1.1"))).toThrow(DiameterFormatError);
  });

  test("a long message in pieces of one octet is copied a few times, not once for each octet", () => {
    const avps = [plain(1, Buffer.alloc(60_000))];
    const wire = encodeMessage({ ...watchdog, avps });
    const splitter = new MessageSplitter(100_000);
    const messages = [...wire].flatMap((octet) => splitter.push(Buffer.of(octet)));
    expect(messages).toEqual([wire]);
  });
});
