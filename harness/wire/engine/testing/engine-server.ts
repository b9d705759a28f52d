/** The engine's server for Node's TLS clients. */
import { createPrivateKey, randomBytes, X509Certificate } from "node:crypto";
import { type ConnectionOptions, connect, type TLSSocket } from "node:tls";
import { onTestFinished } from "vitest";
import {
  type Accepted,
  algorithmsOf,
  type CipherSuite,
  type ServerSetup,
  suitesOf,
} from "../../../protocols/tls/index.ts";
import { certificateServer, IDENTITY, KEY, NAME, server } from "../../testing/tls-peers.ts";
import { EngineListener } from "../engine-listener.ts";
import { suiteNamed } from "./driven-client.ts";

export function credentialOf({ cert, key }: { readonly cert: string; readonly key: string }) {
  return { chain: [new X509Certificate(cert).raw], key: createPrivateKey(key) };
}
const { cert, key } = certificateServer(server);
export const RSA = credentialOf({ cert: String(cert), key: String(key) });
export const GCM = suiteNamed("TLS_AES_128_GCM_SHA256");
export const HASHES: readonly CipherSuite[] = [
  GCM,
  suiteNamed("TLS_AES_256_GCM_SHA384"),
  suiteNamed("TLS_CHACHA20_POLY1305_SHA256"),
];
export const SUITES = [
  ...suitesOf("psk", true),
  ...suitesOf("psk", false),
  ...suitesOf("certificate", true),
  ...suitesOf("certificate", false),
].filter((suite) => algorithmsOf(suite) !== undefined);

/** Answers each piece of text with the text in brackets. */
export async function listen(more: Partial<ServerSetup> = {}) {
  const accepted: Accepted[] = [];
  const refused: unknown[] = [];
  const setup = (): ServerSetup => ({
    versions: ["1.0", "1.1", "1.2", "1.3"],
    suites: [...HASHES, ...SUITES],
    credential: RSA,
    psk: { find: async ({ identity }) => (identity.toString() === IDENTITY ? Buffer.from(KEY) : undefined) },
    random: (octets) => randomBytes(octets),
    ...more,
  });
  const listener = await EngineListener.start(setup, {
    connection(stream, one) {
      accepted.push(one);
      stream.on("data", (octets: Buffer) => stream.write(`[${octets.toString("latin1")}]`));
    },
    refused: (end) => refused.push(end),
  });
  onTestFinished(() => listener.close());
  return { port: listener.address.port, accepted, refused };
}

const VERSION = { "1.0": "TLSv1", "1.1": "TLSv1.1", "1.2": "TLSv1.2", "1.3": "TLSv1.3" } as const;

export function open(
  port: number,
  version: keyof typeof VERSION,
  more: ConnectionOptions,
): Promise<TLSSocket> {
  const socket = connect({
    port,
    host: "127.0.0.1",
    servername: NAME,
    minVersion: VERSION[version],
    maxVersion: VERSION[version],
    rejectUnauthorized: false,
    checkServerIdentity: () => undefined,
    ...more,
  });
  onTestFinished(() => void socket.destroy());
  return new Promise((resolve, reject) => {
    socket.once("secureConnect", () => resolve(socket));
    socket.on("error", reject);
    socket.once("close", () => reject(new Error("closed")));
  });
}

export function ask(socket: TLSSocket, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let heard = "";
    socket.on("data", (octets: Buffer) => {
      heard += octets.toString("latin1");
      if (heard.endsWith("]")) resolve(heard);
    });
    socket.once("close", () => reject(new Error(`closed; heard ${heard}`)));
    socket.write(text);
  });
}

export const psk: ConnectionOptions = { pskCallback: () => ({ identity: IDENTITY, psk: KEY }) };
export const ciphersOf = (suite: CipherSuite): ConnectionOptions => ({
  ciphers: suite.version === "1.3" ? suite.openssl : `${suite.openssl}:@SECLEVEL=0`,
});
