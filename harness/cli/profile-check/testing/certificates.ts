import { generateKeyPairSync } from "node:crypto";
import forge from "node-forge";

const DAY_MS = 86_400_000;

/** A certificate with its key, and what it takes to issue others with it; PEM. */
export interface Certified {
  readonly name: string;
  readonly certificate: string;
  readonly privateKey: string;
}

export interface Wish {
  /** Absent: it issues itself. */
  readonly issuer?: Certified;
  readonly authority?: true;
  /** DNS names; absent: the name alone. */
  readonly names?: readonly string[];
  /** Days from now. */
  readonly from?: number;
  readonly to?: number;
}

function keyPair() {
  return generateKeyPairSync("rsa", {
    modulusLength: 2048,
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
  });
}

/** Those that are no authority may have one key: making it takes longer than most tests. */
let leafKeys: ReturnType<typeof keyPair> | undefined;

/** Certificates that the certificate authority role does not make: outdated ones, and chains of three. */
export function certified(name: string, wish: Wish = {}): Certified {
  const { issuer, authority, names = [name], from = -10, to = 10 } = wish;
  leafKeys ??= keyPair();
  const { publicKey, privateKey } = authority === true ? keyPair() : leafKeys;
  const certificate = forge.pki.createCertificate();
  certificate.publicKey = forge.pki.publicKeyFromPem(publicKey);
  certificate.serialNumber = `01${forge.util.bytesToHex(forge.random.getBytesSync(15))}`;
  certificate.validity.notBefore = new Date(Date.now() + from * DAY_MS);
  certificate.validity.notAfter = new Date(Date.now() + to * DAY_MS);
  certificate.setSubject([{ name: "commonName", value: name }]);
  certificate.setIssuer([{ name: "commonName", value: issuer?.name ?? name }]);
  certificate.setExtensions([
    { name: "basicConstraints", cA: authority === true, critical: true },
    ...(authority === true
      ? [{ name: "keyUsage", keyCertSign: true, critical: true }]
      : [{ name: "subjectAltName", altNames: names.map((value) => ({ type: 2, value })) }]),
  ]);
  const key = forge.pki.privateKeyFromPem(issuer?.privateKey ?? privateKey);
  certificate.sign(key, forge.md.sha256.create());
  return { name, certificate: forge.pki.certificateToPem(certificate), privateKey };
}
