/** Attribute-value pairs of Diameter (RFC 6733 4.1). */

const VENDOR_FLAG = 0x80;
const MANDATORY_FLAG = 0x40;
const HEADER = 8;
const VENDOR_HEADER = 12;

/** A message that does not follow RFC 6733. */
export class MalformedMessage extends Error {
  constructor(message: string) {
    super(message);
    this.name = "MalformedMessage";
  }
}

export interface Avp {
  readonly code: number;
  /** 0: an AVP of the base protocol. */
  readonly vendor: number;
  readonly mandatory: boolean;
  readonly data: Buffer;
}

/** The octets of one AVP, padded to a multiple of 4; the length in the header leaves the padding out. */
export function encodeAvp({ code, vendor, mandatory, data }: Avp): Buffer {
  const header = vendor === 0 ? HEADER : VENDOR_HEADER;
  const length = header + data.length;
  const octets = Buffer.alloc(Math.ceil(length / 4) * 4);
  octets.writeUInt32BE(code, 0);
  octets.writeUInt8((vendor === 0 ? 0 : VENDOR_FLAG) | (mandatory ? MANDATORY_FLAG : 0), 4);
  octets.writeUIntBE(length, 5, 3);
  if (vendor !== 0) octets.writeUInt32BE(vendor, HEADER);
  data.copy(octets, header);
  return octets;
}

/**
 * The AVPs that lie one behind the other in these octets. Reserved flags are ignored (RFC 6733 4.1).
 * @throws MalformedMessage when a length does not fit
 */
export function decodeAvps(octets: Buffer): readonly Avp[] {
  const avps: Avp[] = [];
  for (let at = 0; at < octets.length; ) {
    const { avp, padded } = decodeAvp(octets, at);
    avps.push(avp);
    at += padded;
  }
  return avps;
}

function decodeAvp(octets: Buffer, at: number): { readonly avp: Avp; readonly padded: number } {
  if (octets.length - at < HEADER) throw new MalformedMessage(`${octets.length - at} octets are no AVP`);
  const code = octets.readUInt32BE(at);
  const flags = octets.readUInt8(at + 4);
  const length = octets.readUIntBE(at + 5, 3);
  const header = (flags & VENDOR_FLAG) === 0 ? HEADER : VENDOR_HEADER;
  const padded = Math.ceil(length / 4) * 4;
  if (length < header || padded > octets.length - at) {
    throw new MalformedMessage(
      `AVP ${code} has a length of ${length} octets, ${octets.length - at} are left`,
    );
  }
  const avp = {
    code,
    vendor: header === HEADER ? 0 : octets.readUInt32BE(at + HEADER),
    mandatory: (flags & MANDATORY_FLAG) !== 0,
    data: octets.subarray(at + header, at + length),
  };
  return { avp, padded };
}

const base = (code: number, data: Buffer): Avp => ({ code, vendor: 0, mandatory: true, data });

export const textAvp = (code: number, text: string): Avp => base(code, Buffer.from(text, "utf8"));

export function numberAvp(code: number, value: number): Avp {
  const data = Buffer.alloc(4);
  data.writeUInt32BE(value);
  return base(code, data);
}

export const groupAvp = (code: number, members: readonly Avp[]): Avp =>
  base(code, Buffer.concat(members.map(encodeAvp)));
