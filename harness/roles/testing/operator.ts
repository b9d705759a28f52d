import { randomBytes } from "node:crypto";
import { onTestFinished } from "vitest";
import { NodeSecureClient } from "../../wire/node-secure-client.ts";
import { Recorder } from "../../wire/testing/recorder.ts";
import { CertificateAuthority } from "../certificate-authority/index.ts";
import { KeyManager, type Subscriber } from "../key-manager/index.ts";
import { Terminal } from "../terminal/index.ts";
import { BSF, NAF, REALM } from "./names.ts";

export const authority = await CertificateAuthority.create("test operator");
const keyManagerCertificate = await authority.issue({ commonName: BSF, names: [BSF], usage: "server" });

const ANY_PORT = { host: "127.0.0.1", port: 0 };

export const OVER_DIAMETER = { ...ANY_PORT, binding: "diameter", realm: REALM } as const;

/** A key manager on free ports of the loopback, for one test; Nbsp_GBA on Zn when nothing else is said. */
export async function startKeyManager(
  zn: Parameters<typeof KeyManager.start>[0]["zn"] = ANY_PORT,
): Promise<KeyManager> {
  const keyManager = await KeyManager.start({
    name: BSF,
    ub: ANY_PORT,
    zn,
    ...keyManagerCertificate,
    trust: authority.certificate,
    authorisedNafs: [NAF],
  });
  onTestFinished(() => keyManager.close());
  return keyManager;
}

export function newSubscriber(): Subscriber {
  const name = randomBytes(4).toString("hex");
  return {
    impi: `${name}@home1.example`,
    impus: [`sip:${name}@home1.example`],
    k: randomBytes(16),
    opc: randomBytes(16),
  };
}

/** A terminal with the identity module of this subscriber, and what it saw. */
export function terminalOf(
  subscriber: Subscriber,
  more: { readonly sqn?: Uint8Array; readonly responseMs?: number } = {},
): { readonly terminal: Terminal; readonly observer: Recorder } {
  const observer = new Recorder();
  const { sqn, responseMs = 10_000 } = more;
  const terminal = new Terminal({
    subscriber,
    client: new NodeSecureClient(),
    bounds: { connectMs: 10_000, responseMs },
    observer,
    ...(sqn === undefined ? {} : { sqn }),
  });
  return { terminal, observer };
}

/** A new subscriber of this key manager with its terminal. */
export function newTerminal(keyManager: KeyManager): Terminal {
  return terminalOf(keyManager.addSubscriber(newSubscriber())).terminal;
}
