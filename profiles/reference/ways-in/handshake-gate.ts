import { Duplex } from "node:stream";
import { MalformedHandshake } from "../tls/cursor.ts";
import {
  CLIENT_HELLO,
  CLIENT_KEY_EXCHANGE,
  fatalAlert,
  type HandshakeMessage,
  MessageReader,
  negotiatedSuite,
  pskIdentity,
  recordVersion,
} from "../tls/handshake-messages.ts";
import type { Transport } from "../tls/record-filter.ts";
import { takesPsk } from "../tls/suites.ts";

const MAX_HELD = 65_536;
const UNEXPECTED_MESSAGE = 10;

/** The connection ended while something was awaited of it. */
export class ConnectionEnded extends Error {}

/**
 * Stands between a TCP connection and OpenSSL, whose PSK callback must answer at once and knows neither the
 * suite nor, in TLS 1.3, the server name. The gate reads both as they pass, and holds what the client sent
 * until the key manager has answered. What it holds is bounded to 64 KiB; it never changes an octet.
 */
export class HandshakeGate extends Duplex {
  readonly #socket: Transport;
  readonly #reader = new MessageReader(MAX_HELD);
  #open = false;
  #sent: Buffer = Buffer.alloc(0);
  #suite: number | "none" | undefined;
  #changed = Promise.withResolvers<void>();

  constructor(socket: Transport) {
    super();
    this.#socket = socket;
    socket.on("data", (chunk: Buffer) => this.#received(chunk));
    socket.on("end", () => (this.#open ? this.push(null) : this.destroy()));
    socket.on("error", () => this.destroy());
    socket.on("close", () => this.destroy());
  }

  /** Address of the other end of the TCP connection; empty when it is gone. */
  get peer(): string {
    return this.#socket.remoteAddress ?? "";
  }

  /**
   * The ClientHello with its handshake header. It is held until {@link release}.
   * @throws MalformedHandshake, ConnectionEnded
   */
  async clientHello(): Promise<HandshakeMessage> {
    const message = await this.#message();
    if (message === "other" || message.type !== CLIENT_HELLO) {
      throw new MalformedHandshake("the connection does not begin with a ClientHello", UNEXPECTED_MESSAGE);
    }
    return message;
  }

  /**
   * TLS 1.2, after the ClientHello was released: the suite that OpenSSL negotiated and the identity with which
   * the client answered it; undefined when the suite takes no PSK, or the client sent an alert.
   * @throws MalformedHandshake, ConnectionEnded
   */
  async keyExchange(): Promise<{ suite: number; identity: Buffer; message: HandshakeMessage } | undefined> {
    while (this.#suite === undefined) await this.#change();
    if (this.#suite === "none" || !takesPsk(this.#suite)) return undefined;
    const message = await this.#message();
    if (message === "other") return undefined;
    if (message.type !== CLIENT_KEY_EXCHANGE) {
      throw new MalformedHandshake("a ClientKeyExchange was expected", UNEXPECTED_MESSAGE);
    }
    return { suite: this.#suite, identity: pskIdentity(message.octets), message };
  }

  /** Before TLS 1.3, once the suite is known: false for TLS 1.0 and 1.1, which the record of the ServerHello says. */
  get isTls12(): boolean {
    const [, minor] = recordVersion(this.#sent);
    return minor >= 3;
  }

  /**
   * TLS 1.2, after {@link keyExchange}: all that passed, and the client's Finished, which is held.
   * @throws ConnectionEnded
   */
  async finished(): Promise<{ sent: Buffer; finished: Buffer }> {
    for (;;) {
      const finished = this.#reader.afterChangeCipherSpec();
      if (finished !== undefined) return { sent: this.#sent, finished };
      await this.#change();
    }
  }

  /** Hands a message on to OpenSSL. */
  release(message: HandshakeMessage): void {
    this.push(message.records);
  }

  /** Hands on whatever is held, which it returns, and from now on everything. */
  openWide(): Buffer {
    this.#open = true;
    const rest = this.#reader.drain();
    if (rest.length > 0) this.push(rest);
    return rest;
  }

  /** Ends the connection with an alert: no key is in use yet, so it goes in clear. */
  refuse(alert: number): void {
    if (this.#socket.writable) this.#socket.end(fatalAlert(alert, recordVersion(this.#sent)));
    // The end of the socket is not waited for without bound.
    setTimeout(() => this.destroy(), 1_000).unref();
  }

  override _read(): void {
    this.#socket.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    if (!this.#open) this.#watch(chunk);
    this.#socket.write(chunk, done);
  }

  #watch(chunk: Buffer): void {
    // Much more than a ServerHello to ServerHelloDone without certificates; none of it is from the client.
    if (this.#sent.length < MAX_HELD) this.#sent = Buffer.concat([this.#sent, chunk]);
    if (this.#suite !== undefined) return;
    this.#suite = negotiatedSuite(this.#sent);
    if (this.#suite !== undefined) this.#wake();
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#socket.end(() => done());
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#socket.destroy();
    this.#wake();
    done(error);
  }

  #received(chunk: Buffer): void {
    if (this.#open) {
      if (!this.push(chunk)) this.#socket.pause();
      return;
    }
    try {
      this.#reader.push(chunk);
    } catch {
      this.destroy();
    }
    this.#wake();
  }

  async #message(): Promise<HandshakeMessage | "other"> {
    for (;;) {
      const message = this.#reader.take();
      if (message !== undefined) return message;
      await this.#change();
    }
  }

  #wake(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }

  async #change(): Promise<void> {
    if (this.destroyed) throw new ConnectionEnded();
    await this.#changed.promise;
    if (this.destroyed) throw new ConnectionEnded();
  }
}
