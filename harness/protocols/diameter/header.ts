/** The header of a Diameter message (RFC 6733 3). */
import { DiameterFormatError } from "./format-error.ts";

/** Octets of a header. */
export const HEADER_LENGTH = 20;
const VERSION = 1;
const FLAGS = { request: 0x80, proxiable: 0x40, error: 0x20, retransmitted: 0x10 } as const;
/** The length of a message is a number of three octets. */
const MAX_LENGTH = 0xff_ff_ff;

export interface DiameterHeader {
  /** R flag: a request; clear: an answer. */
  readonly request: boolean;
  /** P flag: may be proxied, relayed or redirected. */
  readonly proxiable: boolean;
  /** E flag: the message has a protocol error; in answers only. */
  readonly error: boolean;
  /** T flag: may have been sent before, on a link that failed. */
  readonly retransmitted: boolean;
  /** Three octets. */
  readonly command: number;
  /** Four octets. */
  readonly application: number;
  /** Four octets; matches an answer to its request on one connection. */
  readonly hopByHop: number;
  /** Four octets; finds duplicates from end to end. */
  readonly endToEnd: number;
}

/**
 * The 20 octets of a header.
 * @param length octets of the whole message, with the header.
 * @throws RangeError when a number does not fit into its field.
 */
export function encodeHeader(header: DiameterHeader, length: number): Buffer {
  const octets = Buffer.alloc(HEADER_LENGTH);
  const { request, proxiable, error, retransmitted } = header;
  const flags =
    (request ? FLAGS.request : 0) |
    (proxiable ? FLAGS.proxiable : 0) |
    (error ? FLAGS.error : 0) |
    (retransmitted ? FLAGS.retransmitted : 0);
  octets.writeUInt8(VERSION, 0);
  octets.writeUIntBE(length, 1, 3);
  octets.writeUInt8(flags, 4);
  octets.writeUIntBE(header.command, 5, 3);
  octets.writeUInt32BE(header.application, 8);
  octets.writeUInt32BE(header.hopByHop, 12);
  octets.writeUInt32BE(header.endToEnd, 16);
  return octets;
}

/**
 * The header of a message of which at least 20 octets are there. Reserved flags are ignored.
 * @throws DiameterFormatError when there are fewer, or as {@link messageLength} does.
 */
export function decodeHeader(message: Uint8Array): DiameterHeader {
  const octets = Buffer.from(message.buffer, message.byteOffset, message.byteLength);
  if (octets.length < HEADER_LENGTH) {
    throw new DiameterFormatError(
      `a message ends after ${octets.length} octets of its header`,
      octets.length,
    );
  }
  messageLength(octets, MAX_LENGTH);
  const flags = octets.readUInt8(4);
  return {
    request: (flags & FLAGS.request) !== 0,
    proxiable: (flags & FLAGS.proxiable) !== 0,
    error: (flags & FLAGS.error) !== 0,
    retransmitted: (flags & FLAGS.retransmitted) !== 0,
    command: octets.readUIntBE(5, 3),
    application: octets.readUInt32BE(8),
    hopByHop: octets.readUInt32BE(12),
    endToEnd: octets.readUInt32BE(16),
  };
}

/**
 * Octets of the message that begins here, with its header; at least 4 octets must be there.
 * @throws DiameterFormatError when the version is not 1, or the length is below 20, no multiple of 4, or above `max`.
 */
export function messageLength(begin: Buffer, max: number): number {
  const version = begin.readUInt8(0);
  if (version !== VERSION) throw new DiameterFormatError(`version ${version} instead of ${VERSION}`, 0);
  const length = begin.readUIntBE(1, 3);
  if (length < HEADER_LENGTH || length % 4 !== 0) {
    throw new DiameterFormatError(`a message of ${length} octets is none (RFC 6733 3)`, 1);
  }
  if (length > max) {
    throw new DiameterFormatError(`a message of ${length} octets is longer than the ${max} that are read`, 1);
  }
  return length;
}
