import { createCipheriv, createDecipheriv, createHmac, randomBytes } from "node:crypto";
import {
  type Content,
  header,
  MOST_EXCESS,
  type RecordCipher,
  type SealedRecord,
  sequenceOctets,
  TLS_12,
} from "./record-cipher.ts";

const BLOCK = 16;
/** Octets of padding with their length, and what may stand behind them. */
const MOST_PADDING = 256 + MOST_EXCESS;

interface CbcKeys {
  readonly algorithm: string;
  readonly key: Buffer;
  readonly mac: "sha1" | "sha256";
  readonly macKey: Buffer;
  /** RFC 7366. */
  readonly encryptThenMac: boolean;
}

/** AES-CBC with a MAC in TLS 1.2 (RFC 5246 6.2.3.2, RFC 7366). */
export class CbcRecords implements RecordCipher {
  readonly #keys: CbcKeys;
  readonly #macLength: number;

  constructor(keys: CbcKeys) {
    this.#keys = keys;
    this.#macLength = keys.mac === "sha1" ? 20 : 32;
  }

  open(sequence: number, record: SealedRecord): Content | undefined {
    const { fragment } = record;
    const outside = this.#keys.encryptThenMac ? this.#macLength : 0;
    if ((fragment.length - outside) % BLOCK !== 0) return undefined;
    const padded = this.#keys.encryptThenMac
      ? this.#authentic(sequence, record, fragment, fragment.length - this.#macLength, this.#macLength)
      : fragment;
    const octets = padded === undefined ? undefined : withoutPadding(this.#decrypted(padded), true);
    if (octets === undefined) return undefined;
    const content = this.#keys.encryptThenMac
      ? octets
      : this.#authentic(sequence, record, octets, octets.length - this.#macLength, this.#macLength);
    return content === undefined ? undefined : { type: record.type, octets: content };
  }

  openUnchecked(_sequence: number, { type, fragment }: SealedRecord): Content | undefined {
    const outside = this.#keys.encryptThenMac ? this.#macLength : 0;
    const octets = withoutPadding(this.#decrypted(fragment.subarray(0, fragment.length - outside)), false);
    if (octets === undefined) return undefined;
    return { type, octets: octets.subarray(0, Math.max(octets.length - this.#macLength + outside, 0)) };
  }

  openPart(sequence: number, record: SealedRecord): Content | undefined {
    const { fragment, type } = record;
    if (!this.#keys.encryptThenMac) {
      const octets = this.#authenticPart(
        sequence,
        record,
        this.#decrypted(fragment),
        this.#macLength + MOST_PADDING,
      );
      return octets === undefined ? undefined : { type, octets };
    }
    const padded = this.#authenticPart(sequence, record, fragment, this.#macLength + MOST_EXCESS);
    const octets = padded === undefined ? undefined : withoutPadding(this.#decrypted(padded), false);
    return octets === undefined ? undefined : { type, octets };
  }

  seal(sequence: number, { type, octets }: Content): SealedRecord {
    const record = { type, version: TLS_12 };
    const mac = (over: Buffer) => this.#mac(sequence, record, over);
    if (this.#keys.encryptThenMac) {
      const encrypted = this.#encrypted(octets);
      return { ...record, fragment: Buffer.concat([encrypted, mac(encrypted)]) };
    }
    return { ...record, fragment: this.#encrypted(Buffer.concat([octets, mac(octets)])) };
  }

  /** The octets before `end`, when so many octets of their MAC stand there. */
  #authentic(
    sequence: number,
    record: Omit<SealedRecord, "fragment">,
    octets: Buffer,
    end: number,
    macLength: number,
  ): Buffer | undefined {
    if (end < 0) return undefined;
    const covered = octets.subarray(0, end);
    const right = this.#mac(sequence, record, covered).subarray(0, macLength);
    return right.equals(octets.subarray(end, end + macLength)) ? covered : undefined;
  }

  /** Looks for the end of what a MAC covers, at most so many octets before the end: a whole one, or what is left of it. */
  #authenticPart(
    sequence: number,
    record: Omit<SealedRecord, "fragment">,
    octets: Buffer,
    most: number,
  ): Buffer | undefined {
    const { length } = octets;
    for (let behind = this.#macLength; behind <= Math.min(length, most); behind += 1) {
      const found = this.#authentic(sequence, record, octets, length - behind, this.#macLength);
      if (found !== undefined) return found;
    }
    for (let left = Math.min(this.#macLength - 1, length); left >= 0; left -= 1) {
      const found = this.#authentic(sequence, record, octets, length - left, left);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  #mac(sequence: number, { type, version }: Omit<SealedRecord, "fragment">, octets: Buffer): Buffer {
    return createHmac(this.#keys.mac, this.#keys.macKey)
      .update(sequenceOctets(sequence))
      .update(header(type, version, octets.length))
      .update(octets)
      .digest();
  }

  /** IV and blocks; an incomplete last block is left out. */
  #decrypted(octets: Buffer): Buffer {
    const end = octets.length - (octets.length % BLOCK);
    if (end <= BLOCK) return Buffer.alloc(0);
    const { algorithm, key } = this.#keys;
    const decipher = createDecipheriv(algorithm, key, octets.subarray(0, BLOCK)).setAutoPadding(false);
    return Buffer.concat([decipher.update(octets.subarray(BLOCK, end)), decipher.final()]);
  }

  #encrypted(octets: Buffer): Buffer {
    const padding = BLOCK - 1 - (octets.length % BLOCK);
    const iv = randomBytes(BLOCK);
    const cipher = createCipheriv(this.#keys.algorithm, this.#keys.key, iv).setAutoPadding(false);
    const padded = Buffer.concat([octets, Buffer.alloc(padding + 1, padding)]);
    return Buffer.concat([iv, cipher.update(padded), cipher.final()]);
  }
}

/** `exact`: every octet of the padding has to say its length; else it is enough that the octets are there. */
function withoutPadding(octets: Buffer, exact: boolean): Buffer | undefined {
  const padding = octets.at(-1);
  if (padding === undefined) return undefined;
  const end = octets.length - padding - 1;
  if (!exact) return end < 0 ? octets : octets.subarray(0, end);
  return end >= 0 && octets.subarray(end).every((octet) => octet === padding)
    ? octets.subarray(0, end)
    : undefined;
}
