/** Attribute-value pairs as they stand on the wire, whatever they mean (RFC 6733 4.1). */
import { DiameterFormatError } from "./format-error.ts";

const VENDOR_FLAG = 0x80;
const MANDATORY_FLAG = 0x40;
const PROTECTED_FLAG = 0x20;
const RESERVED_FLAGS = 0x1f;
const HEADER_LENGTH = 8;
const VENDOR_HEADER_LENGTH = 12;

export interface Avp {
  readonly code: number;
  /** Undefined: the V flag is clear and there is no Vendor-ID field. */
  readonly vendor: number | undefined;
  /** M flag. */
  readonly mandatory: boolean;
  /** P flag, which nobody should set. */
  readonly protected: boolean;
  /** The five reserved flags as a number, 0 to 31; 0 is right. */
  readonly reserved: number;
  /** Without padding. */
  readonly data: Uint8Array;
}

/**
 * The octets of an AVP with zeros up to a multiple of 4; its length leaves them out.
 * @throws RangeError when a number does not fit into its field.
 */
export function encodeAvp(avp: Avp): Buffer {
  const headerLength = avp.vendor === undefined ? HEADER_LENGTH : VENDOR_HEADER_LENGTH;
  const length = headerLength + avp.data.length;
  const octets = Buffer.alloc(padded(length));
  const vendor = avp.vendor === undefined ? 0 : VENDOR_FLAG;
  const flags = (avp.mandatory ? MANDATORY_FLAG : 0) | (avp.protected ? PROTECTED_FLAG : 0) | avp.reserved;
  octets.writeUInt32BE(avp.code, 0);
  octets.writeUInt8(vendor | flags, 4);
  octets.writeUIntBE(length, 5, 3);
  if (avp.vendor !== undefined) octets.writeUInt32BE(avp.vendor, HEADER_LENGTH);
  octets.set(avp.data, headerLength);
  return octets;
}

export function encodeAvps(avps: readonly Avp[]): Buffer {
  return Buffer.concat(avps.map(encodeAvp));
}

/**
 * The AVPs that fill these octets, in order; what is inside a Grouped AVP stays octets. Data are views of `octets`.
 * @param base added to the offset that an error tells: where `octets` begin in their message.
 * @throws DiameterFormatError when an AVP is shorter than its header or longer than what is left.
 */
export function decodeAvps(octets: Uint8Array, base = 0): readonly Avp[] {
  const all = Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength);
  const avps: Avp[] = [];
  let at = 0;
  while (at < all.length) {
    const length = avpLength(all, at, base);
    avps.push(avpAt(all, at, length));
    at += padded(length);
  }
  return avps;
}

/** Octets with the padding behind them. */
function padded(length: number): number {
  return Math.ceil(length / 4) * 4;
}

function avpLength(octets: Buffer, at: number, base: number): number {
  const left = octets.length - at;
  if (left < HEADER_LENGTH) {
    throw new DiameterFormatError(`${left} octets are too few for the header of an AVP`, base + at);
  }
  const code = octets.readUInt32BE(at);
  const hasVendor = (octets.readUInt8(at + 4) & VENDOR_FLAG) !== 0;
  const length = octets.readUIntBE(at + 5, 3);
  const least = hasVendor ? VENDOR_HEADER_LENGTH : HEADER_LENGTH;
  if (length < least) {
    throw new DiameterFormatError(`an AVP of ${length} octets, at least ${least} are due`, base + at, code);
  }
  if (padded(length) > left) {
    throw new DiameterFormatError(
      `an AVP of ${length} octets and its padding, where ${left} are left`,
      base + at,
      code,
    );
  }
  return length;
}

function avpAt(octets: Buffer, at: number, length: number): Avp {
  const flags = octets.readUInt8(at + 4);
  const hasVendor = (flags & VENDOR_FLAG) !== 0;
  const headerLength = hasVendor ? VENDOR_HEADER_LENGTH : HEADER_LENGTH;
  return {
    code: octets.readUInt32BE(at),
    vendor: hasVendor ? octets.readUInt32BE(at + HEADER_LENGTH) : undefined,
    mandatory: (flags & MANDATORY_FLAG) !== 0,
    protected: (flags & PROTECTED_FLAG) !== 0,
    reserved: flags & RESERVED_FLAGS,
    data: octets.subarray(at + headerLength, at + length),
  };
}
