import { Duplex } from "node:stream";
import type { TLSSocket } from "node:tls";
import { MalformedHandshake } from "./cursor.ts";
import { Playback, type Recording } from "./playbacks.ts";
import {
  CONTENT,
  type Content,
  encodeRecord,
  type RecordCipher,
  RecordCutter,
  type SealedRecord,
  TLS_12,
} from "./record-cipher.ts";
import { cipher12, cipher13, nextSecret } from "./record-keys.ts";
import type { RecordPath } from "./record-path.ts";
import { parseServerHello, type ServerHello } from "./server-hello.ts";

const MESSAGE_HEADER = 4;
const RANDOM_AT = MESSAGE_HEADER + 2;
const RANDOM_END = RANDOM_AT + 32;
const KEY_UPDATE = 24;
/** Records of the enabler that are known again. */
const MOST_OWN = 256;

/**
 * `clear`: until the terminal's keys are in use; `finished`: its Finished of TLS 1.2 or of TLS 1.3 comes; `open`: what
 * follows; `closed`: nothing is looked at any more.
 */
type Phase = "clear" | "finished" | "open" | "closed";

/** A TCP connection, or what stands before it. */
export type Transport = Duplex & { readonly remoteAddress?: string | undefined };

/**
 * Stands between a TCP connection and OpenSSL for defects that OpenSSL does not have: opens the terminal's records with
 * the secrets of the connection and seals what the path accepts anew. TLS 1.2 and 1.3; other connections pass.
 */
export class RecordFilter extends Duplex {
  readonly #socket: Transport;
  readonly #path: RecordPath;
  readonly #received = new RecordCutter();
  readonly #sent = new RecordCutter();
  readonly #own = new Set<string>();
  readonly #secrets = new Map<string, Buffer>();
  #held: SealedRecord[] = [];
  #phase: Phase = "clear";
  #clientMessages: Buffer = Buffer.alloc(0);
  #serverMessages: Buffer = Buffer.alloc(0);
  #hello: ServerHello | undefined;
  #cipher: RecordCipher | undefined;
  #secret: Buffer | undefined;
  /** Number of the terminal's next record, and of the next one for OpenSSL. */
  #arriving = 0;
  #passing = 0;
  /** Octets of whole records that came. */
  #heard = 0;
  #hasEnded = false;
  #isDraining = false;
  #recording: Recording | undefined;
  #playback: Playback | undefined;

