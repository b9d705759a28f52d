/** What a server reads in a ClientHello, and chooses from it. */
import { ALERT, TlsAlertError } from "../alert.ts";
import { algorithmsOf } from "../algorithms.ts";
import { SIGNALLING_SUITE } from "../client/offer.ts";
import { GROUPS, type GroupName } from "../keys/agreement.ts";
import { decode } from "../layout/layout.ts";
import {
  clientVersionsLayout,
  EXTENSION,
  extensionValue,
  findExtension,
  groupsLayout,
  renegotiationLayout,
  schemesLayout,
  serverNameLayout,
} from "../messages/extensions.ts";
import { type ClientHello, clientHelloLayout } from "../messages/handshake.ts";
import type { CipherSuite } from "../suites.ts";
import { type TlsVersion, VERSION_NUMBER, versionOf } from "../versions.ts";
import type { Before, ServerSetup } from "./conversation.ts";

/** Signature schemes of a client of TLS 1.2 that names none: SHA-1 (RFC 5246 7.4.1.4.1). */
const WITHOUT_SCHEMES: readonly number[] = [0x0201, 0x0203];
const HOST_NAME = 0;

export interface ReadHello {
  readonly hello: ClientHello;
  readonly version: TlsVersion;
  readonly serverName: string | undefined;
  readonly groups: readonly number[];
  readonly schemes: readonly number[];
  /** What renegotiation_info of the ServerHello says; undefined: there is none. */
  readonly binding: Buffer | undefined;
}

/** @throws TlsAlertError (decode_error, illegal_parameter, protocol_version, inappropriate_fallback, handshake_failure) */
export function readClientHello(setup: ServerSetup, body: Buffer, before?: Before): ReadHello {
  const hello = decode(clientHelloLayout, body);
  const { extensions } = hello;
  requireFormed(hello);
  const version = negotiated(setup, hello);
  const fallback = hello.suites.includes(SIGNALLING_SUITE.fallback);
  const newest = newestOf(setup.versions);
  if (fallback && version !== newest && setup.laxity?.downgrades !== true)
    throw new TlsAlertError(ALERT.inappropriateFallback, `${newest} is possible`);
  const names = extensionValue(extensions, "serverName", serverNameLayout);
  return {
    hello,
    version,
    serverName: names?.find(({ type }) => type === HOST_NAME)?.name.toString("latin1"),
    groups: extensionValue(extensions, "supportedGroups", groupsLayout) ?? [],
    schemes: extensionValue(extensions, "signatureAlgorithms", schemesLayout) ?? WITHOUT_SCHEMES,
    binding: before === undefined ? firstBinding(hello) : laterBinding(setup, hello, before),
  };
}

const NOTHING = Buffer.alloc(0);

/** RFC 5746 3.6: empty, and as an answer only. @throws TlsAlertError (handshake_failure) */
function firstBinding({ extensions, suites }: ClientHello): Buffer | undefined {
  const said = extensionValue(extensions, "renegotiationInfo", renegotiationLayout);
  if (said !== undefined && said.length > 0)
    throw new TlsAlertError(ALERT.handshakeFailure, "renegotiation_info is not empty");
  return said !== undefined || suites.includes(SIGNALLING_SUITE.renegotiation) ? NOTHING : undefined;
}

/** RFC 5746 3.7, 4.4. @throws TlsAlertError (handshake_failure) */
function laterBinding(
  { laxity, secondHandshakes }: ServerSetup,
  { extensions, suites }: ClientHello,
  { finished, secure }: Before,
): Buffer | undefined {
  const both = Buffer.concat([finished.client, finished.server]);
  if (laxity?.anyRenegotiationInfo === true)
    return findExtension(extensions, "renegotiationInfo") === undefined ? undefined : both;
  const said = extensionValue(extensions, "renegotiationInfo", renegotiationLayout);
  if (suites.includes(SIGNALLING_SUITE.renegotiation))
    throw new TlsAlertError(ALERT.handshakeFailure, "a later handshake has the suite of a first one");
  if (!secure && said === undefined && secondHandshakes?.legacy === true) return undefined;
  if (secure && said?.equals(finished.client) === true) return both;
  throw new TlsAlertError(ALERT.handshakeFailure, "renegotiation_info does not bind to the handshake before");
}

