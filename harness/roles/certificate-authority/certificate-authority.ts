import { generateKeyPair, randomBytes } from "node:crypto";
import { promisify } from "node:util";
import forge from "node-forge";

/** A certificate with its private key, both PEM; `chain` ends below the root. */
export interface IssuedCertificate {
  readonly certificate: string;
  readonly privateKey: string;
}

export interface CertificateRequest {
  readonly commonName: string;
  /** DNS names of subjectAltName. */
  readonly names: readonly string[];
  /** `both`: of a Diameter agent, which accepts connections and opens some. */
  readonly usage: "server" | "client" | "both";
  /** Its validity ended an hour ago. */
  readonly expired?: true;
}

const generate = promisify(generateKeyPair);
const MODULUS_BITS = 2048;
const DAY_MS = 86_400_000;

async function keyPair() {
  const { publicKey, privateKey } = await generate("rsa", {
    modulusLength: MODULUS_BITS,
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
  });
  return { publicKey, privateKey };
}

/**
 * The operator's certificate authority: a root that lives as long as the test system.
 * node:crypto makes the RSA-2048 keys (node-forge needs seconds for one), node-forge the certificates.
 */
export class CertificateAuthority {
  readonly #name: string;
  readonly #privateKey: string;
  readonly #validDays: number;
  readonly #issued = new Map<string, Promise<IssuedCertificate>>();
  #stranger: Promise<CertificateAuthority> | undefined;
  /** PEM of the root. */
  readonly certificate: string;

  private constructor(name: string, privateKey: string, certificate: string, validDays: number) {
    this.#name = name;
    this.#privateKey = privateKey;
    this.#validDays = validDays;
    this.certificate = certificate;
  }

  /** `validDays`: of the root, and of all that it issues. */
  static async create(name: string, validDays = 30): Promise<CertificateAuthority> {
    const { publicKey, privateKey } = await keyPair();
    const certificate = sign({
      validDays,
      subject: name,
      issuer: name,
      publicKey,
      issuerKey: privateKey,
      extensions: [
        { name: "basicConstraints", cA: true, critical: true },
        { name: "keyUsage", keyCertSign: true, cRLSign: true, critical: true },
        { name: "subjectKeyIdentifier" },
      ],
    });
    return new CertificateAuthority(name, privateKey, certificate, validDays);
  }

  /** The same certificate and key for the same request: making a key costs more than most cases. */
  issue(request: CertificateRequest): Promise<IssuedCertificate> {
    const known = JSON.stringify(request);
    const issued = this.#issued.get(known) ?? this.#issue(request);
    this.#issued.set(known, issued);
    return issued;
  }

  /** An authority that whoever trusts this one does not know. */
  stranger(): Promise<CertificateAuthority> {
    this.#stranger ??= CertificateAuthority.create("seccf strange operator");
    return this.#stranger;
  }

  async #issue(request: CertificateRequest): Promise<IssuedCertificate> {
    const { publicKey, privateKey } = await keyPair();
    const certificate = sign({
      validDays: request.expired === true ? -1 / 24 : this.#validDays,
      subject: request.commonName,
      issuer: this.#name,
      publicKey,
      issuerKey: this.#privateKey,
      extensions: [
        { name: "basicConstraints", cA: false, critical: true },
        { name: "keyUsage", digitalSignature: true, keyEncipherment: true, critical: true },
        {
          name: "extKeyUsage",
          serverAuth: request.usage !== "client",
          clientAuth: request.usage !== "server",
        },
        { name: "subjectKeyIdentifier" },
        // RFC 5280 4.2.1.1: every certificate that is not self-signed names its issuer's key.
        { name: "authorityKeyIdentifier", keyIdentifier: keyIdentifierOf(this.certificate) },
        // GeneralName type 2 is dNSName (RFC 5280 4.2.1.6).
        { name: "subjectAltName", altNames: request.names.map((value) => ({ type: 2, value })) },
      ],
    });
    return { certificate, privateKey };
  }
}

/** SHA-1 of the public key (RFC 5280 4.2.1.2), one character per octet. */
function keyIdentifierOf(certificate: string): string {
  return forge.pki.certificateFromPem(certificate).generateSubjectKeyIdentifier().getBytes();
}

interface ToSign {
  readonly validDays: number;
  readonly subject: string;
  readonly issuer: string;
  readonly publicKey: string;
  readonly issuerKey: string;
  readonly extensions: readonly Record<string, unknown>[];
}

function sign({ validDays, subject, issuer, publicKey, issuerKey, extensions }: ToSign): string {
  const certificate = forge.pki.createCertificate();
  certificate.publicKey = forge.pki.publicKeyFromPem(publicKey);
  // Positive and at most 20 octets (RFC 5280 4.1.2.2).
  certificate.serialNumber = `01${randomBytes(15).toString("hex")}`;
  certificate.validity.notBefore = new Date(Date.now() - DAY_MS);
  certificate.validity.notAfter = new Date(Date.now() + validDays * DAY_MS);
  certificate.setSubject([{ name: "commonName", value: subject }]);
  certificate.setIssuer([{ name: "commonName", value: issuer }]);
  certificate.setExtensions([...extensions]);
  certificate.sign(forge.pki.privateKeyFromPem(issuerKey), forge.md.sha256.create());
  return forge.pki.certificateToPem(certificate);
}
