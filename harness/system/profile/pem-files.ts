import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { resolve } from "node:path";
import { readBounded } from "./bounded-file.ts";
import { type ProfileProblem, shown } from "./problem.ts";
import type { Ixit } from "./profile.ts";
import { problemAt, type YamlFile } from "./yaml-file.ts";

/** The file names that an IXIT may hold, and what stands in the files. */
const FILES = {
  serverTrust: { path: ["enabler", "trust"], content: "certificates" },
  certificate: { path: ["keyManager", "credentials", "certificate"], content: "certificates" },
  privateKey: { path: ["keyManager", "credentials", "privateKey"], content: "private key" },
  clientTrust: { path: ["keyManager", "credentials", "trust"], content: "certificates" },
} as const;

type PemFile = (typeof FILES)[keyof typeof FILES];

/** The IXIT with absolute paths, as seen from its folder. */
export function withAbsolutePaths(ixit: Ixit, directory: string): Ixit {
  const { enabler, keyManager } = ixit;
  const absolute = (name: string) => resolve(directory, name);
  return {
    ...ixit,
    enabler: enabler.trust === undefined ? enabler : { ...enabler, trust: absolute(enabler.trust) },
    keyManager:
      keyManager.credentials === undefined
        ? keyManager
        : {
            ...keyManager,
            credentials: {
              certificate: absolute(keyManager.credentials.certificate),
              privateKey: absolute(keyManager.credentials.privateKey),
              trust: absolute(keyManager.credentials.trust),
            },
          },
  };
}

/** Reads every PEM file of an IXIT with absolute paths: certificates and keys must parse and belong together. */
export function checkPemFiles(ixit: Ixit, file: YamlFile): readonly ProfileProblem[] {
  const { trust } = ixit.enabler;
  const { credentials } = ixit.keyManager;
  const problems = trust === undefined ? [] : contentProblems(trust, FILES.serverTrust, file);
  if (credentials === undefined) return problems;
  const found = [
    ...contentProblems(credentials.certificate, FILES.certificate, file),
    ...contentProblems(credentials.privateKey, FILES.privateKey, file),
    ...contentProblems(credentials.trust, FILES.clientTrust, file),
  ];
  if (found.length === 0 && !belongTogether(credentials.certificate, credentials.privateKey)) {
    found.push(
      problemAt(file, FILES.privateKey.path, "value", {
        message: `the key is not that of ${shown(credentials.certificate)}`,
        allowed: "the private key of keyManager.credentials.certificate",
        fix: "Name the right key; in the certificate's file the key manager's own certificate stands first.",
      }),
    );
  }
  return [...problems, ...found];
}

function contentProblems(name: string, { path, content }: PemFile, file: YamlFile): ProfileProblem[] {
  const wrong = wrongContent(name, content);
  if (wrong === undefined) return [];
  const message = `the file ${shown(name)} ${wrong.message}`;
  return [problemAt(file, path, "value", { message, allowed: `a PEM file with ${content}`, fix: wrong.fix })];
}

interface Wrong {
  readonly message: string;
  readonly fix: string;
}

function wrongContent(name: string, content: PemFile["content"]): Wrong | undefined {
  const read = readBounded(name);
  if ("reason" in read) {
    const fix =
      "Put the file there or mend its name; a relative name is seen from the folder of the profile.";
    return { message: read.reason, fix };
  }
  const text = read.bytes.toString("latin1");
  return content === "private key" ? wrongPrivateKey(text) : wrongCertificates(text);
}

function wrongPrivateKey(text: string): Wrong | undefined {
  if (/-----BEGIN ENCRYPTED PRIVATE KEY-----|^Proc-Type: 4,ENCRYPTED/m.test(text)) {
    return { message: "is encrypted", fix: "Decrypt it with openssl pkey -in FILE -out NEW_FILE." };
  }
  if (!/-----BEGIN (?:RSA |EC )?PRIVATE KEY-----/.test(text)) {
    const fix = "Name a PEM file with a private key; openssl pkey -inform der makes one of a DER file.";
    return { message: "holds no private key in PEM", fix };
  }
  return privateKeyOf(text) === undefined
    ? { message: "holds a private key that cannot be read", fix: "Name a file with a whole private key." }
    : undefined;
}

const CERTIFICATES = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

function wrongCertificates(text: string): Wrong | undefined {
  const certificates = text.match(CERTIFICATES) ?? [];
  if (certificates.length === 0) {
    const fix = "Name a PEM file with certificates; openssl x509 -inform der makes one of a DER file.";
    return { message: "holds no certificate in PEM", fix };
  }
  const broken = certificates.findIndex((pem) => certificateOf(pem) === undefined);
  if (broken === -1) return undefined;
  const message = `holds a certificate that cannot be read, number ${broken + 1}`;
  return { message, fix: "Replace that certificate or take it out." };
}

function certificateOf(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined;
  }
}

function privateKeyOf(pem: string): KeyObject | undefined {
  try {
    return createPrivateKey(pem);
  } catch {
    return undefined;
  }
}

/** For files that were found to hold a certificate and a key. */
function belongTogether(certificate: string, privateKey: string): boolean {
  const [pem = ""] = textOf(certificate).match(CERTIFICATES) ?? [];
  const key = privateKeyOf(textOf(privateKey));
  return key !== undefined && certificateOf(pem)?.checkPrivateKey(key) === true;
}

function textOf(name: string): string {
  const read = readBounded(name);
  return "bytes" in read ? read.bytes.toString("latin1") : "";
}
