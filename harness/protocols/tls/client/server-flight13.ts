/** The server's flight of TLS 1.3 behind ServerHello (RFC 8446 4.3, 4.4). */
import { timingSafeEqual } from "node:crypto";
import { ALERT, TlsAlertError } from "../alert.ts";
import { is } from "../connection/messages.ts";
import type { Suite13 } from "../connection/suite13.ts";
import { finishedMac } from "../keys/schedule.ts";
import { publicKeyOf, signed, verifySigned13 } from "../keys/signature.ts";
import { decode, encode } from "../layout/layout.ts";
import { extensionValue, findExtension, protocolsLayout, schemesLayout } from "../messages/extensions.ts";
import {
  certificate13Layout,
  certificateRequest13Layout,
  certificateStatusLayout,
  extensionsLayout,
  signedLayout,
} from "../messages/handshake.ts";
import type { SentHello } from "./client-hello.ts";
import { type Conversation, expectMessage, type Handshake } from "./conversation.ts";
import { requireFitting } from "./fitting.ts";

/** RFC 8446 4.2, the table, as far as this client offers them. */
const IN_ENCRYPTED_EXTENSIONS = ["serverName", "supportedGroups", "alpn", "earlyData"] as const;

export interface CertificateRequest13 {
  readonly context: Buffer;
  readonly schemes: readonly number[];
}

export interface ServerFlight {
  readonly certificates: readonly Buffer[];
  readonly staple: Buffer | undefined;
  /** What a CertificateRequest says; undefined: there was none. */
  readonly request: CertificateRequest13 | undefined;
  readonly protocol: string | undefined;
  readonly earlyDataAccepted: boolean;
  readonly finished: Buffer;
}

/** Everything of the server behind its ServerHello, until and with Finished. @throws TlsAlertError */
export function* serverFlight(
  c: Conversation,
  sent: SentHello,
  suite: Suite13,
  byPsk: boolean,
  secret: Buffer,
): Handshake<ServerFlight> {
  const encrypted = decode(extensionsLayout, (yield* expectMessage(c, "encryptedExtensions")).body);
  requireFitting(sent, encrypted, IN_ENCRYPTED_EXTENSIONS);
  const proof = byPsk ? undefined : yield* serverProof(c, sent, suite);
  const before = suite.transcript(c);
  const { body } = yield* expectMessage(c, "finished");
  const right = finishedMac(suite.hash, secret, before);
  if (body.length !== right.length || !timingSafeEqual(body, right))
    throw new TlsAlertError(ALERT.decryptError, "the server's Finished does not verify");
  return {
    certificates: proof?.certificates ?? [],
    staple: proof?.staple,
    request: proof?.request,
    protocol: extensionValue(encrypted, "alpn", protocolsLayout)?.[0]?.toString("latin1"),
    earlyDataAccepted: findExtension(encrypted, "earlyData") !== undefined,
    finished: right,
  };
}

const CONTEXT = Buffer.concat([
  Buffer.alloc(64, 0x20),
  Buffer.from("TLS 1.3, server CertificateVerify\0", "latin1"),
]);

/** [CertificateRequest] Certificate CertificateVerify (RFC 8446 4.4.2, 4.4.3). */
function* serverProof(c: Conversation, sent: SentHello, suite: Suite13) {
  let message = yield* expectMessage(c, "certificateRequest", "certificate");
  let request: CertificateRequest13 | undefined;
  if (is(message, "certificateRequest")) {
    request = readRequest(message.body);
    message = yield* expectMessage(c, "certificate");
  }
  const { context, entries } = decode(certificate13Layout, message.body);
  for (const { extensions } of entries) requireFitting(sent, extensions, ["statusRequest"]);
  const [own] = entries;
  if (context.length > 0)
    throw new TlsAlertError(ALERT.illegalParameter, "certificate_request_context of a server is not empty");
  if (own === undefined) throw new TlsAlertError(ALERT.decodeError, "the server has no certificate");
  const before = suite.transcript(c);
  const { scheme, signature } = decode(signedLayout, (yield* expectMessage(c, "certificateVerify")).body);
  verifySigned13(publicKeyOf(own.data), scheme, Buffer.concat([CONTEXT, before]), signature);
  return {
    certificates: entries.map(({ data }) => data),
    staple: extensionValue(own.extensions, "statusRequest", certificateStatusLayout)?.response,
    request,
  };
}

/** The answer repeats its context (RFC 8446 4.3.2). */
function readRequest(body: Buffer): CertificateRequest13 {
  const { context, extensions } = decode(certificateRequest13Layout, body);
  const schemes = extensionValue(extensions, "signatureAlgorithms", schemesLayout);
  if (schemes === undefined)
    throw new TlsAlertError(ALERT.missingExtension, "CertificateRequest without signature_algorithms");
  return { context, schemes };
}

const CLIENT_CONTEXT = Buffer.concat([
  Buffer.alloc(64, 0x20),
  Buffer.from("TLS 1.3, client CertificateVerify\0", "latin1"),
]);

/** Certificate [CertificateVerify] of the client (RFC 8446 4.4.2, 4.4.3). @throws TlsAlertError (handshake_failure) */
export function answerRequest(
  c: Conversation,
  suite: Suite13,
  { context, schemes }: CertificateRequest13,
): void {
  const { credential } = c.setup.offer;
  const entries = (credential?.chain ?? []).map((data) => ({ data, extensions: [] }));
  c.sender.handshake("certificate", encode(certificate13Layout, { context, entries }));
  if (credential === undefined) return;
  const octets = Buffer.concat([CLIENT_CONTEXT, suite.transcript(c)]);
  c.sender.handshake(
    "certificateVerify",
    encode(signedLayout, signed(credential.key, octets, schemes, "1.3")),
  );
}
