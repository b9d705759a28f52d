import { createDecipheriv, createHash } from "node:crypto";
import { elements } from "./cursor.ts";
import { prf } from "./prf.ts";
import { parseServerHello } from "./server-hello.ts";

const HASH = "sha256";
const RECORD_HEADER = 5;
const MESSAGE_HEADER = 4;
const MASTER_SECRET = 48;
const KEY = 16;
const SALT = 4;
const EXPLICIT_NONCE = 8;
const TAG = 16;

/** TLS_PSK_WITH_AES_128_GCM_SHA256, the only suite whose Finished is looked into here. */
const SUITE = 0x00a8;

/** All that passed in a TLS 1.2 handshake until the client's Finished. */
export interface ClientFlight {
  readonly suite: number;
  /** ClientHello and ClientKeyExchange with their handshake headers. */
  readonly clientHello: Buffer;
  readonly clientKeyExchange: Buffer;
  /** Records of the server, from ServerHello to ServerHelloDone. */
  readonly sent: Buffer;
  /** The record with the encrypted Finished. */
  readonly finished: Buffer;
}

/**
 * True when the client's Finished was protected under keys from this pre-shared key (RFC 5246 7.4.9, RFC 4279 2).
 * OpenSSL verifies it for the enabler; only defects that try something else look for themselves. Always false for
 * another suite than TLS_PSK_WITH_AES_128_GCM_SHA256.
 */
export function finishedFits(flight: ClientFlight, key: Buffer): boolean {
  if (flight.suite !== SUITE) return false;
  const messages = handshakeMessages(flight.sent);
  const serverHello = parseServerHello(messages);
  const clientRandom = flight.clientHello.subarray(MESSAGE_HEADER + 2, MESSAGE_HEADER + 2 + 32);
  const premaster = Buffer.concat([counted(Buffer.alloc(key.length)), counted(key)]);
  const transcript = Buffer.concat([flight.clientHello, messages, flight.clientKeyExchange]);
  const master = serverHello.extendedMasterSecret
    ? prf(HASH, premaster, "extended master secret", digest(transcript), MASTER_SECRET)
    : prf(HASH, premaster, "master secret", Buffer.concat([clientRandom, serverHello.random]), MASTER_SECRET);
  const randoms = Buffer.concat([serverHello.random, clientRandom]);
  const block = prf(HASH, master, "key expansion", randoms, 2 * KEY + 2 * SALT);
  return opens(flight.finished, block.subarray(0, KEY), block.subarray(2 * KEY, 2 * KEY + SALT));
}

/** RFC 4279 2: a length of two octets before what it counts. */
function counted(octets: Buffer): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(octets.length);
  return Buffer.concat([length, octets]);
}

function handshakeMessages(records: Buffer): Buffer {
  const bodies = elements(records, (cursor) => {
    cursor.take(RECORD_HEADER - 2);
    return cursor.vector16();
  });
  return Buffer.concat(bodies);
}

/** AEAD of the first protected record (RFC 5246 6.2.3.3, RFC 5288 3): its sequence number is 0. */
function opens(record: Buffer, key: Buffer, salt: Buffer): boolean {
  const body = record.subarray(RECORD_HEADER);
  const length = body.length - EXPLICIT_NONCE - TAG;
  if (length < 0) return false;
  const nonce = Buffer.concat([salt, body.subarray(0, EXPLICIT_NONCE)]);
  const header = Buffer.from(record.subarray(0, RECORD_HEADER));
  header.writeUInt16BE(length, RECORD_HEADER - 2);
  const decipher = createDecipheriv("aes-128-gcm", key, nonce);
  decipher.setAAD(Buffer.concat([Buffer.alloc(8), header]));
  decipher.setAuthTag(body.subarray(EXPLICIT_NONCE + length));
  decipher.update(body.subarray(EXPLICIT_NONCE, EXPLICIT_NONCE + length));
  try {
    decipher.final();
    return true;
  } catch {
    return false;
  }
}

const digest = (data: Buffer) => createHash(HASH).update(data).digest();
