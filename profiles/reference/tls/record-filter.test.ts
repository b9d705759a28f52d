import { randomBytes } from "node:crypto";
import { EventEmitter, once } from "node:events";
import { type AddressInfo, connect as connectTcp, createServer, type Socket } from "node:net";
import { Duplex } from "node:stream";
import { buffer } from "node:stream/consumers";
import { connect, createSecureContext, type SecureVersion, TLSSocket } from "node:tls";
import { describe, expect, onTestFinished, test } from "vitest";
import { CONTENT, encodeRecord, RecordCutter } from "./record-cipher.ts";
import { RecordFilter } from "./record-filter.ts";
import { cipher13, nextSecret } from "./record-keys.ts";
import { type RecordPath, verified } from "./record-path.ts";

const KEY = randomBytes(32);
/** Of OpenSSL; node:crypto has no name for it. */
const NO_ENCRYPT_THEN_MAC = 0x80000;
const CHECKING: RecordPath = { accept: verified };

async function listen(serve: (socket: Socket) => void): Promise<number> {
  const server = createServer(serve);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  // address() of a listening TCP server is an AddressInfo.
  return (server.address() as AddressInfo).port;
}

interface Offer {
  readonly version: SecureVersion;
  readonly ciphers: string;
  readonly groups?: string;
  /** The MAC of CBC is inside (RFC 5246 6.2.3.2) and not as RFC 7366 has it. */
  readonly macInside?: true;
  /** How the terminal's octets come. */
  readonly piece?: number;
}

/** What comes back from a server that echoes behind a filter; `seen` counts the records that the path looked at. */
async function echoed(offer: Offer, sent: Buffer): Promise<{ heard: Buffer; seen: number }> {
  let seen = 0;
  const path: RecordPath = {
    accept(arrival) {
      seen += 1;
      return verified(arrival);
    },
  };
  // OpenSSL has TLS 1.1 at level 0 only; with one group, another key share of the terminal is asked again.
  const context = createSecureContext({
    minVersion: offer.version,
    maxVersion: offer.version,
    ciphers: `${offer.ciphers}:PSK:@SECLEVEL=0`,
    ecdhCurve: "P-256",
    dhparam: "auto",
    ...(offer.macInside === undefined ? {} : { secureOptions: NO_ENCRYPT_THEN_MAC }),
  });
  const port = await listen((socket) => {
    const filter = new RecordFilter(socket, path);
    // Node takes the PSK options of a server here too; its types do not say so.
    const options = { isServer: true, secureContext: context, pskCallback: () => KEY };
    const tls = new TLSSocket(filter, options);
    filter.follow(tls);
    tls.on("error", () => filter.destroy());
    tls.pipe(tls);
  });
  const { piece } = offer;
  const through = piece === undefined ? port : await listen((socket) => dribble(socket, port, piece));
  const client = connect({
    port: through,
    host: "127.0.0.1",
    minVersion: offer.version,
    maxVersion: offer.version,
    ciphers: `${offer.ciphers}:PSK:@SECLEVEL=0`,
    ...(offer.groups === undefined ? {} : { ecdhCurve: offer.groups }),
    pskCallback: () => ({ identity: "somebody", psk: KEY }),
    checkServerIdentity: () => undefined,
  });
  client.write(sent);
  let heard = Buffer.alloc(0);
  for await (const chunk of client) {
    heard = Buffer.concat([heard, chunk]);
    if (heard.length >= sent.length) break;
  }
  return { heard, seen };
}

/** Carries what a client sends in pieces of so many octets. */
function dribble(client: Socket, port: number, piece: number): void {
  const server = connectTcp({ port, host: "127.0.0.1", noDelay: true });
  server.pipe(client);
  client.on("data", (chunk: Buffer) => {
    for (let at = 0; at < chunk.length; at += piece) server.write(chunk.subarray(at, at + piece));
  });
  client.on("end", () => server.end());
  for (const [socket, other] of [[client, server] as const, [server, client] as const]) {
    socket.on("error", () => other.destroy());
  }
}

