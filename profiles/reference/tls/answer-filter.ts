import type { Socket } from "node:net";
import { Duplex } from "node:stream";
import type { TLSSocket } from "node:tls";
import { MalformedHandshake } from "./cursor.ts";
import {
  CONTENT,
  type Content,
  encodeRecord,
  type RecordCipher,
  RecordCutter,
  type SealedRecord,
} from "./record-cipher.ts";
import { cipher12, cipher13 } from "./record-keys.ts";
import type { RecordPath } from "./record-path.ts";
import { parseServerHello, type ServerHello } from "./server-hello.ts";

const MESSAGE_HEADER = 4;
const RANDOM_AT = MESSAGE_HEADER + 2;
const RANDOM_END = RANDOM_AT + 32;
const KEY_UPDATE = 24;
/** Records of the enabler that are known again. */
const MOST_OWN = 256;

/** `handshake`: until the server's keys for data are in use; `open`: what follows; `closed`: nothing is looked at any more. */
type Phase = "handshake" | "open" | "closed";

/**
 * Stands between a TCP connection and OpenSSL where the enabler is the client, for defects that OpenSSL does not have:
 * opens the server's records with the secrets of the connection and seals what the path accepts anew. TLS 1.2 and 1.3.
 */
export class AnswerFilter extends Duplex {
  readonly #socket: Socket;
  readonly #path: RecordPath;
  readonly #received = new RecordCutter();
  readonly #sent = new RecordCutter();
  readonly #own = new Set<string>();
  readonly #secrets = new Map<string, Buffer>();
  #phase: Phase = "handshake";
  #clientRandom: Buffer = Buffer.alloc(0);
  #serverMessages: Buffer = Buffer.alloc(0);
  #hello: ServerHello | undefined;
  #cipherChanged = false;
  #cipher: RecordCipher | undefined;
  /** Number of the server's next record, and of the next one for OpenSSL. */
  #arriving = 0;
  #passing = 0;

  constructor(socket: Socket, path: RecordPath) {
    super();
    this.#socket = socket;
    this.#path = path;
    socket.on("data", (chunk: Buffer) => {
      for (const record of this.#received.push(chunk)) this.#take(record);
    });
    socket.on("end", () => this.push(null));
    socket.on("error", (error) => this.destroy(error));
    socket.on("close", () => this.destroy());
  }

  /** Learns the secrets of the connection (the lines of a key log). */
  follow(tls: TLSSocket): void {
    tls.on("keylog", (line: Buffer) => {
      const [label = "", , secret = ""] = line.toString("latin1").trim().split(" ");
      this.#secrets.set(label, Buffer.from(secret, "hex"));
    });
  }

  override _read(): void {
    this.#socket.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    for (const record of this.#sent.push(chunk)) {
      if (this.#own.size < MOST_OWN) this.#own.add(keyOf(record));
      if (this.#clientRandom.length === 0)
        this.#clientRandom = record.fragment.subarray(RANDOM_AT, RANDOM_END);
    }
    this.#socket.write(chunk, done);
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#socket.end(() => done());
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#socket.destroy();
    done(error);
  }

  #pass(record: SealedRecord): void {
    if (!this.destroyed && !this.push(encodeRecord(record))) this.#socket.pause();
  }

  #take(record: SealedRecord): void {
    if (this.#phase === "handshake") this.#beforeKeys(record);
    if (this.#phase === "open" && record.type !== CONTENT.changeCipherSpec) this.#protected(record);
    else this.#pass(record);
  }

  /** Sees when the keys of data come: OpenSSL tells their secrets before it answers the handshake that made them. */
  #beforeKeys(record: SealedRecord): void {
    if (this.#hello === undefined) {
      if (record.type === CONTENT.handshake) this.#readHello(record.fragment);
      return;
    }
    if (this.#hello.isTls13) {
      const secret = this.#secrets.get("SERVER_TRAFFIC_SECRET_0");
      if (secret !== undefined) this.#enterOpen(cipher13(this.#hello.suite, secret), 0);
    } else if (this.#cipherChanged && record.type !== CONTENT.handshake) {
      const secret = this.#secrets.get("CLIENT_RANDOM") ?? Buffer.alloc(0);
      // The server's Finished was the first under these keys.
      this.#enterOpen(cipher12("server", this.#hello, this.#clientRandom, secret), 1);
    } else if (record.type === CONTENT.changeCipherSpec) this.#cipherChanged = true;
  }

  #enterOpen(cipher: RecordCipher | undefined, sequence: number): void {
    this.#cipher = cipher;
    this.#phase = cipher === undefined ? "closed" : "open";
    this.#arriving = sequence;
    this.#passing = sequence;
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
    } catch (error) {
      if (!(error instanceof MalformedHandshake)) throw error;
      this.#phase = "closed";
    }
  }

  #protected(record: SealedRecord): void {
    const cipher = this.#cipher;
    if (cipher === undefined) return;
    const isOwn = this.#own.has(keyOf(record));
    const accepted = this.#path.accept({ record, sequence: this.#arriving, cipher, isOwn });
    if (accepted === undefined) {
      this.#phase = "closed";
      this.#pass(record);
      return;
    }
    const { content, next } = accepted;
    this.#arriving = next;
    if (content === undefined) return;
    this.#pass(cipher.seal(this.#passing, content));
    this.#passing += 1;
    // Behind new keys nothing is looked at any more.
    if (this.#hello?.isTls13 === true && isKeyUpdate(content)) this.#phase = "closed";
  }
}

const isKeyUpdate = ({ type, octets }: Content) => type === CONTENT.handshake && octets[0] === KEY_UPDATE;
const keyOf = (record: SealedRecord) => encodeRecord(record).toString("latin1");
