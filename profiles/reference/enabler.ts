import { once } from "node:events";
import type { AddressInfo, Server } from "node:net";
import { createSecureContext } from "node:tls";
import { Application } from "./application/application.ts";
import { type Config, ConfigError, readPem } from "./config.ts";
import type { Log } from "./log.ts";
import type { Policy } from "./policy/policy.ts";
import { type CertificateMaterial, createHttpsDigestServer } from "./ways-in/https-digest.ts";
import { createPlainServer } from "./ways-in/plain.ts";
import { PskTlsWayIn } from "./ways-in/psk-tls.ts";
import { KeyManager } from "./zn/key-manager.ts";

interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** An enabler that listens. */
export interface Enabler {
  readonly endpoints: Readonly<Record<"uc1.psk-tls" | "uc1.https-digest" | "plain", Endpoint>>;
  /** Ends the listeners and every connection; nothing is waited for. */
  close(): void;
}

/**
 * Starts a GBA network application function (TS 33.220 4.2.2) with two ways in, on free ports.
 * @throws ConfigError when a file of the configuration is missing
 */
export async function startEnabler(config: Config, policy: Policy, log: Log): Promise<Enabler> {
  const { serverName, host } = config.enabler;
  const application = new Application(serverName);
  const keyManager = createKeyManager(config, policy, log);
  const obtain = keyManager.obtain.bind(keyManager);
  const configured = configuredMaterial(config);
  const pskTls = new PskTlsWayIn({ serverName, material: configured, policy, application, obtain, log });
  const material = httpsMaterial(config, policy, configured);
  const https = createHttpsDigestServer({ serverName, material, policy, application, obtain, log });
  const plain = createPlainServer(application, policy);
  const [psk, digest, open] = await Promise.all([
    listen(pskTls.server, host),
    listen(https, host),
    listen(plain, host),
  ]);
  return {
    endpoints: { "uc1.psk-tls": psk, "uc1.https-digest": digest, plain: open },
    close() {
      pskTls.close();
      for (const server of [https, plain]) {
        server.close();
        server.closeAllConnections();
      }
      keyManager.close();
    },
  };
}

function createKeyManager(config: Config, policy: Policy, log: Log): KeyManager {
  const { zn } = config.keyManager;
  const address = {
    url: zn.url,
    serverName: zn.serverName,
    trust: readPem(zn.trust, "keyManager.zn.trust"),
    certificate: readPem(zn.certificate, "keyManager.zn.certificate"),
    privateKey: readPem(zn.privateKey, "keyManager.zn.privateKey"),
  };
  checkPair(address, "keyManager.zn");
  return new KeyManager(address, zn.timeoutMs, policy, log);
}

function configuredMaterial({ enabler }: Config): CertificateMaterial {
  return readPair("enabler", enabler.certificate, enabler.privateKey);
}

function httpsMaterial(config: Config, policy: Policy, configured: CertificateMaterial): CertificateMaterial {
  if (policy.httpsCertificate === "configured") return configured;
  const material = config.faultMaterial;
  if (material === undefined) {
    throw new ConfigError(`fault ${config.fault} presents another certificate: faultMaterial must name it`);
  }
  return policy.httpsCertificate === "wrong-name"
    ? readPair("faultMaterial", material.certificateWrongName, material.privateKeyWrongName)
    : readPair("faultMaterial", material.certificateWrongChain, material.privateKeyWrongChain);
}

function readPair(field: string, certificatePath: string, privateKeyPath: string): CertificateMaterial {
  const material = {
    certificate: readPem(certificatePath, `${field}: certificate`),
    privateKey: readPem(privateKeyPath, `${field}: private key`),
  };
  checkPair(material, field);
  return material;
}

function checkPair({ certificate, privateKey }: CertificateMaterial, field: string): void {
  try {
    createSecureContext({ cert: certificate, key: privateKey });
  } catch (error) {
    throw new ConfigError(`${field}: certificate and private key do not go together: ${String(error)}`);
  }
}

async function listen(server: Server, host: string): Promise<Endpoint> {
  server.listen(0, host);
  try {
    await once(server, "listening");
  } catch (error) {
    throw new ConfigError(`enabler.host: cannot listen there: ${String(error)}`);
  }
  // address() is a string for pipes and null before "listening" only.
  const { port } = server.address() as AddressInfo;
  return { host, port };
}
