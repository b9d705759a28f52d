import { once } from "node:events";
import { connect as connectTcp } from "node:net";
import { connect as connectTls } from "node:tls";
import { onTestFinished } from "vitest";
import { type DiameterMessage, firstValue } from "../../protocols/diameter/index.ts";
import type { IssuedCertificate } from "../certificate-authority/index.ts";
import type { KeyManager } from "../key-manager/index.ts";
import { enabler } from "./bootstrapped.ts";
import { DiameterClient } from "./diameter-client.ts";
import { BSF } from "./names.ts";
import { authority, newTerminal, OVER_DIAMETER, startKeyManager } from "./operator.ts";

/** What an enabler shows in TLS, if there is TLS. */
type Proof = IssuedCertificate | "no certificate" | "no TLS";

/** One connection for one test. @throws the error of the connection. */
export async function connectDiameter({ zn }: KeyManager, proof: Proof): Promise<DiameterClient> {
  const socket = proof === "no TLS" ? connectTcp(zn) : connectTls(tlsOptions(zn, proof));
  onTestFinished(() => void socket.destroy());
  await once(socket, proof === "no TLS" ? "connect" : "secureConnect");
  return new DiameterClient(socket);
}

/** As {@link connectDiameter}, with capabilities exchanged. @throws Error when the key manager ends the connection. */
export async function openDiameter(keyManager: KeyManager, proof: Proof): Promise<DiameterClient> {
  const client = await connectDiameter(keyManager, proof);
  await client.exchange(client.capabilities());
  return client;
}

/** A key manager, an enabler's connection to it and what a terminal bootstrapped. */
export async function bootstrappedOverDiameter() {
  const keyManager = await startKeyManager(OVER_DIAMETER);
  const terminal = newTerminal(keyManager);
  const { btid, credential, lifetime } = await terminal.bootstrap(keyManager);
  const zn = await openDiameter(keyManager, enabler);
  return { keyManager, zn, btid, credential, lifetime, impi: terminal.impi };
}

/** ME-Key-Material as hexadecimal digits; empty: there is none. */
export function keyIn({ avps }: DiameterMessage): string {
  return Buffer.from(firstValue(avps, "ME-Key-Material") ?? []).toString("hex");
}

/** Result-Code, or the code in Experimental-Result. */
export function resultOf({ avps }: DiameterMessage): number | undefined {
  const experimental = firstValue(avps, "Experimental-Result") ?? [];
  return firstValue(avps, "Result-Code") ?? firstValue(experimental, "Experimental-Result-Code");
}

function tlsOptions(zn: KeyManager["zn"], proof: IssuedCertificate | "no certificate") {
  const own = proof === "no certificate" ? {} : { cert: proof.certificate, key: proof.privateKey };
  return { ...zn, servername: BSF, ca: authority.certificate, ...own };
}
