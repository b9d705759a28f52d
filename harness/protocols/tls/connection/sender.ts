import { encode } from "../layout/layout.ts";
import { HANDSHAKE_TYPE, type HandshakeName, handshakeLayout } from "../messages/handshake.ts";
import { type Content, type Sealer, unprotected } from "../records/protection.ts";
import { CONTENT_TYPE, encodeRecord, MAX_CONTENT } from "../records/record.ts";
import type { Hooks, Outgoing } from "./hooks.ts";

const FATAL = 2;
const WARNING = 1;

/** The outgoing half of a connection: messages become records, and hooks may change both. */
export class Sender {
  readonly #write: (octets: Buffer) => void;
  #hooks: Hooks;
  readonly #transcript: Buffer[];
  #sealer: Sealer = unprotected;
  /** Of the record header. The first record says TLS 1.0, which every server takes (RFC 8446 5.1, RFC 5246 E.1). */
  recordVersion = 0x0301;

  constructor(write: (octets: Buffer) => void, hooks: Hooks, transcript: Buffer[]) {
    this.#write = write;
    this.#hooks = hooks;
    this.#transcript = transcript;
  }

  /** From now on this is what misbehaves. */
  misbehave(hooks: Hooks): void {
    this.#hooks = hooks;
  }

  /** From now on records are protected so. */
  use(sealer: Sealer): void {
    this.#sealer = sealer;
  }

  handshake(name: HandshakeName, body: Buffer): void {
    const octets = encode(handshakeLayout, { type: HANDSHAKE_TYPE[name], body });
    this.#send({ name, type: CONTENT_TYPE.handshake, octets });
  }

  changeCipherSpec(): void {
    this.#send({ name: "changeCipherSpec", type: CONTENT_TYPE.changeCipherSpec, octets: Buffer.of(1) });
  }

  /** close_notify is a warning up to TLS 1.2 (RFC 5246 7.2.1); all others here end the connection. */
  alert(description: number): void {
    const level = description === 0 ? WARNING : FATAL;
    this.#send({ name: "alert", type: CONTENT_TYPE.alert, octets: Buffer.of(level, description) });
  }

  /** An alert that ends nothing, up to TLS 1.2. */
  warning(description: number): void {
    this.#send({ name: "alert", type: CONTENT_TYPE.alert, octets: Buffer.of(WARNING, description) });
  }

  application(octets: Buffer): void {
    this.#send({ name: "applicationData", type: CONTENT_TYPE.applicationData, octets });
  }

  #send(meant: Outgoing): void {
    const sent = this.#hooks.message?.(meant) ?? [meant];
    const hashed = this.#hooks.hashesWhatWasMeant === true ? [meant] : sent;
    for (const { type, octets } of hashed) {
      if (type === CONTENT_TYPE.handshake) this.#transcript.push(octets);
    }
    for (const message of sent) this.#sendRecords(message);
  }

  #sendRecords({ name, type, octets }: Outgoing): void {
    const hooks = this.#hooks;
    for (const content of fragments(type, octets)) {
      for (const changed of hooks.record?.(content, name) ?? [content]) {
        const record = encodeRecord(this.#sealer.seal(changed, this.recordVersion));
        for (const out of hooks.wire?.(record, name) ?? [record]) this.#write(out);
      }
    }
  }
}

/** Pieces that fit into a record; an empty message is one empty piece. */
function fragments(type: number, octets: Buffer): readonly Content[] {
  const pieces: Content[] = [];
  for (let at = 0; at === 0 || at < octets.length; at += MAX_CONTENT) {
    pieces.push({ type, octets: octets.subarray(at, at + MAX_CONTENT) });
  }
  return pieces;
}
