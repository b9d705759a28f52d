import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { connect } from "node:net";
import { SERVER_NAME } from "./bench.ts";
import type { Target } from "./clients.ts";

const HANDSHAKE = 22;
const CLIENT_HELLO = 1;
const CLIENT_KEY_EXCHANGE = 16;
/** A ServerHelloDone, which is empty and ends the server's flight (RFC 5246 7.4.5). */
const SERVER_HELLO_DONE = Buffer.from([14, 0, 0, 0]);

function vector16(content: Buffer): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(content.length);
  return Buffer.concat([length, content]);
}

function handshakeRecord(type: number, body: Buffer): Buffer {
  const header = Buffer.of(type, 0, body.length >> 8, body.length & 0xff);
  return Buffer.concat([Buffer.of(HANDSHAKE, 3, 3), vector16(Buffer.concat([header, body]))]);
}

/** TLS 1.2 with TLS_PSK_WITH_AES_128_GCM_SHA256 and the server name (RFC 5246 7.4.1.2, RFC 6066 3). */
function clientHello(): Buffer {
  const name = vector16(Buffer.concat([Buffer.of(0), vector16(Buffer.from(SERVER_NAME))]));
  const extensions = vector16(Buffer.concat([Buffer.of(0, 0), vector16(name)]));
  const fixed = Buffer.of(0, 0, 2, 0x00, 0xa8, 1, 0);
  return handshakeRecord(CLIENT_HELLO, Buffer.concat([Buffer.of(3, 3), randomBytes(32), fixed, extensions]));
}

/**
 * Names any octets as the PSK identity, which Node's client cannot, and goes no further. Resolves when the enabler has
 * ended the connection, or when `enough` resolves.
 */
export async function nameOctets(target: Target, identity: Buffer, enough: Promise<unknown>): Promise<void> {
  const socket = connect(target.endpoints["uc1.psk-tls"]);
  socket.on("error", () => {}); // the close that follows says enough
  const closed = once(socket, "close");
  socket.write(clientHello());
  let received = Buffer.alloc(0);
  socket.on("data", (chunk: Buffer) => {
    const seen = received.includes(SERVER_HELLO_DONE);
    received = Buffer.concat([received, chunk]);
    if (!seen && received.includes(SERVER_HELLO_DONE)) {
      socket.write(handshakeRecord(CLIENT_KEY_EXCHANGE, vector16(identity)));
    }
  });
  await Promise.race([closed, enough]);
  socket.destroy();
  await closed;
}
