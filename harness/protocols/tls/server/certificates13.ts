/** Certificates of TLS 1.3 at the server: its own, and the terminal's (RFC 8446 4.3.2, 4.4). */
import { ALERT, TlsAlertError } from "../alert.ts";
import { signedContent13 } from "../connection/certificate-verify13.ts";
import type { Suite13 } from "../connection/suite13.ts";
import { publicKeyOf, SCHEME_NUMBERS, signed, verifySigned13 } from "../keys/signature.ts";
import { decode, encode } from "../layout/layout.ts";
import { EXTENSION, extension, schemesLayout } from "../messages/extensions.ts";
import { certificate13Layout, certificateRequest13Layout, signedLayout } from "../messages/handshake.ts";
import type { ReadHello } from "./client-hello.ts";
import { expectMessage, type ServerConversation, type ServerHandshake } from "./conversation.ts";

/** [CertificateRequest] Certificate CertificateVerify. @throws TlsAlertError (handshake_failure) */
export function showCertificate(c: ServerConversation, suite: Suite13, read: ReadHello): void {
  const { setup, sender } = c;
  if (setup.clientCertificate !== undefined)
    sender.handshake(
      "certificateRequest",
      encode(certificateRequest13Layout, {
        context: Buffer.alloc(0),
        extensions: [extension(EXTENSION.signatureAlgorithms, schemesLayout, SCHEME_NUMBERS)],
      }),
    );
  const { credential } = setup;
  if (credential === undefined) throw new TlsAlertError(ALERT.handshakeFailure, "there is no certificate");
  const entries = credential.chain.map((data) => ({ data, extensions: [] }));
  sender.handshake("certificate", encode(certificate13Layout, { context: Buffer.alloc(0), entries }));
  const octets = signedContent13("server", suite.transcript(c));
  sender.handshake(
    "certificateVerify",
    encode(signedLayout, signed(credential.key, octets, read.schemes, "1.3")),
  );
}

/** Certificate [CertificateVerify] of the terminal (RFC 8446 4.4.2, 4.4.3). */
export function* clientProof(c: ServerConversation, suite: Suite13): ServerHandshake<readonly Buffer[]> {
  const { entries } = decode(certificate13Layout, (yield* expectMessage(c, "certificate")).body);
  const [own] = entries;
  if (own === undefined) {
    if (c.setup.clientCertificate === "required")
      throw new TlsAlertError(ALERT.certificateRequired, "the terminal has no certificate");
    return [];
  }
  const before = suite.transcript(c);
  const { body } = yield* expectMessage(c, "certificateVerify");
  const { scheme, signature } = decode(signedLayout, body);
  verifySigned13(publicKeyOf(own.data), scheme, signedContent13("client", before), signature);
  return entries.map(({ data }) => data);
}
