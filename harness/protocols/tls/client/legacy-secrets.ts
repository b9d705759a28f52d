/** Key exchanges up to TLS 1.2: the premaster secret and the message that carries this side's part. */
import { constants, type KeyObject, publicEncrypt } from "node:crypto";
import { ALERT, TlsAlertError } from "../alert.ts";
import type { KeyExchange } from "../algorithms.ts";
import type { Hooks } from "../connection/hooks.ts";
import { finiteField, groupByNumber, type KeyShare, makeShare, type Random } from "../keys/agreement.ts";
import { verifyLegacy, verifySigned } from "../keys/signature.ts";
import { encode } from "../layout/layout.ts";
import { OctetSource } from "../layout/octets.ts";
import {
  dhParamsLayout,
  dhPublicLayout,
  ecdhParamsLayout,
  ecdhPublicLayout,
  encryptedPremasterLayout,
  pskNameLayout,
  signatureLayout,
  signedLayout,
} from "../messages/handshake.ts";
import type { LegacyVersion } from "../versions.ts";
import type { ExternalPsk } from "./offer.ts";

const NAMED_CURVE = 3;

/** What ServerKeyExchange told. */
export interface ServerPart {
  readonly hint: Buffer | null;
  /** This side's share in the server's group, and the server's public value. */
  readonly agreement: { readonly share: KeyShare; readonly peer: Buffer } | undefined;
}

export const NO_SERVER_PART: ServerPart = { hint: null, agreement: undefined };

/** Whether the server's part is signed with its certificate's key. */
const isSigned = (exchange: KeyExchange): boolean => /^(DHE|ECDHE)_(RSA|ECDSA)$/.test(exchange);

/** Whether ServerKeyExchange belongs into the handshake: always, never, or as the server likes. */
export function serverPart(exchange: KeyExchange): "always" | "never" | "optional" {
  if (exchange === "RSA") return "never";
  return exchange === "PSK" || exchange === "RSA_PSK" ? "optional" : "always";
}

/** @throws TlsAlertError (decode_error, illegal_parameter, decrypt_error) */
export function readServerPart(
  body: Buffer,
  {
    exchange,
    version,
    randoms,
    key,
    random,
    hooks,
  }: {
    readonly exchange: KeyExchange;
    readonly version: LegacyVersion;
    readonly randoms: { readonly client: Buffer; readonly server: Buffer };
    readonly key: KeyObject | undefined;
    readonly random: Random;
    readonly hooks: Hooks | undefined;
  },
): ServerPart {
  const source = new OctetSource(body);
  const hint = exchange.endsWith("PSK") ? pskNameLayout.take(source) : null;
  const { agreement, octets } = readAgreement(exchange, source, random, hooks);
  if (isSigned(exchange)) {
    if (key === undefined) throw new TlsAlertError(ALERT.unexpectedMessage, "no certificate came before");
    const signed = Buffer.concat([randoms.client, randoms.server, octets]);
    if (version === "1.2") {
      const { scheme, signature } = signedLayout.take(source);
      verifySigned(key, scheme, signed, signature);
    } else verifyLegacy(key, signed, signatureLayout.take(source));
  }
  if (source.left > 0) throw new TlsAlertError(ALERT.decodeError, "ServerKeyExchange is too long");
  return { hint, agreement };
}

function readAgreement(
  exchange: KeyExchange,
  source: OctetSource,
  random: Random,
  hooks: Hooks | undefined,
): { readonly agreement: ServerPart["agreement"]; readonly octets: Buffer } {
  const sent = (share: KeyShare): KeyShare => hooks?.share?.(share) ?? share;
  if (exchange.startsWith("DHE")) {
    const params = dhParamsLayout.take(source);
    const agreement = { share: sent(finiteField(params, random, "stripped")), peer: params.y };
    return { agreement, octets: encode(dhParamsLayout, params) };
  }
  if (exchange.startsWith("ECDHE")) {
    const params = ecdhParamsLayout.take(source);
    const group = params.curveType === NAMED_CURVE ? groupByNumber(params.group) : undefined;
    if (group === undefined) throw new TlsAlertError(ALERT.illegalParameter, "no named curve of ours");
    const agreement = { share: sent(makeShare(group, random)), peer: params.point };
    return { agreement, octets: encode(ecdhParamsLayout, params) };
  }
  return { agreement: undefined, octets: Buffer.alloc(0) };
}

export interface ClientPart {
  /** Body of ClientKeyExchange. */
  readonly body: Buffer;
  readonly premaster: Buffer;
}

/** @throws TlsAlertError (illegal_parameter, handshake_failure) */
export function makeClientPart(
  exchange: KeyExchange,
  {
    psk,
    server,
    key,
    helloVersion,
    random,
  }: {
    readonly psk: ExternalPsk | undefined;
    readonly server: ServerPart;
    readonly key: KeyObject | undefined;
    /** client_version of the ClientHello (RFC 5246 7.4.7.1). */
    readonly helloVersion: number;
    readonly random: Random;
  },
): ClientPart {
  const { secret, octets } = exchanged(exchange, server, key, helloVersion, random);
  if (!exchange.endsWith("PSK")) return { body: octets, premaster: secret };
  if (psk === undefined) throw new TlsAlertError(ALERT.handshakeFailure, "there is no pre-shared key");
  // RFC 4279 2: without another secret there are as many zeros as the key has octets.
  const other = exchange === "PSK" ? Buffer.alloc(psk.key.length) : secret;
  return {
    body: Buffer.concat([encode(pskNameLayout, psk.identity), octets]),
    premaster: Buffer.concat([encode(pskNameLayout, other), encode(pskNameLayout, psk.key)]),
  };
}

function exchanged(
  exchange: KeyExchange,
  { agreement }: ServerPart,
  key: KeyObject | undefined,
  helloVersion: number,
  random: Random,
): { readonly secret: Buffer; readonly octets: Buffer } {
  if (exchange === "PSK") return { secret: Buffer.alloc(0), octets: Buffer.alloc(0) };
  if (exchange === "RSA" || exchange === "RSA_PSK") return encryptedPremaster(key, helloVersion, random);
  if (agreement === undefined)
    throw new TlsAlertError(ALERT.unexpectedMessage, "ServerKeyExchange is missing");
  const layout = exchange.startsWith("DHE") ? dhPublicLayout : ecdhPublicLayout;
  return {
    secret: agreement.share.agree(agreement.peer),
    octets: encode(layout, agreement.share.public),
  };
}

/** @throws TlsAlertError (handshake_failure, bad_certificate) */
function encryptedPremaster(key: KeyObject | undefined, helloVersion: number, random: Random) {
  if (key?.asymmetricKeyType !== "rsa")
    throw new TlsAlertError(ALERT.handshakeFailure, "the certificate has no RSA key");
  const secret = random(48);
  secret.writeUInt16BE(helloVersion, 0);
  // The padding of PKCS #1 is random; node:crypto makes it itself.
  try {
    const encrypted = publicEncrypt({ key, padding: constants.RSA_PKCS1_PADDING }, secret);
    return { secret, octets: encode(encryptedPremasterLayout, encrypted) };
  } catch {
    throw new TlsAlertError(
      ALERT.badCertificate,
      "48 octets do not fit under the RSA key of the certificate",
    );
  }
}
