import { generateKeyPairSync, randomBytes } from "node:crypto";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import forge from "node-forge";

/** A certificate with its key: PEM texts, and the files that hold them. */
export interface Issued {
  readonly certificate: string;
  readonly privateKey: string;
  readonly certificateFile: string;
  readonly privateKeyFile: string;
}

const HOUR_MS = 3_600_000;
const DAY_HOURS = 24;

/** A certificate authority for one test file; everything it issues lies in one temporary folder. */
export class Authority {
  readonly directory: string;
  readonly certificate: string;
  readonly certificateFile: string;
  readonly #name: string;
  readonly #privateKey: string;

  /** `name`: the common name; two authorities of one name would be taken for each other. */
  constructor(name: string) {
    this.#name = name;
    this.directory = mkdtempSync(join(tmpdir(), "enabler-"));
    const keys = rsaKeys();
    this.#privateKey = keys.privateKey;
    this.certificate = sign(name, name, keys.publicKey, keys.privateKey, DAY_HOURS, [
      { name: "basicConstraints", cA: true, critical: true },
      { name: "keyUsage", keyCertSign: true, critical: true },
    ]);
    this.certificateFile = this.#write("authority.pem", this.certificate);
  }

  /** A certificate for one DNS name, good for server and client. `hours`: until it expires. */
  issue(file: string, name: string, hours = DAY_HOURS): Issued {
    const { publicKey, privateKey } = rsaKeys();
    const certificate = sign(name, this.#name, publicKey, this.#privateKey, hours, [
      { name: "basicConstraints", cA: false, critical: true },
      { name: "extKeyUsage", serverAuth: true, clientAuth: true },
      { name: "subjectAltName", altNames: [{ type: 2, value: name }] },
    ]);
    return {
      certificate,
      privateKey,
      certificateFile: this.#write(`${file}.pem`, certificate),
      privateKeyFile: this.#write(`${file}.key`, privateKey),
    };
  }

  #write(file: string, text: string): string {
    const path = join(this.directory, file);
    writeFileSync(path, text);
    return path;
  }
}

function rsaKeys() {
  return generateKeyPairSync("rsa", {
    modulusLength: 2048,
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
  });
}

function sign(
  subject: string,
  issuer: string,
  publicKey: string,
  issuerKey: string,
  hours: number,
  extensions: Record<string, unknown>[],
): string {
  const certificate = forge.pki.createCertificate();
  certificate.publicKey = forge.pki.publicKeyFromPem(publicKey);
  certificate.serialNumber = `01${randomBytes(15).toString("hex")}`;
  certificate.validity.notBefore = new Date(Date.now() - DAY_HOURS * HOUR_MS);
  certificate.validity.notAfter = new Date(Date.now() + hours * HOUR_MS);
  certificate.setSubject([{ name: "commonName", value: subject }]);
  certificate.setIssuer([{ name: "commonName", value: issuer }]);
  certificate.setExtensions(extensions);
  certificate.sign(forge.pki.privateKeyFromPem(issuerKey), forge.md.sha256.create());
  return forge.pki.certificateToPem(certificate);
}
