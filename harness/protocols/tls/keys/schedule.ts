/**
 * The key schedule of TLS 1.3 (RFC 8446 7): secrets of one connection from a pre-shared key, a shared secret and the
 * hashes of what was said. Checked against the traces of RFC 8448.
 *
 *     const schedule = new KeySchedule("sha256", psk);
 *     schedule.enterHandshake(shared);
 *     const { key, iv } = trafficKeys("sha256", schedule.handshakeTraffic("s", hash), 16);
 */
import { createHash, createHmac } from "node:crypto";
import { encode, opaque, struct, uint } from "../layout/layout.ts";

/** Hash of a TLS 1.3 suite. */
export type ScheduleHash = "sha256" | "sha384";

const LENGTH: Readonly<Record<ScheduleHash, number>> = { sha256: 32, sha384: 48 };

const labelLayout = struct<{ readonly length: number; readonly label: Buffer; readonly context: Buffer }>({
  length: uint(2),
  label: opaque(1),
  context: opaque(1),
});

export const hashOf = (hash: ScheduleHash, octets: Uint8Array): Buffer =>
  createHash(hash).update(octets).digest();

const hmac = (hash: ScheduleHash, key: Uint8Array, octets: Uint8Array): Buffer =>
  createHmac(hash, key).update(octets).digest();

/** HKDF-Extract (RFC 5869 2.2). */
const extract = (hash: ScheduleHash, salt: Uint8Array, input: Uint8Array): Buffer => hmac(hash, salt, input);

function hkdfExpand(hash: ScheduleHash, secret: Uint8Array, info: Uint8Array, octets: number): Buffer {
  const parts: Buffer[] = [];
  let last: Buffer = Buffer.alloc(0);
  for (let length = 0, count = 1; length < octets; count += 1) {
    last = hmac(hash, secret, Buffer.concat([last, info, Buffer.of(count)]));
    parts.push(last);
    length += last.length;
  }
  return Buffer.concat(parts).subarray(0, octets);
}

/** HKDF-Expand-Label (RFC 8446 7.1). */
export function expandLabel(
  hash: ScheduleHash,
  secret: Uint8Array,
  label: string,
  context: Uint8Array,
  octets: number,
): Buffer {
  const info = encode(labelLayout, {
    length: octets,
    label: Buffer.from(`tls13 ${label}`, "latin1"),
    context: Buffer.from(context),
  });
  return hkdfExpand(hash, secret, info, octets);
}

/** Derive-Secret, with the hash of the messages instead of the messages. */
export const deriveSecret = (
  hash: ScheduleHash,
  secret: Uint8Array,
  label: string,
  transcript: Uint8Array,
): Buffer => expandLabel(hash, secret, label, transcript, LENGTH[hash]);

/** Key and IV of one direction (RFC 8446 7.3). */
export function trafficKeys(
  hash: ScheduleHash,
  secret: Uint8Array,
  keyOctets: number,
): { readonly key: Buffer; readonly iv: Buffer } {
  return {
    key: expandLabel(hash, secret, "key", Buffer.alloc(0), keyOctets),
    iv: expandLabel(hash, secret, "iv", Buffer.alloc(0), 12),
  };
}

/** The secret after a KeyUpdate (RFC 8446 7.2). */
export const nextTrafficSecret = (hash: ScheduleHash, secret: Uint8Array): Buffer =>
  expandLabel(hash, secret, "traffic upd", Buffer.alloc(0), LENGTH[hash]);

/** MAC of Finished and of a PSK binder over a transcript hash (RFC 8446 4.4.4, 4.2.11.2). */
export function finishedMac(hash: ScheduleHash, baseKey: Uint8Array, transcript: Uint8Array): Buffer {
  return hmac(hash, expandLabel(hash, baseKey, "finished", Buffer.alloc(0), LENGTH[hash]), transcript);
}

/** PSK of a ticket (RFC 8446 4.6.1). */
export const ticketPsk = (hash: ScheduleHash, resumptionMaster: Uint8Array, nonce: Uint8Array): Buffer =>
  expandLabel(hash, resumptionMaster, "resumption", nonce, LENGTH[hash]);

/** The secrets of one connection, each made when its input is known. */
export class KeySchedule {
  readonly hash: ScheduleHash;
  readonly #early: Buffer;
  #handshake: Buffer | undefined;
  #master: Buffer | undefined;

  /** @param psk absent: zeros, a handshake without pre-shared key. */
  constructor(hash: ScheduleHash, psk?: Uint8Array) {
    this.hash = hash;
    const zeros = Buffer.alloc(LENGTH[hash]);
    this.#early = extract(hash, zeros, psk ?? zeros);
  }

  #emptyHash(): Buffer {
    return hashOf(this.hash, Buffer.alloc(0));
  }

  binderKey(kind: "ext" | "res"): Buffer {
    return deriveSecret(this.hash, this.#early, `${kind} binder`, this.#emptyHash());
  }

  earlyTraffic(clientHello: Uint8Array): Buffer {
    return deriveSecret(this.hash, this.#early, "c e traffic", clientHello);
  }

  /** @param shared the (EC)DHE secret; absent: psk_ke */
  enterHandshake(shared: Uint8Array | undefined): void {
    const salt = deriveSecret(this.hash, this.#early, "derived", this.#emptyHash());
    this.#handshake = extract(this.hash, salt, shared ?? Buffer.alloc(LENGTH[this.hash]));
    const next = deriveSecret(this.hash, this.#handshake, "derived", this.#emptyHash());
    this.#master = extract(this.hash, next, Buffer.alloc(LENGTH[this.hash]));
  }

  /** @throws Error before {@link enterHandshake} */
  handshakeTraffic(end: "c" | "s", transcript: Uint8Array): Buffer {
    return deriveSecret(this.hash, this.#made(this.#handshake), `${end} hs traffic`, transcript);
  }

  /** @throws Error before {@link enterHandshake} */
  applicationTraffic(end: "c" | "s", transcript: Uint8Array): Buffer {
    return deriveSecret(this.hash, this.#made(this.#master), `${end} ap traffic`, transcript);
  }

  /** @throws Error before {@link enterHandshake} */
  exporterMaster(transcript: Uint8Array): Buffer {
    return deriveSecret(this.hash, this.#made(this.#master), "exp master", transcript);
  }

  /** @throws Error before {@link enterHandshake} */
  resumptionMaster(transcript: Uint8Array): Buffer {
    return deriveSecret(this.hash, this.#made(this.#master), "res master", transcript);
  }

  #made(secret: Buffer | undefined): Buffer {
    if (secret === undefined) throw new Error("the handshake secret is not made yet");
    return secret;
  }
}
