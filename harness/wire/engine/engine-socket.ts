import type { Socket } from "node:net";
import { Duplex } from "node:stream";
import { AlertReceived } from "../ending.ts";

/** How TLS ended: by an alert of the peer, or because this end found something wrong. */
export type EngineEnd =
  | { readonly by: "peer"; readonly alert: number }
  | { readonly by: "own"; readonly text: string };

/** What the stream needs of a TLS connection. */
export interface EngineConnection {
  send(octets: Buffer): void;
  close(): void;
}

/**
 * The application data of a TLS connection as a stream, in the form in which HTTP over one connection takes it.
 * The TCP socket below ends with it.
 */
export class EngineSocket extends Duplex {
  readonly #connection: EngineConnection;
  readonly #tcp: Socket;

  constructor(connection: EngineConnection, tcp: Socket) {
    super({ allowHalfOpen: false });
    this.#connection = connection;
    this.#tcp = tcp;
    // An alert behind the last answer is seen by whoever reads next, and never thrown.
    this.on("error", () => undefined);
  }

  /** Data of the peer. */
  arrived(octets: Buffer): void {
    this.push(Buffer.from(octets));
  }

  /** The peer said that it ends, or did something wrong. */
  ended(end: EngineEnd): void {
    if (end.by === "own") this.destroy(new Error(`TLS: ${end.text}`));
    else if (end.alert === 0) this.push(null);
    else this.destroy(new AlertReceived(end.alert));
  }

  /** TCP ended without a word of TLS. */
  tcpEnded(error: Error | undefined): void {
    if (error === undefined) this.push(null);
    else this.destroy(error);
  }

  override _read(): void {
    // Whatever arrives is pushed as it comes: HTTP bounds what it takes.
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: (error?: Error | null) => void): void {
    this.#connection.send(chunk);
    callback();
  }

  override _final(callback: (error?: Error | null) => void): void {
    this.#connection.close();
    callback();
  }

  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    if (error === null) this.#connection.close();
    this.#tcp.end();
    this.#tcp.destroySoon();
    callback(error);
  }

  // What undici calls on a net.Socket beside the methods of a stream.
  ref(): this {
    this.#tcp.ref();
    return this;
  }
  unref(): this {
    this.#tcp.unref();
    return this;
  }
  setTimeout(): this {
    return this;
  }
  setNoDelay(): this {
    return this;
  }
  setKeepAlive(): this {
    return this;
  }
}
