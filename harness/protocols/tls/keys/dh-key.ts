/**
 * Finite-field Diffie-Hellman keys as node:crypto's KeyObject, by way of DER (PKCS #3 9, RFC 5208 5, RFC 5280 4.1):
 * its class DiffieHellman tests the prime anew for each connection, which takes longer than a handshake.
 */
import { createPrivateKey, createPublicKey, type KeyObject } from "node:crypto";

const TAG = { integer: 0x02, bitString: 0x03, octetString: 0x04, sequence: 0x30 } as const;
/** dhKeyAgreement (PKCS #3 9). */
const OID = Buffer.from("06092a864886f70d010301", "hex");

/** A group as a server names it: unsigned big-endian numbers. */
export interface DhGroup {
  readonly p: Buffer;
  readonly g: Buffer;
}

function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const short = content.length < 0x80;
  const length = Buffer.alloc(short ? 1 : 3);
  if (short) length.writeUInt8(content.length);
  else {
    length.writeUInt8(0x82);
    length.writeUInt16BE(content.length, 1);
  }
  return Buffer.concat([Buffer.of(tag), length, content]);
}

/** A number that is not negative: a zero octet goes before a high bit. */
function integer(value: Buffer): Buffer {
  const digits = stripped(value);
  return der(TAG.integer, (digits[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.of(0), digits]) : digits);
}

/** Without leading zeros; zero itself is one octet. */
export function stripped(value: Buffer): Buffer {
  const first = value.findIndex((octet) => octet !== 0);
  return first < 0 ? Buffer.of(0) : value.subarray(first);
}

const algorithm = ({ p, g }: DhGroup): Buffer =>
  der(TAG.sequence, OID, der(TAG.sequence, integer(p), integer(g)));

/** @throws what node:crypto throws for a group that is none */
export function dhPrivateKey(group: DhGroup, x: Buffer): KeyObject {
  const secret = der(TAG.octetString, integer(x));
  const key = der(TAG.sequence, integer(Buffer.of(0)), algorithm(group), secret);
  return createPrivateKey({ key, format: "der", type: "pkcs8" });
}

/** @throws what node:crypto throws for a value that is none of the group */
export function dhPublicKey(group: DhGroup, y: Buffer): KeyObject {
  const value = der(TAG.bitString, Buffer.of(0), integer(y));
  const key = der(TAG.sequence, algorithm(group), value);
  return createPublicKey({ key, format: "der", type: "spki" });
}

/** The public value that belongs to a private key, without leading zeros. */
export function dhPublicValue(privateKey: KeyObject): Buffer {
  const spki = createPublicKey(privateKey).export({ format: "der", type: "spki" });
  const [, value] = elementsOf(contentOf(spki, TAG.sequence));
  if (value === undefined) throw new Error("a SubjectPublicKeyInfo without public key");
  // The first octet of a BIT STRING counts the bits that are not used: none.
  return stripped(contentOf(contentOf(value, TAG.bitString).subarray(1), TAG.integer));
}

/** Where the content of the element at the begin of these octets lies (X.690 8.1.3, definite lengths of node:crypto's own). */
function extentOf(octets: Buffer): { readonly start: number; readonly end: number } {
  const first = octets.readUInt8(1);
  if (first < 0x80) return { start: 2, end: 2 + first };
  const start = 2 + (first & 0x7f);
  return { start, end: start + octets.readUIntBE(2, first & 0x7f) };
}

function contentOf(octets: Buffer, tag: number): Buffer {
  if (octets[0] !== tag) throw new Error(`DER element ${octets[0]} instead of ${tag}`);
  const { start, end } = extentOf(octets);
  return octets.subarray(start, end);
}

function elementsOf(content: Buffer): readonly Buffer[] {
  const elements: Buffer[] = [];
  for (let left = content; left.length > 0; ) {
    const { end } = extentOf(left);
    elements.push(left.subarray(0, end));
    left = left.subarray(end);
  }
  return elements;
}