describe("a filter that changes nothing", () => {
  test.each<[string, Offer]>([
    ["AES-GCM", { version: "TLSv1.2", ciphers: "PSK-AES128-GCM-SHA256" }],
    ["AES-GCM, SHA-384", { version: "TLSv1.2", ciphers: "PSK-AES256-GCM-SHA384" }],
    ["DHE", { version: "TLSv1.2", ciphers: "DHE-PSK-AES128-GCM-SHA256" }],
    ["ChaCha20", { version: "TLSv1.2", ciphers: "ECDHE-PSK-CHACHA20-POLY1305" }],
    ["CBC, SHA-1", { version: "TLSv1.2", ciphers: "PSK-AES128-CBC-SHA" }],
    ["CBC, SHA-256", { version: "TLSv1.2", ciphers: "PSK-AES128-CBC-SHA256" }],
    ["CBC, MAC inside", { version: "TLSv1.2", ciphers: "PSK-AES128-CBC-SHA", macInside: true }],
    ["TLS 1.3", { version: "TLSv1.3", ciphers: "TLS_AES_128_GCM_SHA256" }],
    ["TLS 1.3 with ChaCha20", { version: "TLSv1.3", ciphers: "TLS_CHACHA20_POLY1305_SHA256" }],
    [
      "TLS 1.3 with a retry",
      { version: "TLSv1.3", ciphers: "TLS_AES_128_GCM_SHA256", groups: "X25519:P-256" },
    ],
    ["TLS 1.3, octet by octet", { version: "TLSv1.3", ciphers: "TLS_AES_128_GCM_SHA256", piece: 1 }],
    ["TLS 1.2, octet by octet", { version: "TLSv1.2", ciphers: "PSK-AES128-GCM-SHA256", piece: 1 }],
  ])("%s", async (_, offer) => {
    const sent = randomBytes(offer.piece === undefined ? 300_000 : 500);
    const { heard, seen } = await echoed(offer, sent);
    expect(heard.equals(sent)).toBe(true);
    expect(seen).toBeGreaterThan(0);
  });

  test("looks at nothing in TLS 1.1", async () => {
    const sent = randomBytes(500);
    const { heard, seen } = await echoed({ version: "TLSv1.1", ciphers: "PSK-AES128-CBC-SHA" }, sent);
    expect([heard.equals(sent), seen]).toEqual([true, 0]);
  });
});

/** The other side of a filter's socket, without any. */
class Line extends Duplex {
  override _read(): void {}
  override _write(_chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    done();
  }
}

describe("what goes on without OpenSSL", () => {
  test("octets that are no TLS, and the beginning of a record that does not come", async () => {
    const line = new Line();
    const filter = new RecordFilter(line, CHECKING);
    const passed = buffer(filter);
    const text = Buffer.from("GET / HTTP/1.1\r\n\r\n");
    line.push(text);
    line.push(Buffer.of(23, 3, 3, 0));
    line.push(null);
    expect(await passed).toEqual(Buffer.concat([text, Buffer.of(23, 3, 3, 0)]));
  });

  test("a KeyUpdate changes the keys of both sides (RFC 8446 7.2)", async () => {
    const suite = 0x1301;
    const [early, secret] = [randomBytes(32), randomBytes(32)];
    const line = new Line();
    const filter = new RecordFilter(line, CHECKING);
    const tls = new EventEmitter();
    // All that the filter wants of OpenSSL is its key log.
    filter.follow(tls as TLSSocket);
    filter.write(encodeRecord({ type: CONTENT.handshake, version: 0x0303, fragment: serverHello(suite) }));
    tls.emit("keylog", Buffer.from(`CLIENT_HANDSHAKE_TRAFFIC_SECRET 00 ${early.toString("hex")}\n`));
    tls.emit("keylog", Buffer.from(`CLIENT_TRAFFIC_SECRET_0 00 ${secret.toString("hex")}\n`));
    const passed = buffer(filter);
    const sent = [
      seal(suite, early, 0, CONTENT.handshake, Buffer.concat([Buffer.of(20, 0, 0, 32), randomBytes(32)])),
      seal(suite, secret, 0, CONTENT.handshake, Buffer.of(24, 0, 0, 1, 0)),
      seal(suite, nextSecret(suite, secret), 0, CONTENT.application, Buffer.from("later")),
    ];
    line.push(Buffer.concat(sent));
    line.push(null);
    const records = new RecordCutter().push(await passed);
    expect(records).toHaveLength(3);
    const last = records[2];
    if (last === undefined) throw new Error("there are three");
    expect(cipher13(suite, nextSecret(suite, secret))?.open(0, last)?.octets.toString()).toBe("later");
  });
});

function seal(suite: number, secret: Buffer, sequence: number, type: number, octets: Buffer): Buffer {
  const cipher = cipher13(suite, secret);
  if (cipher === undefined) throw new Error("the suite is one of the enabler's");
  return encodeRecord(cipher.seal(sequence, { type, octets }));
}

/** Of TLS 1.3 with nothing but supported_versions. */
function serverHello(suite: number): Buffer {
  const extensions = Buffer.of(0, 6, 0, 43, 0, 2, 3, 4);
  const chosen = Buffer.of(0, suite >> 8, suite & 0xff, 0);
  const body = Buffer.concat([Buffer.of(3, 3), randomBytes(32), chosen, extensions]);
  return Buffer.concat([Buffer.of(2, 0, 0, body.length), body]);
}
