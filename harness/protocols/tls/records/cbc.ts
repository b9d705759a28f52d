/** CBC and NULL ciphers with a MAC (RFC 5246 6.2.3.1, 6.2.3.2; RFC 2246 6.2.3.2; RFC 7366). */
import { createCipheriv, createDecipheriv, createHmac, timingSafeEqual } from "node:crypto";
import { ALERT, TlsAlertError } from "../alert.ts";
import { type BulkCipher, macOctets } from "../algorithms.ts";
import type { DirectionKeys, HashName } from "../keys/prf.ts";
import type { LegacyVersion } from "../versions.ts";
import { type Content, type Opener, type Sealer, SequenceNumber } from "./protection.ts";
import type { Record } from "./record.ts";

export interface MacProtection {
  readonly version: LegacyVersion;
  readonly cipher: Extract<BulkCipher, { kind: "cbc" | "null" }>;
  readonly mac: HashName;
  readonly keys: DirectionKeys;
  /** RFC 7366: the MAC is over what was encrypted. Never with the NULL cipher. */
  readonly encryptThenMac: boolean;
  /** A defect: wrong padding has an alert of its own, so that it can be guessed octet by octet. */
  readonly tellsPadding?: boolean;
  /** Fresh octets for the IV of each record, TLS 1.1 and later. */
  readonly random: (octets: number) => Buffer;
}

/** All ways in which a record can be wrong give the same alert (RFC 5246 7.2.2). */
const badMac = (): TlsAlertError => new TlsAlertError(ALERT.badRecordMac, "the record does not verify");

/** Must not be sent (RFC 5246 7.2.2). */
const badPadding = (): TlsAlertError => new TlsAlertError(ALERT.decryptionFailed, "the padding is wrong");

function macOf(
  { mac, keys }: MacProtection,
  sequence: Buffer,
  { type, version }: Pick<Record, "type" | "version">,
  octets: Buffer,
): Buffer {
  const header = Buffer.alloc(5);
  header.writeUInt8(type, 0);
  header.writeUInt16BE(version, 1);
  header.writeUInt16BE(octets.length, 3);
  return createHmac(mac, keys.macKey).update(sequence).update(header).update(octets).digest();
}

/** The chained IV of TLS 1.0, or an explicit one before each record. */
class BlockCipher {
  readonly #protection: MacProtection;
  readonly #algorithm: string;
  readonly #block: number;
  #chained: Buffer;

  constructor(protection: MacProtection, cipher: Extract<BulkCipher, { kind: "cbc" }>) {
    this.#protection = protection;
    this.#algorithm = cipher.algorithm;
    this.#block = cipher.block;
    this.#chained = protection.keys.iv;
  }

  encrypt(octets: Buffer): Buffer {
    const { keys, random, version } = this.#protection;
    const padding = this.#block - 1 - (octets.length % this.#block);
    const padded = Buffer.concat([octets, Buffer.alloc(padding + 1, padding)]);
    const explicit = version !== "1.0";
    const iv = explicit ? random(this.#block) : this.#chained;
    const cipher = createCipheriv(this.#algorithm, keys.key, iv).setAutoPadding(false);
    const encrypted = Buffer.concat([cipher.update(padded), cipher.final()]);
    this.#chained = encrypted.subarray(-this.#block);
    return explicit ? Buffer.concat([iv, encrypted]) : encrypted;
  }

  /** With its padding. @throws TlsAlertError (bad_record_mac) */
  decrypt(fragment: Buffer): Buffer {
    const explicit = this.#protection.version !== "1.0";
    const iv = explicit ? fragment.subarray(0, this.#block) : this.#chained;
    const encrypted = explicit ? fragment.subarray(this.#block) : fragment;
    if (encrypted.length === 0 || encrypted.length % this.#block !== 0) throw badMac();
    const decipher = createDecipheriv(this.#algorithm, this.#protection.keys.key, iv).setAutoPadding(false);
    this.#chained = Buffer.from(encrypted.subarray(-this.#block));
    return Buffer.concat([decipher.update(encrypted), decipher.final()]);
  }
}

/** Content without its padding, or undefined when the padding is not right (each octet says how many there are). */
function withoutPadding(octets: Buffer): Buffer | undefined {
  const padding = octets.at(-1) ?? 0;
  if (padding + 1 > octets.length) return undefined;
  const start = octets.length - padding - 1;
  return octets.subarray(start).every((octet) => octet === padding) ? octets.subarray(0, start) : undefined;
}

export function macSealer(protection: MacProtection): Sealer {
  const { cipher, encryptThenMac } = protection;
  const block = cipher.kind === "cbc" ? new BlockCipher(protection, cipher) : undefined;
  const sequence = new SequenceNumber();
  return {
    seal({ type, octets }, version) {
      const mac = (over: Buffer) => macOf(protection, sequence.take(), { type, version }, over);
      if (block === undefined) return { type, version, fragment: Buffer.concat([octets, mac(octets)]) };
      if (!encryptThenMac) {
        return { type, version, fragment: block.encrypt(Buffer.concat([octets, mac(octets)])) };
      }
      const encrypted = block.encrypt(octets);
      return { type, version, fragment: Buffer.concat([encrypted, mac(encrypted)]) };
    },
  };
}

export function macOpener(protection: MacProtection): Opener {
  const { cipher, encryptThenMac } = protection;
  const block = cipher.kind === "cbc" ? new BlockCipher(protection, cipher) : undefined;
  const sequence = new SequenceNumber();
  const verified = (record: Record, octets: Buffer): Buffer => {
    const length = octets.length - macOctets(protection.mac);
    if (length < 0) throw badMac();
    const right = macOf(protection, sequence.take(), record, octets.subarray(0, length));
    if (!timingSafeEqual(right, octets.subarray(length))) throw badMac();
    return octets.subarray(0, length);
  };
  return {
    open(record): Content {
      const { type, fragment } = record;
      if (block === undefined) return { type, octets: verified(record, fragment) };
      if (encryptThenMac) {
        const content = withoutPadding(block.decrypt(verified(record, fragment)));
        if (content === undefined) throw badMac();
        return { type, octets: content };
      }
      const content = withoutPadding(block.decrypt(fragment));
      if (content === undefined) throw protection.tellsPadding === true ? badPadding() : badMac();
      return { type, octets: verified(record, content) };
    },
  };
}
