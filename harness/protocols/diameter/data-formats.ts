/** The formats of AVP data that this suite meets, each with both directions (RFC 6733 4.2, 4.3). */
import { type Avp, decodeAvps, encodeAvps } from "./avp.ts";
import { DiameterFormatError } from "./format-error.ts";
import { decodeTime, encodeTime } from "./time.ts";

/** @template T what the data are to a caller. */
export interface DataFormat<T> {
  /** Octets of data, where the format fixes them. */
  readonly length?: number;
  /** @throws RangeError when the value cannot be said in this format. */
  encode(value: T): Uint8Array;
  /** @throws DiameterFormatError when these octets are none of this format; offsets count from the data's begin. */
  decode(data: Uint8Array): T;
}

const octetString: DataFormat<Uint8Array> = { encode: (value) => value, decode: (data) => data };

const unsigned32: DataFormat<number> = {
  length: 4,
  encode(value) {
    const data = Buffer.alloc(4);
    data.writeUInt32BE(value);
    return data;
  },
  decode: (data) => fourOctets(data, "Unsigned32").readUInt32BE(),
};

/** Enumerated is Integer32. */
const enumerated: DataFormat<number> = {
  length: 4,
  encode(value) {
    const data = Buffer.alloc(4);
    data.writeInt32BE(value);
    return data;
  },
  decode: (data) => fourOctets(data, "Enumerated").readInt32BE(),
};

const time: DataFormat<Date> = {
  length: 4,
  encode: (instant) => unsigned32.encode(encodeTime(instant)),
  decode: (data) => decodeTime(fourOctets(data, "Time").readUInt32BE()),
};

const utf8String: DataFormat<string> = {
  encode: (text) => Buffer.from(text, "utf8"),
  decode(data) {
    try {
      return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(data);
    } catch {
      throw new DiameterFormatError("the text is not UTF-8", 0);
    }
  },
};

/** An FQDN or a realm, in ASCII; nothing else of the name is judged here. */
const diameterIdentity: DataFormat<string> = {
  encode(name) {
    if (!IDENTITY.test(name)) {
      throw new RangeError(`a DiameterIdentity is a name in ASCII, not ${JSON.stringify(name)}`);
    }
    return Buffer.from(name, "latin1");
  },
  decode(data) {
    const name = Buffer.from(data).toString("latin1");
    if (!IDENTITY.test(name)) throw new DiameterFormatError("the DiameterIdentity is no name in ASCII", 0);
    return name;
  },
};
const IDENTITY = /^[!-~]{1,255}$/;

/** An address without its family: 4 octets are IPv4, 16 are IPv6. */
const address: DataFormat<Uint8Array> = {
  encode(octets) {
    const family = ADDRESS_FAMILIES.find(({ length }) => length === octets.length);
    if (family === undefined) throw new RangeError(`an address has 4 or 16 octets, not ${octets.length}`);
    return Buffer.from([0, family.number, ...octets]);
  },
  decode(data) {
    const family = ADDRESS_FAMILIES.find(({ number }) => data[0] === 0 && data[1] === number);
    if (family === undefined) throw new DiameterFormatError("the family of the address is not known", 0);
    if (data.length !== 2 + family.length) {
      throw new DiameterFormatError(`an address of ${data.length - 2} octets, not ${family.length}`, 2);
    }
    return data.subarray(2);
  },
};
const ADDRESS_FAMILIES = [
  { number: 1, length: 4 },
  { number: 2, length: 16 },
];

const grouped: DataFormat<readonly Avp[]> = { encode: encodeAvps, decode: (data) => decodeAvps(data) };

export const DATA_FORMATS = {
  OctetString: octetString,
  Unsigned32: unsigned32,
  Enumerated: enumerated,
  Time: time,
  UTF8String: utf8String,
  DiameterIdentity: diameterIdentity,
  Address: address,
  Grouped: grouped,
} as const;
export type DataFormatName = keyof typeof DATA_FORMATS;
export type DataOf<F extends DataFormatName> = ReturnType<(typeof DATA_FORMATS)[F]["decode"]>;

function fourOctets(data: Uint8Array, format: string): Buffer {
  if (data.length !== 4) {
    throw new DiameterFormatError(`${format} has 4 octets, not ${data.length}`, 0);
  }
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength);
}
