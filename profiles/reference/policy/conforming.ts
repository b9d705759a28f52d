import { timingSafeEqual } from "node:crypto";
import { type Admission, canBeBtid, type KeyOutcome, type KeyQuery } from "../association.ts";
import { digestOf, inputOf } from "../digest/computation.ts";
import { type DigestCredentials, MalformedCredentials, parseCredentials } from "../digest/credentials.ts";
import { IssuedNonces } from "../digest/nonces.ts";
import type { DigestProof, DigestRefusal, StatusAndChallenge } from "../digest/terms.ts";
import { conformingDiameter } from "./diameter.ts";
import type { Policy } from "./policy.ts";

/** TS 24.109 F.3 names the prefix; the separator is the one that parallel bindings of GBA use. */
const PSK_PREFIX = "3GPP-bootstrapping;";
const PSK_HINT = "3GPP-bootstrapping";

const PSK_SUITES = [
  "TLS_AES_128_GCM_SHA256",
  "TLS_CHACHA20_POLY1305_SHA256",
  "TLS_ECDHE_PSK_WITH_CHACHA20_POLY1305_SHA256",
  "TLS_ECDHE_PSK_WITH_AES_128_CBC_SHA256",
  "TLS_DHE_PSK_WITH_AES_128_GCM_SHA256",
  "TLS_PSK_WITH_AES_256_GCM_SHA384",
  "TLS_PSK_WITH_AES_128_GCM_SHA256",
  "TLS_PSK_WITH_AES_128_CBC_SHA256",
  "TLS_PSK_WITH_AES_128_CBC_SHA",
] as const;

const HTTPS_SUITES = [
  "TLS_AES_128_GCM_SHA256",
  "TLS_AES_256_GCM_SHA384",
  "TLS_CHACHA20_POLY1305_SHA256",
  "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
  "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
  "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
] as const;

/** The only resource that everyone gets: compared as a whole, so that no other spelling leads past it. */
const OPEN_PATH = "/open";

/** The policy of an enabler without defects. */
export const conforming: Policy = Object.freeze({
  // Host names are compared without case (RFC 6066 3); NAF_Id has the spelling that the terminal derives with.
  nafFqdn: (sent, own) => own.find((name) => name.toLowerCase() === sent?.toLowerCase()),
  // An identity is UTF-8; one that is not names nobody, and nothing is asked for it.
  identityText(octets) {
    try {
      return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(octets);
    } catch {
      return undefined;
    }
  },
  btidOf(identity) {
    if (!identity.startsWith(PSK_PREFIX)) return undefined;
    const btid = identity.slice(PSK_PREFIX.length);
    return canBeBtid(btid) ? btid : undefined;
  },
  identityTold: ({ identity }) => identity,
  // The wish of the terminal counts among what the key manager gave, and nowhere else (SEC_CF 1.1).
  publicIdentityTold: ({ publicIdentities = [] }, intended) =>
    publicIdentities.find((one) => one === intended) ?? publicIdentities[0],
  linkTold: (link) => link,

  keyManagerTrust: "chain-and-name",
  keyManagerFallback: "none",
  keyManagerRecords: undefined,
  keyManagerConfirmation: "none",
  keyManagerSilence: "probed",
  keyManagerBoundMs: (_wayIn, configuredMs) => configuredMs,
  questions: (query) => [query],
  keyMaterial: (hex) => (/^[0-9a-f]{64}$/i.test(hex) ? Buffer.from(hex, "hex") : undefined),
  hasExpired: (expiresAt, now) => now >= expiresAt,
  diameter: conformingDiameter,
  keepsKeys: (_wayIn, configured) => configured,
  admit,

  tlsVersions: (_wayIn, configured) => configured,
  ownTls: undefined,
  recordPath: undefined,
  earlyData: "left-out",
  resumesPsk: true,
  refusesResumption({ prepared, serverName }, named, now) {
    if (serverName !== named) return "a session goes on for another name";
    const { expiresAt } = prepared.association;
    return conforming.hasExpired(expiresAt, now, "uc1.psk-tls", "later")
      ? "a session goes on with an expired key"
      : undefined;
  },
  resumedAs: (prepared) => prepared,
  cutBody: "dropped",
  pskSuites: PSK_SUITES,
  pskHint: PSK_HINT,
  handshakeBoundMs: 10_000,
  async choosePsk({ query, obtain }) {
    const admission = await obtain(query);
    return admission.admitted
      ? { kind: "key", association: admission.association }
      : { kind: "refused", reason: admission.reason };
  },
  identityWithoutPsk: undefined,

  httpsSuites: HTTPS_SUITES,
  httpsCertificate: "configured",
  open: ({ target }) => (target === OPEN_PATH ? { path: OPEN_PATH, user: undefined } : undefined),
  realm: (serverName) => `3GPP-bootstrapping@${serverName}`,
  nonceLedger: (lifetimeMs) => new IssuedNonces(lifetimeMs),
  credentials: readCredentials,
  isOffered: ({ algorithm, protection }, offer) =>
    offer.algorithms.includes(algorithm) && (protection === undefined || offer.qop.includes(protection.qop)),
  namesTarget: (uri, target) => uri === target,
  isOwnRealm: (realm, own) => realm === own,
  // JSON keeps the parts apart: no two queries share an index.
  keyIndex: ({ btid, nafFqdn, ua }) => JSON.stringify([btid, nafFqdn, ua]),
  qopRequired: true,
  identityWithoutCredentials: undefined,
  provenKey: async (proof) =>
    responseFits(proof, proof.association.key) ? proof.association.key : undefined,
  async answer({ check, act, refuse }) {
    const checked = await check();
    return checked.ok ? act(checked) : refuse(checked.refusal);
  },
  refusal: (reason) => REFUSALS[reason],
  authenticationInfo: (info) => info,
  sentBody: (method, body) => (method === "HEAD" ? Buffer.alloc(0) : body),

  plainListener: "upgrade-required",
  plainOnTls: "refused",
} satisfies Policy);

