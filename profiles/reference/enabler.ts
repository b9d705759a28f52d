import { once } from "node:events";
import type { AddressInfo, Server } from "node:net";
import { createSecureContext } from "node:tls";
import { Application } from "./application/application.ts";
import type { Admission, KeyQuery, WayIn } from "./association.ts";
import { type Config, ConfigError, readPem } from "./config.ts";
import { KeyCache } from "./digest/key-cache.ts";
import type { Log } from "./log.ts";
import type { Policy } from "./policy/policy.ts";
import { type CertificateMaterial, createHttpsDigestServer } from "./ways-in/https-digest.ts";
import { createPlainServer } from "./ways-in/plain.ts";
import { plainFront } from "./ways-in/plain-front.ts";
import { PskTlsWayIn } from "./ways-in/psk-tls.ts";
import type { ZnConnection } from "./zn/connection.ts";
import { DiameterSession } from "./zn/diameter/session.ts";
import { FallingBack } from "./zn/falling-back.ts";
import { KeyManager } from "./zn/key-manager.ts";
import { ZnSession } from "./zn/session.ts";
import { TellingInClear } from "./zn/telling-in-clear.ts";

interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** An enabler that listens. */
export interface Enabler {
  readonly endpoints: Readonly<
    Record<"uc1.psk-tls" | "uc1.https-digest" | "uc1.https-digest.second" | "server-only" | "plain", Endpoint>
  >;
  /** Ends the listeners and every connection; nothing is waited for. */
  close(): void;
}

/**
 * Starts a GBA network application function (TS 33.220 4.2.2) with two ways in, on free ports.
 * @throws ConfigError when a file of the configuration is missing
 */
export async function startEnabler(config: Config, policy: Policy, log: Log): Promise<Enabler> {
  const { serverName, otherNames, host, tls, keepsKeys, digest: offer } = config.enabler;
  const application = new Application(serverName);
  const keyManager = createKeyManager(config, policy, log);
  const obtain = keyManager.obtain.bind(keyManager);
  const configured = configuredMaterial(config);
  const keeps = (wayIn: WayIn) => policy.keepsKeys(wayIn, keepsKeys[wayIn]);
  const kept = new KeyCache(obtain, policy);
  const common = { serverName, policy, application, log };
  const serverNames = [serverName, ...otherNames];
  const pskTls = new PskTlsWayIn({
    ...common,
    serverNames,
    obtain: keeps("uc1.psk-tls") ? (query) => kept.admission(query) : obtain,
    versions: tls["uc1.psk-tls"],
    material: configured,
  });
  const material = httpsMaterial(config, policy, configured);
  const digestParts = {
    ...common,
    obtain: keeps("uc1.https-digest") ? obtain : forOneRequest(obtain),
    versions: tls["uc1.https-digest"],
    material,
    offer,
  };
  const https = createHttpsDigestServer(digestParts);
  // Another instance behind the same name: it keeps its own nonces, and the application is one.
  const second = createHttpsDigestServer(digestParts);
  const plain = createPlainServer(application, policy);
  const before = ({ server }: { readonly server: Server }): Server =>
    policy.plainOnTls === "refused"
      ? server
      : plainFront(server, createPlainServer(application, { ...policy, plainListener: "serve" }));
  const fronts = { psk: before(pskTls), https: before(https), second: before(second) };
  const [psk, digest, other, open] = await Promise.all([
    listen(fronts.psk, host),
    listen(fronts.https, host),
    listen(fronts.second, host),
    listen(plain, host),
  ]);
  return {
    endpoints: {
      "uc1.psk-tls": psk,
      "uc1.https-digest": digest,
      "uc1.https-digest.second": other,
      "server-only": digest,
      plain: open,
    },
    close() {
      for (const wayIn of [pskTls, https, second, ...Object.values(fronts)]) wayIn.close();
      plain.close();
      plain.closeAllConnections();
      keyManager.close();
    },
  };
}

/** Keys that are not kept for later requests. */
function forOneRequest(obtain: (query: KeyQuery) => Promise<Admission>): typeof obtain {
  return async (query) => {
    const admission = await obtain(query);
    return admission.admitted ? { ...admission, remember: false } : admission;
  };
}

function createKeyManager(config: Config, policy: Policy, log: Log): KeyManager {
  const { zn } = config.keyManager;
  const pem = {
    trust: readPem(zn.trust, "keyManager.zn.trust"),
    certificate: readPem(zn.certificate, "keyManager.zn.certificate"),
    privateKey: readPem(zn.privateKey, "keyManager.zn.privateKey"),
  };
  checkPair(pem, "keyManager.zn");
  const connectOnce = (): ZnConnection => {
    if (zn.binding !== "nbsp-gba") return new DiameterSession({ ...zn, ...pem }, policy);
    const asking = (url: URL) => new ZnSession({ url, serverName: zn.serverName, ...pem }, policy);
    if (policy.keyManagerFallback === "none") return asking(zn.url);
    return new FallingBack(asking(zn.url), () => asking(new URL(zn.url.href.replace(/^https:/, "http:"))));
  };
  const connect = () =>
    policy.keyManagerConfirmation === "none"
      ? connectOnce()
      : new TellingInClear(connectOnce(), addressOf(zn));
  return new KeyManager(connect, zn.timeoutMs, policy, log);
}

function addressOf(zn: Config["keyManager"]["zn"]): Endpoint {
  return zn.binding === "diameter" ? zn : { host: zn.url.hostname, port: Number(zn.url.port || 443) };
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
