import { ALERT, TlsAlertError } from "../alert.ts";
import { type Content, type Opener, unprotected } from "../records/protection.ts";
import { CONTENT_TYPE, MAX_CONTENT, type Record, RecordSplitter } from "../records/record.ts";

/** A handshake message of the peer. */
export interface HandshakeMessage {
  readonly kind: "handshake";
  readonly type: number;
  readonly body: Buffer;
  /** With its header, as it enters the hashes. */
  readonly octets: Buffer;
}

export type Incoming =
  | HandshakeMessage
  | { readonly kind: "changeCipherSpec" }
  | { readonly kind: "alert"; readonly level: number; readonly description: number }
  | { readonly kind: "application"; readonly octets: Buffer };

/** Octets of one handshake message that are taken: a chain of certificates is the longest. */
const MAX_HANDSHAKE = 2 ** 18;
const HANDSHAKE_HEADER = 4;
/** Records without content in a row that are borne (RFC 8446 5.1 and RFC 5246 6.2.1 allow them for data). */
const MAX_EMPTY = 32;

/** The incoming half of a connection: octets become messages, one after the other. */
export class Receiver {
  readonly #records = new RecordSplitter();
  readonly #take: (message: Incoming) => void;
  #opener: Opener = unprotected;
  /** Of handshake messages, one behind the other, and how many octets they have together. */
  #pieces: Buffer[] = [];
  #held = 0;
  #empty = 0;
  #paused = false;
  /** Records that wait while this is paused. */
  readonly #waiting: Record[] = [];
  #skips = 0;
  /** TLS 1.3: a plain ChangeCipherSpec with the octet 1 is dropped until the handshake ends (RFC 8446 5). */
  dropsChangeCipherSpec = false;

  /** @param take called with each message; it may call {@link use} */
  constructor(take: (message: Incoming) => void) {
    this.#take = take;
  }

  /** From now on records are opened so. @throws TlsAlertError (unexpected_message) when a message is cut by the change */
  use(opener: Opener): void {
    if (this.#held > 0) {
      throw new TlsAlertError(ALERT.unexpectedMessage, "a message stands on both sides of a change of keys");
    }
    this.#opener = opener;
  }

  /** @throws TlsAlertError, also that of `take` */
  receive(chunk: Uint8Array): void {
    for (const record of this.#records.push(chunk)) this.#waiting.push(record);
    this.#work();
  }

  /** Nothing is taken until {@link resume}: what the next message means is not known yet. */
  pause(): void {
    this.#paused = true;
  }

  /** @throws TlsAlertError, also that of `take` */
  resume(): void {
    this.#paused = false;
    this.#messages();
    this.#work();
  }

  /**
   * Records of early data that was refused are left out: in all up to so many octets that cannot be opened, until the
   * first that can (RFC 8446 4.2.10).
   */
  skipEarlyData(octets: number): void {
    this.#skips = octets;
  }

  #work(): void {
    let taken = 0;
    try {
      for (const record of this.#waiting) {
        if (this.#paused) break;
        taken += 1;
        this.#record(record);
      }
    } finally {
      this.#waiting.splice(0, taken);
    }
  }

  #record(record: Record): void {
    if (this.dropsChangeCipherSpec && record.type === CONTENT_TYPE.changeCipherSpec) {
      if (record.fragment.length === 1 && record.fragment[0] === 1) return;
      throw new TlsAlertError(ALERT.unexpectedMessage, "a ChangeCipherSpec of TLS 1.3 with other content");
    }
    const content = this.#opened(record);
    if (content !== undefined) this.#content(content);
  }

  /** undefined: it is left out. */
  #opened(record: Record): Content | undefined {
    if (this.#skips === 0 || record.type !== CONTENT_TYPE.applicationData) return this.#opener.open(record);
    // Before keys are in use early data stands in the way of a second ClientHello (RFC 8446 4.2.10).
    const content = this.#opener === unprotected ? undefined : attempted(this.#opener, record);
    this.#skips = content === undefined ? Math.max(this.#skips - record.fragment.length, 0) : 0;
    return content;
  }

  #content({ type, octets }: Content): void {
    if (octets.length > MAX_CONTENT) throw new TlsAlertError(ALERT.recordOverflow, "a record is too long");
    this.#countEmpty(type, octets);
    if (this.#held > 0 && type !== CONTENT_TYPE.handshake) {
      throw new TlsAlertError(ALERT.unexpectedMessage, "something stands between the parts of a message");
    }
    switch (type) {
      case CONTENT_TYPE.handshake:
        this.#handshake(octets);
        return;
      case CONTENT_TYPE.changeCipherSpec:
        if (octets.length !== 1 || octets[0] !== 1)
          throw new TlsAlertError(ALERT.decodeError, "ChangeCipherSpec is not the octet 1");
        this.#take({ kind: "changeCipherSpec" });
        return;
      case CONTENT_TYPE.alert: {
        const [level, description, ...more] = octets;
        if (level === undefined || description === undefined || more.length > 0)
          throw new TlsAlertError(ALERT.decodeError, "an alert has not two octets");
        this.#take({ kind: "alert", level, description });
        return;
      }
      case CONTENT_TYPE.applicationData:
        this.#take({ kind: "application", octets });
        return;
      default:
        throw new TlsAlertError(ALERT.unexpectedMessage, `a record of type ${type}`);
    }
  }

  /** Only data may be empty, and not without end. */
  #countEmpty(type: number, octets: Buffer): void {
    if (octets.length > 0) {
      this.#empty = 0;
      return;
    }
    this.#empty += 1;
    if (type !== CONTENT_TYPE.applicationData || this.#empty > MAX_EMPTY)
      throw new TlsAlertError(ALERT.unexpectedMessage, "a record without content");
  }

  /** Pieces are joined when the message is whole, so that many small records cost no more than a few large ones. */
  #handshake(octets: Buffer): void {
    this.#pieces.push(octets);
    this.#held += octets.length;
    this.#messages();
  }

  #messages(): void {
    while (!this.#paused && this.#held >= HANDSHAKE_HEADER && this.#held >= this.#end()) {
      const [first, ...more] = this.#pieces;
      if (first === undefined) return;
      const all = more.length === 0 ? first : Buffer.concat(this.#pieces);
      const end = this.#end();
      // What is left is known before the message is taken: it may change the keys.
      this.#pieces = end < all.length ? [all.subarray(end)] : [];
      this.#held = all.length - end;
      this.#take({
        kind: "handshake",
        type: all.readUInt8(0),
        body: all.subarray(HANDSHAKE_HEADER, end),
        octets: all.subarray(0, end),
      });
    }
  }

  /** Octets of the message that has begun, with its header, of which at least the length is here. */
  #end(): number {
    if ((this.#pieces[0]?.length ?? 0) < HANDSHAKE_HEADER) this.#pieces = [Buffer.concat(this.#pieces)];
    const end = HANDSHAKE_HEADER + (this.#pieces[0]?.readUIntBE(1, 3) ?? 0);
    if (end > MAX_HANDSHAKE)
      throw new TlsAlertError(ALERT.decodeError, `a handshake message of ${end} octets`);
    return end;
  }
}

function attempted(opener: Opener, record: Record): Content | undefined {
  try {
    return opener.open(record);
  } catch {
    return undefined;
  }
}