function admit(_query: KeyQuery, outcome: KeyOutcome): Admission {
  switch (outcome.kind) {
    case "key":
      return { admitted: true, association: outcome.association, remember: true };
    case "malformed":
      return { admitted: false, reason: "unavailable" };
    default:
      return { admitted: false, reason: outcome.kind };
  }
}

function readCredentials(authorization: readonly string[]): DigestCredentials | "absent" | "malformed" {
  const [value, ...more] = authorization;
  if (value === undefined) return "absent";
  // RFC 9110 5.3: Authorization is no list; two of them could be read as two users.
  if (more.length > 0) return "malformed";
  try {
    return parseCredentials(value) ?? "absent";
  } catch (error) {
    if (error instanceof MalformedCredentials) return "malformed";
    throw error;
  }
}

/** True when the response was computed with this key over this request (RFC 7616 3.4.1), compared in constant time. */
export function responseFits({ credentials, method, body }: DigestProof, key: Buffer): boolean {
  const expected = Buffer.from(digestOf(inputOf(credentials, key), method, body));
  const presented = Buffer.from(credentials.response);
  return presented.length === expected.length && timingSafeEqual(presented, expected);
}

const CHALLENGE = { status: 401, challenge: true, stale: false };
/** The nonce is at fault and not the key: a terminal need not bootstrap again (RFC 7616 3.3). */
const STALE_CHALLENGE = { status: 401, challenge: true, stale: true };

const REFUSALS: Readonly<Record<DigestRefusal, StatusAndChallenge>> = {
  "no-credentials": CHALLENGE,
  "malformed-credentials": { status: 400, challenge: false, stale: false },
  "unknown-nonce": CHALLENGE,
  "stale-nonce": STALE_CHALLENGE,
  "used-count": STALE_CHALLENGE,
  "wrong-response": CHALLENGE,
  // TS 24.109 5.2.5: the challenge that makes the terminal bootstrap again.
  unknown: CHALLENGE,
  expired: CHALLENGE,
  // Without the bootstrapping realm: a new bootstrapping would not help (TS 33.535 B.1.2.2).
  "not-authorised": { status: 403, challenge: false, stale: false },
  unavailable: { status: 503, challenge: false, stale: false },
};
