import { constants } from "node:crypto";
import { createSecureContext, type SecureContext } from "node:tls";
import type { Policy } from "../policy/policy.ts";
import { cipherString } from "../tls/suites.ts";
import { type TlsVersion, versionRange } from "../tls/versions.ts";
import type { CertificateMaterial } from "./https-digest.ts";

interface ContextParts {
  readonly policy: Policy;
  /** TLS versions of the configuration. */
  readonly versions: readonly TlsVersion[];
  readonly material: CertificateMaterial;
}

/**
 * What OpenSSL is given for uc1.psk-tls. The contexts have no certificate, so without a PSK there is nothing that it
 * could go on with. Tickets are given up to TLS 1.2 only: in TLS 1.3 a ticket may stand in one list with identities, and
 * OpenSSL takes it without a word to the enabler, whose key it then is not.
 */
export class PskContexts {
  readonly #parts: ContextParts;
  readonly #tls13: SecureContext;
  readonly #legacy: SecureContext;

  constructor(parts: ContextParts) {
    this.#parts = parts;
    this.#tls13 = pskContext(parts, constants.SSL_OP_NO_TICKET);
    this.#legacy = pskContext(parts, parts.policy.resumesPsk ? 0 : constants.SSL_OP_NO_TICKET);
  }

  /** For a terminal that offers TLS 1.3, or does not. */
  for(offersTls13: boolean): SecureContext {
    return offersTls13 ? this.#tls13 : this.#legacy;
  }

  /** With a certificate, where a policy goes on without a PSK. */
  withCertificate(): SecureContext {
    return pskContext(this.#parts, constants.SSL_OP_NO_TICKET, this.#parts.material);
  }
}

function pskContext(
  { policy, versions }: ContextParts,
  options: number,
  material?: CertificateMaterial,
): SecureContext {
  const accepted = policy.tlsVersions("uc1.psk-tls", versions);
  return createSecureContext({
    ...versionRange(accepted),
    ciphers: cipherString(policy.pskSuites, accepted),
    honorCipherOrder: true,
    dhparam: "auto",
    // No second handshake: it would change NAF_Id (TS 33.220 H.3).
    secureOptions: options | constants.SSL_OP_NO_RENEGOTIATION,
    ...(material === undefined ? {} : { cert: material.certificate, key: material.privateKey }),
  });
}
