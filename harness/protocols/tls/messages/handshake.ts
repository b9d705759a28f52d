/**
 * Handshake messages of TLS 1.0 to 1.3 (RFC 8446 4, RFC 5246 7.4, RFC 4279 2, RFC 8422 5) as declared layouts: what they
 * are made of, and not what they mean. Numbers are as they stand on the wire, so that a client can also send wrong ones.
 */
import {
  fixed,
  type Layout,
  list,
  opaque,
  optional,
  rest,
  struct,
  uint,
  type ValueOf,
} from "../layout/layout.ts";

/** HandshakeType (RFC 8446 4, RFC 5246 7.4, RFC 6066 8). */
export const HANDSHAKE_TYPE = {
  helloRequest: 0,
  clientHello: 1,
  serverHello: 2,
  newSessionTicket: 4,
  endOfEarlyData: 5,
  encryptedExtensions: 8,
  certificate: 11,
  serverKeyExchange: 12,
  certificateRequest: 13,
  serverHelloDone: 14,
  certificateVerify: 15,
  clientKeyExchange: 16,
  finished: 20,
  certificateStatus: 22,
  keyUpdate: 24,
  messageHash: 254,
} as const;
export type HandshakeName = keyof typeof HANDSHAKE_TYPE;

export const handshakeLayout = struct<{ readonly type: number; readonly body: Buffer }>({
  type: uint(1),
  body: opaque(3),
});

export interface Extension {
  readonly type: number;
  readonly data: Buffer;
}
export const extensionLayout: Layout<Extension> = struct<Extension>({ type: uint(2), data: opaque(2) });
export const extensionsLayout = list(2, extensionLayout);

export const clientHelloLayout = struct<{
  readonly version: number;
  /** 32 octets. */
  readonly random: Buffer;
  readonly sessionId: Buffer;
  readonly suites: readonly number[];
  readonly compression: Buffer;
  readonly extensions: readonly Extension[] | undefined;
}>({
  version: uint(2),
  random: fixed(32),
  sessionId: opaque(1),
  suites: list(2, uint(2)),
  compression: opaque(1),
  extensions: optional(extensionsLayout),
});
export type ClientHello = ValueOf<typeof clientHelloLayout>;

/** Also HelloRetryRequest, which only differs by its random (RFC 8446 4.1.3). */
export const serverHelloLayout = struct<{
  readonly version: number;
  readonly random: Buffer;
  readonly sessionId: Buffer;
  readonly suite: number;
  readonly compression: number;
  readonly extensions: readonly Extension[] | undefined;
}>({
  version: uint(2),
  random: fixed(32),
  sessionId: opaque(1),
  suite: uint(2),
  compression: uint(1),
  extensions: optional(extensionsLayout),
});
export type ServerHello = ValueOf<typeof serverHelloLayout>;

/** Certificate up to TLS 1.2: DER, the peer's own first. */
export const certificateLayout = list(3, opaque(3));

/** Certificate of TLS 1.3 (RFC 8446 4.4.2). */
export const certificate13Layout = struct<{
  readonly context: Buffer;
  readonly entries: readonly { readonly data: Buffer; readonly extensions: readonly Extension[] }[];
}>({
  context: opaque(1),
  entries: list(
    3,
    struct<{ readonly data: Buffer; readonly extensions: readonly Extension[] }>({
      data: opaque(3),
      extensions: extensionsLayout,
    }),
  ),
});

/** Signature with its SignatureScheme, TLS 1.2 and later (RFC 5246 4.7). */
export const signedLayout = struct<{ readonly scheme: number; readonly signature: Buffer }>({
  scheme: uint(2),
  signature: opaque(2),
});
/** Signature of TLS 1.0 and 1.1: the algorithms follow from the certificate (RFC 4346 4.7). */
export const signatureLayout = opaque(2);

/** ServerDHParams (RFC 5246 7.4.3). */
export const dhParamsLayout = struct<{ readonly p: Buffer; readonly g: Buffer; readonly y: Buffer }>({
  p: opaque(2),
  g: opaque(2),
  y: opaque(2),
});

/** ServerECDHParams with a named curve (RFC 8422 5.4). */
export const ecdhParamsLayout = struct<{
  readonly curveType: number;
  readonly group: number;
  readonly point: Buffer;
}>({ curveType: uint(1), group: uint(2), point: opaque(1) });

/** psk_identity_hint and psk_identity (RFC 4279 2): both octets with a length of two. */
export const pskNameLayout = opaque(2);
export const dhPublicLayout = opaque(2);
export const ecdhPublicLayout = opaque(1);
export const encryptedPremasterLayout = opaque(2);

/** CertificateRequest of TLS 1.0 and 1.1 (RFC 4346 7.4.4). */
export const certificateRequestLayout = struct<{
  readonly types: Buffer;
  readonly authorities: readonly Buffer[];
}>({ types: opaque(1), authorities: list(2, opaque(2)) });

/** CertificateRequest of TLS 1.2, which names signature algorithms (RFC 5246 7.4.4). */
export const certificateRequest12Layout = struct<{
  readonly types: Buffer;
  readonly schemes: readonly number[];
  readonly authorities: readonly Buffer[];
}>({ types: opaque(1), schemes: list(2, uint(2)), authorities: list(2, opaque(2)) });

export const certificateRequest13Layout = struct<{
  readonly context: Buffer;
  readonly extensions: readonly Extension[];
}>({ context: opaque(1), extensions: extensionsLayout });

export const finishedLayout = rest;

export const ticket12Layout = struct<{ readonly lifetime: number; readonly ticket: Buffer }>({
  lifetime: uint(4),
  ticket: opaque(2),
});

export const ticket13Layout = struct<{
  /** Seconds. */
  readonly lifetime: number;
  readonly ageAdd: number;
  readonly nonce: Buffer;
  readonly ticket: Buffer;
  readonly extensions: readonly Extension[];
}>({ lifetime: uint(4), ageAdd: uint(4), nonce: opaque(1), ticket: opaque(2), extensions: extensionsLayout });
export type Ticket13 = ValueOf<typeof ticket13Layout>;

export const certificateStatusLayout = struct<{ readonly type: number; readonly response: Buffer }>({
  type: uint(1),
  response: opaque(3),
});

/** request_update (RFC 8446 4.6.3). */
export const keyUpdateLayout = uint(1);

/** Random of HelloRetryRequest: SHA-256 of that name (RFC 8446 4.1.3). */
export const RETRY_RANDOM = Buffer.from(
  "cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c",
  "hex",
);
