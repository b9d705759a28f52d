/** Certificates of the terminal up to TLS 1.2, at the server (RFC 5246 7.4.4, 7.4.6, 7.4.8). */
import { ALERT, TlsAlertError } from "../alert.ts";
import type { HandshakeMessage } from "../connection/receiver.ts";
import type { Terms } from "../connection/terms.ts";
import { publicKeyOf, SCHEME_NUMBERS, verifyLegacy, verifySigned } from "../keys/signature.ts";
import { decode, encode } from "../layout/layout.ts";
import {
  certificateLayout,
  certificateRequest12Layout,
  certificateRequestLayout,
  signatureLayout,
  signedLayout,
} from "../messages/handshake.ts";
import type { LegacyVersion } from "../versions.ts";
import { expectMessage, type ServerConversation, type ServerHandshake } from "./conversation.ts";

/** RSA, and ECDSA (RFC 5246 7.4.4, RFC 8422 5.5). */
const CERTIFICATE_TYPES = Buffer.of(1, 64);

/** Body of CertificateRequest. */
export const certificateRequest = (version: LegacyVersion): Buffer =>
  version === "1.2"
    ? encode(certificateRequest12Layout, {
        types: CERTIFICATE_TYPES,
        schemes: SCHEME_NUMBERS,
        authorities: [],
      })
    : encode(certificateRequestLayout, { types: CERTIFICATE_TYPES, authorities: [] });

/** DER, its own first; none is allowed where it is only asked for. @throws TlsAlertError (handshake_failure) */
export function* clientChain(c: ServerConversation): ServerHandshake<readonly Buffer[]> {
  const certificates = decode(certificateLayout, (yield* expectMessage(c, "certificate")).body);
  if (certificates.length === 0 && c.setup.clientCertificate === "required")
    throw new TlsAlertError(ALERT.handshakeFailure, "the terminal has no certificate");
  return certificates;
}

/** Reads and verifies it. @throws TlsAlertError (decrypt_error, illegal_parameter) */
export function* certificateVerify(
  c: ServerConversation,
  { version }: Terms,
  [own = Buffer.alloc(0)]: readonly Buffer[],
): ServerHandshake<HandshakeMessage> {
  const before = Buffer.concat(c.transcript);
  const message = yield* expectMessage(c, "certificateVerify");
  if (version === "1.2") {
    const { scheme, signature } = decode(signedLayout, message.body);
    verifySigned(publicKeyOf(own), scheme, before, signature);
  } else verifyLegacy(publicKeyOf(own), before, decode(signatureLayout, message.body));
  return message;
}
