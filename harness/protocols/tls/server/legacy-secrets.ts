/** The server's part in key exchanges up to TLS 1.2 (RFC 5246 7.4.3, 7.4.7, RFC 4279, RFC 5489). */
import { constants, privateDecrypt } from "node:crypto";
import { ALERT, TlsAlertError } from "../alert.ts";
import type { KeyExchange } from "../algorithms.ts";
import type { Credential } from "../connection/credential.ts";
import type { Terms } from "../connection/terms.ts";
import { GROUPS, type KeyShare, type Random } from "../keys/agreement.ts";
import { signed, signedLegacy } from "../keys/signature.ts";
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
import { shareOfGroup, shareOfOwnField } from "./careless-shares.ts";
import { commonGroup, type ReadHello } from "./client-hello.ts";
import type { ServerSetup } from "./conversation.ts";

const NAMED_CURVE = 3;
const PREMASTER = 48;

const isSigned = (exchange: KeyExchange): boolean => /^(DHE|ECDHE)_(RSA|ECDSA)$/.test(exchange);
export const showsCertificate = (exchange: KeyExchange): boolean =>
  !exchange.endsWith("PSK") || exchange === "RSA_PSK";

export interface OwnPart {
  /** Body of ServerKeyExchange; undefined: there is none. */
  readonly body: Buffer | undefined;
  readonly share: KeyShare | undefined;
}

/** @throws TlsAlertError (handshake_failure) */
export function makeServerPart(setup: ServerSetup, read: ReadHello, terms: Terms): OwnPart {
  const exchange = terms.algorithms.keyExchange;
  const { share, params } = ownShare(setup, read, exchange);
  const hint = exchange.endsWith("PSK")
    ? encode(pskNameLayout, setup.psk?.hint ?? Buffer.alloc(0))
    : undefined;
  if (params === undefined && (hint === undefined || setup.psk?.hint === undefined))
    return { body: undefined, share };
  const signature = isSigned(exchange) ? signature12(setup.credential, read, terms, params) : Buffer.alloc(0);
  return { body: Buffer.concat([hint ?? Buffer.alloc(0), params ?? Buffer.alloc(0), signature]), share };
}

function ownShare(
  setup: ServerSetup,
  { groups }: ReadHello,
  exchange: KeyExchange,
): { readonly share: KeyShare | undefined; readonly params: Buffer | undefined } {
  if (exchange.startsWith("DHE")) {
    const { share, group } = shareOfOwnField(setup);
    return { share, params: encode(dhParamsLayout, { ...group, y: share.public }) };
  }
  if (!exchange.startsWith("ECDHE")) return { share: undefined, params: undefined };
  const group = commonGroup(setup, groups, "elliptic") ?? "secp256r1";
  const share = shareOfGroup(setup, group);
  const curve = { curveType: NAMED_CURVE, group: GROUPS[group], point: share.public };
  return { share, params: encode(ecdhParamsLayout, curve) };
}

function signature12(
  credential: Credential | undefined,
  { schemes }: ReadHello,
  { version, randoms }: Terms,
  params: Buffer | undefined,
): Buffer {
  if (credential === undefined) throw new TlsAlertError(ALERT.handshakeFailure, "there is no certificate");
  const octets = Buffer.concat([randoms.client, randoms.server, params ?? Buffer.alloc(0)]);
  if (version === "1.2") return encode(signedLayout, signed(credential.key, octets, schemes, "1.2"));
  return encode(signatureLayout, signedLegacy(credential.key, octets));
}

/** What ClientKeyExchange says: the identity, and the secret beside its key. */
export interface ClientPartRead {
  readonly identity: Buffer | undefined;
  /** Empty for PSK alone. */
  readonly secret: Buffer;
}

/** @throws TlsAlertError (decode_error, illegal_parameter) */
export function readClientPart(
  body: Buffer,
  exchange: KeyExchange,
  { setup, share, helloVersion }: { setup: ServerSetup; share: KeyShare | undefined; helloVersion: number },
): ClientPartRead {
  const source = new OctetSource(body);
  const identity = exchange.endsWith("PSK") ? pskNameLayout.take(source) : undefined;
  const secret = readSecret(source, exchange, { setup, share, helloVersion });
  if (source.left > 0) throw new TlsAlertError(ALERT.decodeError, "ClientKeyExchange is too long");
  return { identity, secret };
}

function readSecret(
  source: OctetSource,
  exchange: KeyExchange,
  { setup, share, helloVersion }: { setup: ServerSetup; share: KeyShare | undefined; helloVersion: number },
): Buffer {
  if (exchange === "PSK") return Buffer.alloc(0);
  if (exchange === "RSA" || exchange === "RSA_PSK")
    return decrypted(setup.credential, encryptedPremasterLayout.take(source), helloVersion, setup.random);
  const layout = exchange.startsWith("DHE") ? dhPublicLayout : ecdhPublicLayout;
  if (share === undefined) throw new Error("a share was made for this exchange");
  return share.agree(layout.take(source));
}

/** RFC 5246 7.4.7.1: whatever is wrong shows in Finished only, so that nobody can ask this end to decrypt. */
function decrypted(
  credential: Credential | undefined,
  octets: Buffer,
  helloVersion: number,
  random: Random,
): Buffer {
  const other = random(PREMASTER);
  if (credential === undefined) return other;
  try {
    const secret = privateDecrypt({ key: credential.key, padding: constants.RSA_PKCS1_PADDING }, octets);
    if (secret.length !== PREMASTER || secret.readUInt16BE(0) !== helloVersion) return other;
    return secret;
  } catch {
    return other;
  }
}

/** RFC 4279 2: without another secret there are as many zeros as the key has octets. */
export function premasterOf(exchange: KeyExchange, secret: Buffer, key: Buffer | undefined): Buffer {
  if (key === undefined) return secret;
  const other = exchange === "PSK" ? Buffer.alloc(key.length) : secret;
  return Buffer.concat([encode(pskNameLayout, other), encode(pskNameLayout, key)]);
}
