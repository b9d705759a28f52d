/** AEAD ciphers of TLS 1.2 (RFC 5288, RFC 6655, RFC 7905) and of TLS 1.3 (RFC 8446 5.2). */
import {
  type CipherCCM,
  type CipherCCMTypes,
  createCipheriv,
  createDecipheriv,
  type DecipherCCM,
} from "node:crypto";
import { ALERT, TlsAlertError } from "../alert.ts";
import type { BulkCipher } from "../algorithms.ts";
import { type Content, type Opener, type Sealer, SequenceNumber } from "./protection.ts";
import { CONTENT_TYPE, MAX_CONTENT, type Record } from "./record.ts";

export type AeadCipher = Extract<BulkCipher, { kind: "aead" }>;

export interface AeadKeys {
  readonly cipher: AeadCipher;
  readonly key: Buffer;
  /** 12 octets, or the 4 implicit ones before an explicit nonce. */
  readonly iv: Buffer;
}

const EXPLICIT_NONCE = 8;
/** Octets that protection may add in TLS 1.3 (RFC 8446 5.2). */
const MAX_EXPANSION_13 = 256;
/** Version of the header of every protected record of TLS 1.3 (RFC 8446 5.1). */
const RECORD_VERSION_13 = 0x0303;

/** The ciphers have the members of this one, whatever the modes are called in the types of node:crypto. */
const sealing = ({ cipher, key }: AeadKeys, nonce: Buffer): CipherCCM =>
  createCipheriv(cipher.algorithm as CipherCCMTypes, key, nonce, { authTagLength: cipher.tag });

const opening = ({ cipher, key }: AeadKeys, nonce: Buffer): DecipherCCM =>
  createDecipheriv(cipher.algorithm as CipherCCMTypes, key, nonce, { authTagLength: cipher.tag });

function encrypt(keys: AeadKeys, nonce: Buffer, aad: Buffer, octets: Buffer): Buffer {
  const cipher = sealing(keys, nonce);
  cipher.setAAD(aad, { plaintextLength: octets.length });
  return Buffer.concat([cipher.update(octets), cipher.final(), cipher.getAuthTag()]);
}

/** @throws TlsAlertError (bad_record_mac) */
function decrypt(keys: AeadKeys, nonce: Buffer, aad: Buffer, octets: Buffer): Buffer {
  const end = octets.length - keys.cipher.tag;
  if (end < 0) throw badMac();
  try {
    const decipher = opening(keys, nonce);
    decipher.setAuthTag(octets.subarray(end));
    decipher.setAAD(aad, { plaintextLength: end });
    return Buffer.concat([decipher.update(octets.subarray(0, end)), decipher.final()]);
  } catch {
    // node:crypto has one message for everything that does not verify.
    throw badMac();
  }
}

const badMac = (): TlsAlertError => new TlsAlertError(ALERT.badRecordMac, "the record does not verify");

/** IV with the sequence number laid over its end (RFC 8446 5.3, RFC 7905 2). */
function nonceOf(iv: Buffer, sequence: Buffer): Buffer {
  const nonce = Buffer.from(iv);
  for (const [index, octet] of sequence.entries()) {
    const at = iv.length - sequence.length + index;
    nonce.writeUInt8((iv[at] ?? 0) ^ octet, at);
  }
  return nonce;
}

/** additional_data of TLS 1.2: sequence number, type, version, length of the content (RFC 5246 6.2.3.3). */
function aad12(sequence: Buffer, type: number, version: number, length: number): Buffer {
  const rest = Buffer.alloc(5);
  rest.writeUInt8(type, 0);
  rest.writeUInt16BE(version, 1);
  rest.writeUInt16BE(length, 3);
  return Buffer.concat([sequence, rest]);
}

/** `repeatsNonces`: a defect, the explicit part is the same for each record (RFC 5288 3 forbids it). */
export function aeadSealer12(keys: AeadKeys, repeatsNonces = false): Sealer {
  const sequence = new SequenceNumber();
  return {
    seal({ type, octets }, version) {
      const number = sequence.take();
      const aad = aad12(number, type, version, octets.length);
      // RFC 5288 3 and RFC 6655 3: the explicit part may be the sequence number, which never repeats.
      const explicit = keys.cipher.nonce === "explicit";
      const said = repeatsNonces ? Buffer.alloc(EXPLICIT_NONCE) : number;
      const nonce = explicit ? Buffer.concat([keys.iv, said]) : nonceOf(keys.iv, number);
      const encrypted = encrypt(keys, nonce, aad, octets);
      return { type, version, fragment: explicit ? Buffer.concat([said, encrypted]) : encrypted };
    },
  };
}

export function aeadOpener12(keys: AeadKeys): Opener {
  const sequence = new SequenceNumber();
  return {
    open({ type, version, fragment }): Content {
      const number = sequence.take();
      const explicit = keys.cipher.nonce === "explicit" ? EXPLICIT_NONCE : 0;
      const length = fragment.length - explicit - keys.cipher.tag;
      if (length < 0) throw badMac();
      const nonce =
        explicit > 0 ? Buffer.concat([keys.iv, fragment.subarray(0, explicit)]) : nonceOf(keys.iv, number);
      const aad = aad12(number, type, version, length);
      return { type, octets: decrypt(keys, nonce, aad, fragment.subarray(explicit)) };
    },
  };
}

function aad13(length: number): Buffer {
  const header = Buffer.alloc(5);
  header.writeUInt8(CONTENT_TYPE.applicationData, 0);
  header.writeUInt16BE(RECORD_VERSION_13, 1);
  header.writeUInt16BE(length, 3);
  return header;
}

export function aeadSealer13(keys: AeadKeys, padding = 0): Sealer {
  const sequence = new SequenceNumber();
  return {
    seal({ type, octets }): Record {
      const inner = Buffer.concat([octets, Buffer.of(type), Buffer.alloc(padding)]);
      const aad = aad13(inner.length + keys.cipher.tag);
      const fragment = encrypt(keys, nonceOf(keys.iv, sequence.take()), aad, inner);
      return { type: CONTENT_TYPE.applicationData, version: RECORD_VERSION_13, fragment };
    },
  };
}

export function aeadOpener13(keys: AeadKeys): Opener {
  const sequence = new SequenceNumber();
  return {
    open({ type, fragment }): Content {
      if (type !== CONTENT_TYPE.applicationData) {
        throw new TlsAlertError(ALERT.unexpectedMessage, `a record of type ${type} is not protected`);
      }
      if (fragment.length > MAX_CONTENT + MAX_EXPANSION_13)
        throw new TlsAlertError(ALERT.recordOverflow, `a protected record of ${fragment.length} octets`);
      // One that does not verify may be early data, which is not counted (RFC 8446 4.2.10).
      const inner = decrypt(keys, nonceOf(keys.iv, sequence.look()), aad13(fragment.length), fragment);
      sequence.take();
      let end = inner.length;
      while (end > 0 && inner[end - 1] === 0) end -= 1;
      if (end === 0) throw new TlsAlertError(ALERT.unexpectedMessage, "a record holds nothing but padding");
      if (end - 1 > MAX_CONTENT)
        throw new TlsAlertError(ALERT.recordOverflow, `${end - 1} octets of content`);
      return { type: inner[end - 1] ?? 0, octets: inner.subarray(0, end - 1) };
    },
  };
}
