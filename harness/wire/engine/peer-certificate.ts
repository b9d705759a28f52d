import { X509Certificate } from "node:crypto";
import type { PeerCertificate } from "../secure-client.ts";

const PEM = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;
/** Certificates between the peer's own and one that is believed. */
const MAX_CHAIN = 10;
/** id-kp-serverAuth (RFC 5280 4.2.1.12). */
const SERVER_AUTH = "1.3.6.1.5.5.7.3.1";

/** What a chain of certificates (DER, the peer's own first) is worth; undefined without one. */
export function describeChain(
  chain: readonly Buffer[],
  trust: string,
  serverName: string | undefined,
): PeerCertificate | undefined {
  const certificates = chain.flatMap((der) => readCertificate(der) ?? []);
  // The handshake was done with the key of the first: it can be read.
  const [own] = certificates;
  if (own === undefined) return undefined;
  const chainError = whyNotBelieved(certificates, anchorsIn(trust));
  const nameError =
    serverName === undefined || own.checkHost(serverName, { subject: "never" }) !== undefined
      ? undefined
      : `the certificate is not for ${serverName}: ${own.subjectAltName ?? "no names"}`;
  const commonName = /(?:^|\n)CN=([^\n]*)/.exec(own.subject)?.[1] ?? "";
  return {
    subject: `certificate of ${JSON.stringify(commonName)}`,
    names: (own.subjectAltName ?? "")
      .split(", ")
      .filter((name) => name.startsWith("DNS:"))
      .map((name) => name.slice(4)),
    chain: chain.map((der) => new Uint8Array(der)),
    ...(chainError === undefined ? {} : { chainError }),
    ...(nameError === undefined ? {} : { nameError }),
  };
}

/** undefined for octets that are no certificate: what a server sends above its own is not used by the handshake. */
function readCertificate(der: Buffer): X509Certificate | undefined {
  try {
    return new X509Certificate(der);
  } catch {
    return undefined;
  }
}

function anchorsIn(trust: string): readonly X509Certificate[] {
  return (trust.match(PEM) ?? []).map((pem) => new X509Certificate(pem));
}

/** RFC 5280 6.1 as far as a terminal needs it: signatures, dates and cA of each certificate up to an anchor. */
function whyNotBelieved(
  chain: readonly X509Certificate[],
  anchors: readonly X509Certificate[],
): string | undefined {
  const now = new Date();
  let current = chain[0];
  const purposes = current?.keyUsage;
  if (purposes !== undefined && !purposes.includes(SERVER_AUTH)) return "INVALID_PURPOSE";
  for (let depth = 0; current !== undefined && depth < MAX_CHAIN; depth += 1) {
    const subject = current;
    if (subject.validFromDate > now) return "CERT_NOT_YET_VALID";
    if (subject.validToDate < now) return "CERT_HAS_EXPIRED";
    if (anchors.some((anchor) => anchor.raw.equals(subject.raw) || isIssuedBy(subject, anchor)))
      return undefined;
    current = chain.find((other) => other !== subject && other.ca && isIssuedBy(subject, other));
  }
  return "UNABLE_TO_VERIFY_LEAF_SIGNATURE";
}

const isIssuedBy = (subject: X509Certificate, issuer: X509Certificate): boolean =>
  subject.checkIssued(issuer) && subject.verify(issuer.publicKey);
