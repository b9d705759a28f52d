import { X509Certificate } from "node:crypto";
import type { ClaimedWayIn } from "../../system/profile/index.ts";
import type { PeerCertificate } from "../../wire/secure-client.ts";
import type { Bench } from "./bench.ts";
import { type Diagnosis, ixit } from "./diagnosis.ts";

const CERTIFICATES = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** Certificates of a PEM text that can be read. */
export function certificatesIn(pem: string): readonly X509Certificate[] {
  return (pem.match(CERTIFICATES) ?? []).flatMap((one) => {
    try {
      return [new X509Certificate(one)];
    } catch {
      return [];
    }
  });
}

/** `CN=naf.home1.example` on one line. */
export function subjectOf(distinguishedName: string | undefined): string {
  return JSON.stringify((distinguishedName ?? "").replaceAll("\n", ", "));
}

/** Name, dates and chain of the certificate that terminals see. True when they believe it. */
export function judgeCertificate(
  bench: Bench,
  diagnosis: Diagnosis,
  wayIn: ClaimedWayIn,
  certificate: PeerCertificate,
): boolean {
  const before = diagnosis.findings.length;
  const name = bench.nameOf(wayIn);
  const { serverName } = bench.ixit.enabler;
  if (certificate.nameError !== undefined) {
    const names = certificate.names.join(", ");
    diagnosis.found(
      "certificate-name",
      ixit("enabler", "serverName"),
      `the ${certificate.subject} at ${name} is not one for ${serverName}: ${names === "" ? "it has no DNS name" : `its names are ${names}`}`,
      "Give the system a certificate with this name as a DNS name, or write the name that it has.",
    );
  }
  const chain = certificate.chain.map((der) => new X509Certificate(der));
  const outdated = chain.map((one) => datesProblem(one, new Date())).find((one) => one !== undefined);
  if (outdated !== undefined) {
    diagnosis.found(
      "certificate-date",
      name,
      `${outdated}; the clock here says ${new Date().toISOString()}`,
      DATE_FIX,
    );
  } else if (certificate.chainError !== undefined) {
    chainFinding(bench, diagnosis, name, chain, certificate.chainError);
  }
  if (diagnosis.findings.length > before) return false;
  diagnosis.ok(`${name}: certificate (name, dates, chain)`);
  return true;
}

const DATE_FIX = "Renew the certificate, or set the clock of this machine when it is the one that is wrong.";

/** A sentence for a certificate that is not valid at a time. */
export function datesProblem(certificate: X509Certificate, now: Date): string | undefined {
  const { subject, validFromDate, validToDate } = certificate;
  if (validToDate < now) {
    return `the certificate of ${subjectOf(subject)} expired at ${validToDate.toISOString()}`;
  }
  return validFromDate > now
    ? `the certificate of ${subjectOf(subject)} is valid from ${validFromDate.toISOString()} only`
    : undefined;
}

function chainFinding(
  bench: Bench,
  diagnosis: Diagnosis,
  name: string,
  chain: readonly X509Certificate[],
  error: string,
): void {
  const own = bench.ixit.enabler.trust === undefined;
  const trusted = certificatesIn(bench.system.trust);
  const top = chain.at(-1);
  const issuer = subjectOf(top?.issuer);
  const cause = own ? name : ixit("enabler", "trust");
  const believed = own
    ? "the authority of the test system"
    : `${trusted.map(({ subject }) => subjectOf(subject)).join(", ")} of enabler.trust`;
  const other = own
    ? "Let the system show the certificate of enabler.certificate in the file that it is started with, or name its authorities in enabler.trust."
    : "Name a PEM file with the authorities of the system's certificate.";
  const otherKey = hasOtherKey(chain, trusted);
  const known = trusted.some(({ fingerprint256 }) => fingerprint256 === top?.fingerprint256);
  if (otherKey || (top?.subject === top?.issuer && !known)) {
    diagnosis.found(
      "certificate-authority",
      cause,
      otherKey
        ? `the certificate comes from an authority with the name ${issuer} and another key than the one believed`
        : `the certificate comes from another authority, ${issuer}, and ${believed} is believed`,
      other,
    );
    return;
  }
  if (/UNABLE_TO_GET_ISSUER_CERT|UNABLE_TO_VERIFY_LEAF_SIGNATURE/.test(error)) {
    diagnosis.found(
      "certificate-chain",
      cause,
      `the chain is incomplete or from another authority: ${issuer}, which issued ${subjectOf(top?.subject)}, is not sent, and ${believed} is believed`,
      `Let the system send the certificate of ${issuer} too when it is an intermediate one. ${other}`,
    );
    return;
  }
  diagnosis.found("certificate-authority", cause, `the certificate is not believed: ${error}`, other);
}

/** A certificate whose issuer is there by its name, and did not sign it. */
function hasOtherKey(chain: readonly X509Certificate[], trusted: readonly X509Certificate[]): boolean {
  return chain.some((one, index) => {
    const above = [chain[index + 1], ...trusted].filter((other) => other?.subject === one.issuer);
    return above.length > 0 && above.every((other) => other !== undefined && !one.verify(other.publicKey));
  });
}
