import { describe, expect, test } from "vitest";
import {
  enhancedPacket,
  interfaceDescription,
  MAX_SEGMENT,
  sectionHeader,
  tcpPacket,
  tlsSecrets,
} from "./index.ts";
import { checksum } from "./tcp-packet.ts";

const V4 = { from: Buffer.of(192, 0, 2, 1), to: Buffer.of(192, 0, 2, 2) };
const V6 = { from: Buffer.alloc(16, 1), to: Buffer.alloc(16, 2) };

function segment({ from, to }: typeof V4, data: Buffer, options = Buffer.alloc(0)) {
  return tcpPacket({
    from: { host: from, port: 40_000 },
    to: { host: to, port: 443 },
    sequence: 2 ** 32 + 5,
    acknowledged: 7,
    flags: ["psh", "ack"],
    window: 0xffff,
    options,
    data,
  });
}

describe("the Internet checksum", () => {
  test("is that of the example in RFC 1071 3", () => {
    expect(checksum(Buffer.from("0001f203f4f5f6f7", "hex"))).toBe(0xffff - 0xddf2);
  });

  test("takes an odd octet as the upper half of 16 bits", () => {
    expect(checksum(Buffer.of(0x12))).toBe(0xffff - 0x1200);
    expect(checksum(Buffer.alloc(0))).toBe(0xffff);
  });
});

describe("a packet", () => {
  test("of IPv4 has lengths, fields and checksums", () => {
    const packet = segment(V4, Buffer.from("odd"));
    expect(packet.readUInt16BE(2)).toBe(packet.length);
    expect(checksum(packet.subarray(0, 20))).toBe(0);
    const tcp = packet.subarray(20);
    expect([tcp.readUInt16BE(0), tcp.readUInt16BE(2)]).toEqual([40_000, 443]);
    expect([tcp.readUInt32BE(4), tcp.readUInt32BE(8)]).toEqual([5, 7]);
    expect(tcp.readUInt16BE(12)).toBe(0x5018);
    expect(tcp.subarray(20).toString()).toBe("odd");
    // RFC 9293 3.1: source, destination, zero and protocol, length.
    const pseudo = Buffer.concat([V4.from, V4.to, Buffer.of(0, 6, 0, tcp.length)]);
    expect(checksum(Buffer.concat([pseudo, tcp]))).toBe(0);
  });

  test("of IPv6 has the pseudo header of RFC 8200 8.1 in its checksum", () => {
    const packet = segment(V6, Buffer.alloc(1), Buffer.from("0103030e", "hex"));
    expect(packet.readUInt16BE(4)).toBe(packet.length - 40);
    const tcp = packet.subarray(40);
    expect(tcp.readUInt8(12)).toBe(24 << 2);
    const pseudo = Buffer.concat([V6.from, V6.to, Buffer.of(0, 0, 0, tcp.length, 0, 0, 0, 6)]);
    expect(checksum(Buffer.concat([pseudo, tcp]))).toBe(0);
  });

  test("holds so much and no more", () => {
    expect(segment(V4, Buffer.alloc(MAX_SEGMENT)).length).toBe(0xffff);
    expect(() => segment(V4, Buffer.alloc(MAX_SEGMENT + 1))).toThrow(RangeError);
    expect(() => segment(V4, Buffer.alloc(1), Buffer.alloc(3))).toThrow(RangeError);
    expect(() => segment({ from: V4.from, to: V6.to }, Buffer.alloc(1))).toThrow(RangeError);
    expect(() => segment({ from: V6.from, to: V4.to }, Buffer.alloc(1))).toThrow(RangeError);
  });
});

describe("a block", () => {
  test.each<[string, Buffer, string]>([
    [
      "begins a section",
      sectionHeader("ab"),
      "4d3c2b1a01000000ffffffffffffffff04000200616200000000000000000000".slice(0, 56),
    ],
    [
      "describes an interface",
      interfaceDescription("abc"),
      "650000000000000002000300616263000000000000".slice(0, 40),
    ],
    ["holds secrets", tlsSecrets(["A 1", "B 2"]), "4b534c5408000000412031" + "0a422032" + "0a"],
  ])("that %s says its length twice, in 32 bits", (_, block, content) => {
    expect(block.readUInt32LE(4)).toBe(block.length);
    expect(block.readUInt32LE(block.length - 4)).toBe(block.length);
    expect(block.length % 4).toBe(0);
    expect(block.subarray(8, 8 + content.length / 2).toString("hex")).toBe(content);
  });

  test("holds a packet with its time in microseconds and its comment", () => {
    const block = enhancedPacket({
      on: 1,
      at: 1_700_000_000_000.25,
      octets: Buffer.of(1, 2, 3),
      comment: "é",
    });
    const time = (BigInt(block.readUInt32LE(12)) << 32n) + BigInt(block.readUInt32LE(16));
    expect(time).toBe(1_700_000_000_000_250n);
    expect([block.readUInt32LE(8), block.readUInt32LE(20), block.readUInt32LE(24)]).toEqual([1, 3, 3]);
    expect(block.subarray(28, -4).toString("hex")).toBe("01020300" + "01000200c3a90000" + "00000000");
  });

  test("without options has no end of them", () => {
    const block = enhancedPacket({ on: 0, at: 0, octets: Buffer.alloc(4) });
    expect(block.length).toBe(12 + 20 + 4);
  });
});
