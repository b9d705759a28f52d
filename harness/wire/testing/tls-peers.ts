import { randomBytes } from "node:crypto";
import type { TlsOptions } from "node:tls";
import { expect, onTestFinished } from "vitest";
import { suiteByName } from "../../protocols/tls/index.ts";
import { CertificateAuthority, type IssuedCertificate } from "../../roles/certificate-authority/index.ts";
import { NodeSecureClient } from "../node-secure-client.ts";
import type { Ending } from "../observer.ts";
import type { Destination, HandshakeOutcome, Offer, SecureSession } from "../secure-client.ts";
import { Recorder } from "./recorder.ts";

export const NAME = "naf.home1.example";
export const IDENTITY = "3GPP-bootstrapping;FY/5kfOOQSJ3@bsf.home1.example";
export const KEY = randomBytes(32);
const CLIENT = new NodeSecureClient();
/** A bound that is waited for in one test only. */
export const SHORT = 80;
const LONG = 10_000;

export const authority = await CertificateAuthority.create("test operator");
export const server = await authority.issue({
  commonName: NAME,
  names: [NAME, "www.home1.example"],
  usage: "server",
});

function suite(name: string) {
  const found = suiteByName(name);
  if (found === undefined) throw new Error(`${name} is not in the table`);
  return found;
}

export const PSK_12 = suite("TLS_PSK_WITH_AES_128_GCM_SHA256");
export const PSK_13 = suite("TLS_AES_128_GCM_SHA256");
const RSA_12 = suite("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256");

export function pskOffer(version: "1.2" | "1.3", key: Uint8Array = KEY): Offer {
  return {
    version,
    suites: [version === "1.2" ? PSK_12 : PSK_13],
    serverName: NAME,
    authentication: { kind: "psk", identity: IDENTITY, key },
  };
}

export function certificateOffer(version: "1.2" | "1.3", change: Partial<Offer> = {}): Offer {
  return {
    version,
    suites: [version === "1.2" ? RSA_12 : PSK_13],
    serverName: NAME,
    authentication: { kind: "certificate", trust: authority.certificate },
    ...change,
  };
}

export const pskServer = (more: TlsOptions = {}): TlsOptions => ({
  pskCallback: (_socket, identity) => (identity === IDENTITY ? KEY : null),
  ciphers: `${PSK_13.openssl}:PSK:@SECLEVEL=0`,
  ...more,
});

export const certificateServer = ({ certificate, privateKey }: IssuedCertificate): TlsOptions => ({
  cert: certificate,
  key: privateKey,
});

export function connect(
  at: Destination,
  offer: Offer,
  observer = new Recorder(),
  responseMs = LONG,
): Promise<HandshakeOutcome> {
  return CLIENT.connect(at, offer, { connectMs: LONG, responseMs }, observer);
}

export async function session(
  at: Destination,
  offer: Offer,
  observer = new Recorder(),
): Promise<SecureSession> {
  const outcome = await connect(at, offer, observer);
  if (!outcome.ok) throw new Error(`no session: ${JSON.stringify(outcome.ending)}`);
  onTestFinished(() => outcome.session.close());
  return outcome.session;
}

export async function ending(at: Destination, offer: Offer, responseMs = LONG): Promise<Ending> {
  const outcome = await connect(at, offer, new Recorder(), responseMs);
  if (outcome.ok) throw new Error("the handshake was completed");
  expect(outcome.tcpConnected).toBe(true);
  expect(outcome.tookMs).toBeGreaterThan(0);
  return outcome.ending;
}
