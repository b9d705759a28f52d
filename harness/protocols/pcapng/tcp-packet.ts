/** IP packets with a TCP segment (RFC 791, RFC 8200, RFC 9293), as a capture shows them. */

const PROTOCOL_TCP = 6;
const HOP_LIMIT = 64;
const TCP_HEADER = 20;
const FLAG = { fin: 0x01, syn: 0x02, rst: 0x04, psh: 0x08, ack: 0x10 } as const;
export type TcpFlag = keyof typeof FLAG;

export interface TcpAddress {
  /** 4 octets (IPv4) or 16 (IPv6); both ends of a segment have the same length. */
  readonly host: Uint8Array;
  readonly port: number;
}

export interface TcpSegment {
  readonly from: TcpAddress;
  readonly to: TcpAddress;
  /** Sequence numbers count modulo 2^32. */
  readonly sequence: number;
  readonly acknowledged: number;
  readonly flags: readonly TcpFlag[];
  /** As in the header: shifted by what the SYN said. */
  readonly window: number;
  /** Whole options of TCP, a multiple of 4 octets, at most 40. */
  readonly options?: Uint8Array;
  /** At most {@link MAX_SEGMENT} octets. */
  readonly data?: Uint8Array;
}

/** Octets of data that one packet holds: 16 bits of length less both headers without options. */
export const MAX_SEGMENT = 0xffff - 20 - TCP_HEADER;

/** The packet of a segment with its checksums. @throws RangeError for addresses, ports, options or data that do not fit */
export function tcpPacket(segment: TcpSegment): Buffer {
  const { from, to } = segment;
  const tcp = tcpSegment(segment);
  const header = from.host.length === 4 ? ipv4Header(from, to, tcp.length) : ipv6Header(from, to, tcp.length);
  const pseudo = Buffer.alloc(8);
  pseudo.writeUInt32BE(tcp.length, 0);
  pseudo.writeUInt8(PROTOCOL_TCP, 7);
  // RFC 9293 3.1 and RFC 8200 8.1 order the pseudo header differently, to the same sum.
  tcp.writeUInt16BE(checksum(Buffer.concat([from.host, to.host, pseudo, tcp])), 16);
  return Buffer.concat([header, tcp]);
}

function tcpSegment(segment: TcpSegment): Buffer {
  const { from, to, options = new Uint8Array(0), data = new Uint8Array(0) } = segment;
  if (options.length % 4 !== 0 || options.length > 40) {
    throw new RangeError(`options of ${options.length} octets`);
  }
  if (data.length > MAX_SEGMENT) throw new RangeError(`a segment of ${data.length} octets`);
  const header = Buffer.alloc(TCP_HEADER);
  header.writeUInt16BE(from.port, 0);
  header.writeUInt16BE(to.port, 2);
  header.writeUInt32BE(segment.sequence % 2 ** 32, 4);
  header.writeUInt32BE(segment.acknowledged % 2 ** 32, 8);
  header.writeUInt8((TCP_HEADER + options.length) << 2, 12);
  header.writeUInt8(
    segment.flags.reduce((bits, flag) => bits | FLAG[flag], 0),
    13,
  );
  header.writeUInt16BE(segment.window, 14);
  return Buffer.concat([header, options, data]);
}

function ipv4Header(from: TcpAddress, to: TcpAddress, octets: number): Buffer {
  if (to.host.length !== 4) throw new RangeError("an IPv4 address is needed at both ends");
  const header = Buffer.alloc(12);
  header.writeUInt8(0x45, 0);
  header.writeUInt16BE(20 + octets, 2);
  // Don't fragment: the identification may be 0 then (RFC 6864 4.1).
  header.writeUInt16BE(0x4000, 6);
  header.writeUInt8(HOP_LIMIT, 8);
  header.writeUInt8(PROTOCOL_TCP, 9);
  const whole = Buffer.concat([header, from.host, to.host]);
  whole.writeUInt16BE(checksum(whole), 10);
  return whole;
}

function ipv6Header(from: TcpAddress, to: TcpAddress, octets: number): Buffer {
  if (from.host.length !== 16 || to.host.length !== 16) {
    throw new RangeError("an IPv6 address is needed at both ends");
  }
  const header = Buffer.alloc(8);
  header.writeUInt8(0x60, 0);
  header.writeUInt16BE(octets, 4);
  header.writeUInt8(PROTOCOL_TCP, 6);
  header.writeUInt8(HOP_LIMIT, 7);
  return Buffer.concat([header, from.host, to.host]);
}

/** The Internet checksum (RFC 1071); over octets that hold their own right checksum it is 0. */
export function checksum(octets: Uint8Array): number {
  let sum = 0;
  for (let at = 0; at < octets.length; at += 2) sum += ((octets[at] ?? 0) << 8) | (octets[at + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 0x10000);
  return ~sum & 0xffff;
}
