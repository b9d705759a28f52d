/** Blocks of a pcapng file (draft-ietf-opsawg-pcapng), in the byte order of this writer: little-endian. */

const BLOCK = {
  sectionHeader: 0x0a0d0d0a,
  interfaceDescription: 1,
  enhancedPacket: 6,
  decryptionSecrets: 10,
} as const;
const BYTE_ORDER_MAGIC = 0x1a2b3c4d;
/** Packets begin with an IPv4 or IPv6 header, told apart by its version. */
const LINKTYPE_RAW = 101;
/** "TLSK": lines of a TLS key log in the form of NSS. */
const SECRETS_TLS_KEY_LOG = 0x544c534b;
const OPTION = { end: 0, comment: 1, userApplication: 4, interfaceName: 2 } as const;
const MICROSECONDS = 1000;

interface Option {
  readonly code: number;
  readonly text: string;
}

/** Begins a file. `application` is the program that wrote it. */
export function sectionHeader(application: string): Buffer {
  const fixed = Buffer.alloc(16);
  fixed.writeUInt32LE(BYTE_ORDER_MAGIC, 0);
  // Version 1.0, and a section length that is not given (-1).
  fixed.writeUInt16LE(1, 4);
  fixed.fill(0xff, 8);
  return block(BLOCK.sectionHeader, fixed, [{ code: OPTION.userApplication, text: application }]);
}

/** An interface whose packets are IPv4 or IPv6; the first has number 0. Times count microseconds, the default. */
export function interfaceDescription(name: string): Buffer {
  const fixed = Buffer.alloc(8);
  fixed.writeUInt16LE(LINKTYPE_RAW, 0);
  return block(BLOCK.interfaceDescription, fixed, [{ code: OPTION.interfaceName, text: name }]);
}

/** The secrets of TLS connections; stands before their packets. `lines` without their line ends. */
export function tlsSecrets(lines: readonly string[]): Buffer {
  const secrets = Buffer.from(lines.map((line) => `${line}\n`).join(""), "latin1");
  const fixed = Buffer.alloc(8);
  fixed.writeUInt32LE(SECRETS_TLS_KEY_LOG, 0);
  fixed.writeUInt32LE(secrets.length, 4);
  return block(BLOCK.decryptionSecrets, Buffer.concat([fixed, padded(secrets)]), []);
}

/** A packet on an interface. */
export interface CapturedPacket {
  /** Number of the interface. */
  readonly on: number;
  /** Milliseconds since 1970; fractions count down to the microsecond. */
  readonly at: number;
  /** The packet from its IP header on. */
  readonly octets: Uint8Array;
  readonly comment?: string;
}

export function enhancedPacket({ on, at, octets, comment }: CapturedPacket): Buffer {
  const fixed = Buffer.alloc(20);
  const time = BigInt(Math.round(at * MICROSECONDS));
  fixed.writeUInt32LE(on, 0);
  fixed.writeUInt32LE(Number(time >> 32n), 4);
  fixed.writeUInt32LE(Number(time & 0xffffffffn), 8);
  fixed.writeUInt32LE(octets.length, 12);
  fixed.writeUInt32LE(octets.length, 16);
  const options = comment === undefined ? [] : [{ code: OPTION.comment, text: comment }];
  return block(BLOCK.enhancedPacket, Buffer.concat([fixed, padded(octets)]), options);
}

/** The total length stands at both ends, so that a file can be read backwards. */
function block(type: number, body: Uint8Array, options: readonly Option[]): Buffer {
  const content = Buffer.concat([body, ...encodeOptions(options)]);
  const total = content.length + 12;
  const head = Buffer.alloc(8);
  head.writeUInt32LE(type, 0);
  head.writeUInt32LE(total, 4);
  const tail = Buffer.alloc(4);
  tail.writeUInt32LE(total, 0);
  return Buffer.concat([head, content, tail]);
}

function encodeOptions(options: readonly Option[]): readonly Buffer[] {
  if (options.length === 0) return [];
  const encoded = options.map(({ code, text }) => {
    // The length of an option has 16 bits.
    const value = Buffer.from(text, "utf8").subarray(0, 0xffff);
    return Buffer.concat([optionHeader(code, value.length), padded(value)]);
  });
  return [...encoded, optionHeader(OPTION.end, 0)];
}

function optionHeader(code: number, length: number): Buffer {
  const header = Buffer.alloc(4);
  header.writeUInt16LE(code, 0);
  header.writeUInt16LE(length, 2);
  return header;
}

/** To a multiple of 32 bits. */
const padded = (octets: Uint8Array): Buffer => Buffer.concat([octets, Buffer.alloc(-octets.length & 3)]);