  constructor(socket: Transport, path: RecordPath) {
    super();
    this.#socket = socket;
    this.#path = path;
    socket.on("data", (chunk: Buffer) => this.#take(chunk));
    socket.on("end", () => this.#end());
    socket.on("error", () => this.destroy());
    socket.on("close", () => this.destroy());
  }

  get remoteAddress(): string | undefined {
    return this.#socket.remoteAddress;
  }

  /** Learns the secrets of the connection (the lines of a key log). */
  follow(tls: TLSSocket): void {
    tls.on("keylog", (line: Buffer) => {
      const [label = "", , secret = ""] = line.toString("latin1").trim().split(" ");
      this.#secrets.set(label, Buffer.from(secret, "hex"));
      this.#drain();
    });
  }

  /** Tells how a connection without TLS is served as this one is. */
  servedBy(serve: (plain: Duplex) => void): void {
    if (this.#recording !== undefined) this.#recording.serve = serve;
  }

  override _read(): void {
    this.#socket.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#watch(chunk);
    this.#socket.write(chunk, done);
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#socket.end(() => done());
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#playback?.end();
    this.#socket.destroy();
    done(error);
  }

  #watch(chunk: Buffer): void {
    this.#recording?.answers.push({ after: this.#heard, octets: chunk });
    for (const record of this.#sent.push(chunk)) {
      if (this.#own.size < MOST_OWN) this.#own.add(keyOf(record));
      if (this.#hello === undefined && record.type === CONTENT.handshake) this.#readHello(record.fragment);
    }
  }

  #readHello(fragment: Buffer): void {
    this.#serverMessages = Buffer.concat([this.#serverMessages, fragment]);
    if (this.#serverMessages.length < MESSAGE_HEADER) return;
    const end = MESSAGE_HEADER + this.#serverMessages.readUIntBE(1, 3);
    if (this.#serverMessages.length < end) return;
    try {
      const hello = parseServerHello(this.#serverMessages.subarray(0, end));
      if (hello.isRetry) this.#serverMessages = this.#serverMessages.subarray(end);
      else this.#hello = hello;
      if (hello.version !== TLS_12) this.#phase = "closed";
    } catch (error) {
      if (!(error instanceof MalformedHandshake)) throw error;
      this.#phase = "closed";
    }
  }

  #take(chunk: Buffer): void {
    if (this.#phase === "closed") this.#pass(chunk);
    else {
      this.#held.push(...this.#received.push(chunk));
      this.#drain();
    }
  }

  #end(): void {
    this.#hasEnded = true;
    this.#drain();
    // Of what still waits for secrets nothing can be said.
    for (const record of this.#held.splice(0)) this.#pass(encodeRecord(record));
    const rest = this.#received.rest();
    if (rest.length > 0) this.#pass(rest);
    if (this.#playback === undefined) this.push(null);
    else this.destroy();
  }

  #pass(octets: Buffer): void {
    if (this.destroyed || this.#playback !== undefined) return;
    if (!this.push(octets) && !this.#hasEnded) this.#socket.pause();
  }

  #drain(): void {
    // OpenSSL tells a secret while it is handed the record before.
    if (this.#isDraining) return;
    this.#isDraining = true;
    for (let record = this.#held[0]; record !== undefined && this.#isReady(); record = this.#held[0]) {
      this.#held.shift();
      this.#recall(record);
      if (this.#playback !== undefined) this.#playback.hear(lengthOf(record));
      else this.#treat(record);
      this.#heard += lengthOf(record);
    }
    this.#isDraining = false;
    if (this.#phase !== "closed" || this.#held.length > 0) return;
    const rest = this.#received.rest();
    if (rest.length > 0) this.#pass(rest);
  }

  /** The first record of a connection tells whether it was here before. */
  #recall(record: SealedRecord): void {
    const { playbacks } = this.#path;
    if (playbacks === undefined || this.#heard > 0) return;
    const first = encodeRecord(record);
    const known = playbacks.find(first);
    if (known === undefined) this.#recording = playbacks.begin(first);
    else this.#playback = new Playback(known, (octets) => this.#socket.write(octets));
  }

  /** False while the secret for what comes next is not there. */
  #isReady(): boolean {
    if (this.#phase !== "open" || this.#cipher !== undefined || this.#hello === undefined) return true;
    const { suite, isTls13 } = this.#hello;
    this.#secret = this.#secrets.get(isTls13 ? "CLIENT_TRAFFIC_SECRET_0" : "CLIENT_RANDOM");
    if (this.#secret === undefined) return false;
    const clientRandom = this.#clientMessages.subarray(RANDOM_AT, RANDOM_END);
    this.#cipher = isTls13
      ? cipher13(suite, this.#secret)
      : cipher12("client", this.#hello, clientRandom, this.#secret);
    if (this.#cipher === undefined) this.#phase = "closed";
    return true;
  }

  #treat(record: SealedRecord): void {
    if (this.#path.wholeHello === true && this.#heard === 0 && !isWhole(record.fragment)) this.destroy();
    else if (this.#phase === "clear") this.#beforeKeys(record);
    else if (this.#phase === "closed" || this.#isDropped(record)) this.#pass(encodeRecord(record));
    else if (this.#hello?.isTls13 !== true && this.#phase === "finished") {
      // OpenSSL tells the secret of TLS 1.2 only behind the terminal's Finished, which therefore goes on as it came.
      this.#pass(encodeRecord(record));
      this.#enterOpen(1);
    } else this.#protected(record);
  }

  /** RFC 8446 5: a ChangeCipherSpec without meaning. */
  #isDropped({ type }: SealedRecord): boolean {
    return type === CONTENT.changeCipherSpec && this.#phase === "finished" && this.#hello?.isTls13 === true;
  }

  #beforeKeys(record: SealedRecord): void {
    if (this.#clientMessages.length < RANDOM_END && record.type === CONTENT.handshake) {
      this.#clientMessages = Buffer.concat([this.#clientMessages, record.fragment]);
    }
    if (this.#hello?.isTls13 === true && record.type === CONTENT.application) {
      const secret = this.#secrets.get("CLIENT_HANDSHAKE_TRAFFIC_SECRET");
      this.#cipher = secret === undefined ? undefined : cipher13(this.#hello.suite, secret);
      this.#phase = this.#cipher === undefined ? "closed" : "finished";
      this.#clientMessages = Buffer.alloc(0);
      this.#treat(record);
      return;
    }
    if (record.type === CONTENT.changeCipherSpec && this.#hello?.isTls13 === false) this.#phase = "finished";
    this.#pass(encodeRecord(record));
  }

  #protected(record: SealedRecord): void {
    const cipher = this.#cipher;
    if (cipher === undefined) return;
    const isOwn = this.#own.has(keyOf(record));
    const accepted = this.#path.accept({ record, sequence: this.#arriving, cipher, isOwn });
    if (accepted === undefined) {
      this.#phase = "closed";
      this.#pass(encodeRecord(record));
      return;
    }
    const { content, next } = accepted;
    this.#arriving = next;
    if (content === undefined) return;
    this.#pass(encodeRecord(cipher.seal(this.#passing, content)));
    this.#passing += 1;
    this.#afterContent(content, this.#heard + lengthOf(record));
  }

  #afterContent({ type, octets }: Content, after: number): void {
    if (type === CONTENT.application) this.#recording?.requests.push({ after, octets });
    if (type !== CONTENT.handshake || this.#hello?.isTls13 !== true) return;
    if (this.#phase === "finished") {
      this.#clientMessages = Buffer.concat([this.#clientMessages, octets]);
      if (isWhole(this.#clientMessages)) this.#enterOpen(0);
    } else if (octets[0] === KEY_UPDATE && this.#secret !== undefined) {
      this.#secret = nextSecret(this.#hello.suite, this.#secret);
      this.#cipher = cipher13(this.#hello.suite, this.#secret);
      this.#arriving = 0;
      this.#passing = 0;
    }
  }

  /** With the keys of application data, and this number of the terminal's next record. */
  #enterOpen(sequence: number): void {
    this.#phase = "open";
    this.#cipher = undefined;
    this.#arriving = sequence;
    this.#passing = sequence;
  }
}

const keyOf = (record: SealedRecord) => encodeRecord(record).toString("latin1");
const lengthOf = ({ fragment }: SealedRecord) => 5 + fragment.length;

function isWhole(message: Buffer): boolean {
  return message.length >= MESSAGE_HEADER && message.length >= MESSAGE_HEADER + message.readUIntBE(1, 3);
}
