import { type CipherGCMTypes, createCipheriv, createDecipheriv } from "node:crypto";
import {
  CONTENT,
  type Content,
  header,
  MOST_EXCESS,
  type RecordCipher,
  type SealedRecord,
  sequenceOctets,
  TLS_12,
} from "./record-cipher.ts";

const TAG = 16;
const EXPLICIT_NONCE = 8;

interface AeadKeys {
  readonly algorithm: string;
  readonly key: Buffer;
  /** 12 octets, or the 4 before an explicit nonce (RFC 5288 3). */
  readonly iv: Buffer;
  readonly isTls13: boolean;
}

/** AES-GCM and ChaCha20-Poly1305 (RFC 5246 6.2.3.3, RFC 5288, RFC 7905, RFC 8446 5.2). */
export class AeadRecords implements RecordCipher {
  readonly #keys: AeadKeys;
  readonly #explicit: number;

  constructor(keys: AeadKeys) {
    this.#keys = keys;
    this.#explicit = keys.iv.length < 12 ? EXPLICIT_NONCE : 0;
  }

  open(sequence: number, record: SealedRecord): Content | undefined {
    if (this.#keys.isTls13 && record.type !== CONTENT.application) return undefined;
    return this.#opened(sequence, record, record.fragment.length - TAG, TAG);
  }

  openUnchecked(sequence: number, record: SealedRecord): Content | undefined {
    const end = record.fragment.length - TAG;
    return end < this.#explicit ? undefined : this.#content(record, this.#decrypted(sequence, record, end));
  }

  openPart(sequence: number, record: SealedRecord): Content | undefined {
    const { length } = record.fragment;
    for (let excess = 1; excess <= MOST_EXCESS; excess += 1) {
      const content = this.#opened(sequence, record, length - TAG - excess, TAG);
      if (content !== undefined) return content;
    }
    for (let left = TAG - 1; left >= 0; left -= 1) {
      const content = this.#opened(sequence, record, length - left, left);
      if (content !== undefined) return content;
    }
    return undefined;
  }

  seal(sequence: number, { type, octets }: Content): SealedRecord {
    const { isTls13 } = this.#keys;
    const inner = isTls13 ? Buffer.concat([octets, Buffer.of(type)]) : octets;
    const record = { type: isTls13 ? CONTENT.application : type, version: TLS_12 };
    const nonce = sequenceOctets(sequence).subarray(0, this.#explicit);
    const sealed = this.#sealed(sequence, { ...record, fragment: nonce }, inner);
    return { ...record, fragment: Buffer.concat([nonce, sealed]) };
  }

  /** The content before `end`, when so many octets of its tag stand there. */
  #opened(sequence: number, record: SealedRecord, end: number, tag: number): Content | undefined {
    if (end < this.#explicit) return undefined;
    const inner = this.#decrypted(sequence, record, end);
    const right = this.#sealed(sequence, record, inner).subarray(inner.length, inner.length + tag);
    return right.equals(record.fragment.subarray(end, end + tag)) ? this.#content(record, inner) : undefined;
  }

  /** RFC 8446 5.4 in TLS 1.3; a type that nothing has is that of a record which was cut. */
  #content(record: SealedRecord, inner: Buffer): Content {
    if (!this.#keys.isTls13) return { type: record.type, octets: inner };
    let end = inner.length;
    while (end > 0 && inner[end - 1] === 0) end -= 1;
    const type = inner[end - 1] ?? 0;
    return type >= CONTENT.alert && type <= CONTENT.application
      ? { type, octets: inner.subarray(0, end - 1) }
      : { type: CONTENT.application, octets: inner };
  }

  /** The tag is not looked at: `final` is never called. */
  #decrypted(sequence: number, record: SealedRecord, end: number): Buffer {
    const { algorithm, key } = this.#keys;
    const nonce = this.#nonce(sequence, record);
    // ChaCha20-Poly1305 has the members that are used here, too.
    const decipher = createDecipheriv(algorithm as CipherGCMTypes, key, nonce, { authTagLength: TAG });
    return decipher.update(record.fragment.subarray(this.#explicit, end));
  }

  #sealed(sequence: number, record: SealedRecord, inner: Buffer): Buffer {
    const { algorithm, key, isTls13 } = this.#keys;
    const nonce = this.#nonce(sequence, record);
    const cipher = createCipheriv(algorithm as CipherGCMTypes, key, nonce, { authTagLength: TAG });
    const { type, version } = record;
    cipher.setAAD(
      isTls13
        ? header(type, version, inner.length + TAG)
        : Buffer.concat([sequenceOctets(sequence), header(type, version, inner.length)]),
    );
    return Buffer.concat([cipher.update(inner), cipher.final(), cipher.getAuthTag()]);
  }

  #nonce(sequence: number, { fragment }: SealedRecord): Buffer {
    const { iv } = this.#keys;
    if (this.#explicit > 0) return Buffer.concat([iv, fragment.subarray(0, EXPLICIT_NONCE)]);
    const laid = Buffer.concat([Buffer.alloc(4), sequenceOctets(sequence)]);
    return Buffer.from(iv.map((octet, index) => octet ^ (laid[index] ?? 0)));
  }
}
