import { CONTENT_TYPE, MAX_CONTENT, RECORD_HEADER } from "../../protocols/tls/index.ts";

const SERVER_HELLO = 2;
const SUPPORTED_VERSIONS = 43;
const TLS_13 = 0x0304;
const MESSAGE_HEADER = 4;

/** Reads in what the server sends whether TLS 1.3 was chosen (RFC 8446 4.1.3, 4.2.1). */
export class HelloWatch {
  #message = Buffer.alloc(0);
  /** undefined until a ServerHello or HelloRetryRequest came by. */
  tls13: boolean | undefined;

  /** A record from the server, with its header. */
  saw(record: Buffer): void {
    if (this.tls13 !== undefined || record[0] !== CONTENT_TYPE.handshake) return;
    this.#message = Buffer.concat([this.#message, record.subarray(RECORD_HEADER)]);
    if (this.#message.length < MESSAGE_HEADER) return;
    const end = MESSAGE_HEADER + this.#message.readUIntBE(1, 3);
    const isHello = this.#message[0] === SERVER_HELLO && end <= MAX_CONTENT;
    // Something else first, or too much of it: no TLS 1.3 that a client would go on with.
    if (!isHello) this.tls13 = false;
    else if (this.#message.length >= end) this.tls13 = selects13(this.#message.subarray(0, end));
  }
}

/** Looks for supported_versions; a ServerHello that ends too early has none. */
function selects13(hello: Buffer): boolean {
  const sessionIdAt = MESSAGE_HEADER + 2 + 32;
  // session_id, cipher_suite, compression_method and the length of the extensions.
  let at = sessionIdAt + 1 + (hello[sessionIdAt] ?? 0) + 2 + 1 + 2;
  while (at + 4 <= hello.length) {
    const value = at + 4;
    const length = hello.readUInt16BE(at + 2);
    if (hello.readUInt16BE(at) === SUPPORTED_VERSIONS) {
      return length === 2 && value + 2 <= hello.length && hello.readUInt16BE(value) === TLS_13;
    }
    at = value + length;
  }
  return false;
}