/** @throws TlsAlertError (illegal_parameter, decode_error) */
function requireFormed({ suites, compression, extensions = [] }: ClientHello): void {
  if (suites.length === 0) throw new TlsAlertError(ALERT.decodeError, "no cipher suites");
  if (!compression.includes(0))
    throw new TlsAlertError(ALERT.illegalParameter, "no compression is not offered");
  const types = extensions.map(({ type }) => type);
  if (new Set(types).size !== types.length)
    throw new TlsAlertError(ALERT.illegalParameter, "an extension stands twice");
  if (types.includes(EXTENSION.preSharedKey) && types.at(-1) !== EXTENSION.preSharedKey)
    throw new TlsAlertError(ALERT.illegalParameter, "pre_shared_key is not the last extension");
}

const ORDER: readonly TlsVersion[] = ["1.3", "1.2", "1.1", "1.0"];

export const newestOf = (versions: readonly TlsVersion[]): TlsVersion | undefined =>
  ORDER.find((version) => versions.includes(version));

/** @throws TlsAlertError (protocol_version) */
function negotiated({ versions }: ServerSetup, { version, extensions }: ClientHello): TlsVersion {
  const listed = extensionValue(extensions, "supportedVersions", clientVersionsLayout);
  // RFC 8446 4.2.1: the list decides where there is one; else the newest that is not newer than the field.
  const accepts = (one: TlsVersion) =>
    listed === undefined
      ? one !== "1.3" && VERSION_NUMBER[one] <= version
      : listed.includes(VERSION_NUMBER[one]);
  const found = ORDER.find((one) => versions.includes(one) && accepts(one));
  if (found === undefined)
    throw new TlsAlertError(
      ALERT.protocolVersion,
      `none of ${(listed ?? [version]).map((one) => versionOf(one) ?? one).join(", ")} is taken`,
    );
  return found;
}

/** The first group of ours that the terminal can do, of those with such a name. */
export function commonGroup(
  { groups: own = DEFAULT_SERVER_GROUPS }: ServerSetup,
  groups: readonly number[],
  kind: "any" | "elliptic" = "any",
): GroupName | undefined {
  return own.find(
    (name) => groups.includes(GROUPS[name]) && !(kind === "elliptic" && name.startsWith("ffdhe")),
  );
}

const DEFAULT_SERVER_GROUPS: readonly GroupName[] = [
  "x25519",
  "secp256r1",
  "secp384r1",
  "secp521r1",
  "x448",
  "ffdhe2048",
  "ffdhe3072",
];

/** The first suite of ours that was offered and can be carried out. @throws TlsAlertError (handshake_failure) */
export function chooseSuite(setup: ServerSetup, { hello, version, groups }: ReadHello): CipherSuite {
  const found = setup.suites.find((suite) => {
    if (!hello.suites.includes(suite.code) || !suite.versions.includes(version)) return false;
    const exchange = algorithmsOf(suite)?.keyExchange;
    if (exchange === undefined) return false;
    if (exchange === "any") return true;
    if (exchange.endsWith("PSK") && setup.psk === undefined) return false;
    const key = setup.credential?.key.asymmetricKeyType;
    if (/RSA/.test(exchange) && key !== "rsa") return false;
    if (exchange.endsWith("ECDSA") && key !== "ec") return false;
    // RFC 8422 4: without the extension the server chooses.
    const free = findExtension(hello.extensions, "supportedGroups") === undefined;
    return !exchange.startsWith("ECDHE") || free || commonGroup(setup, groups, "elliptic") !== undefined;
  });
  if (found === undefined) throw new TlsAlertError(ALERT.handshakeFailure, "no suite in common");
  return found;
}
