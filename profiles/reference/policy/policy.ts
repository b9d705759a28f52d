import type { Admission, Association, Identity, KeyOutcome, KeyQuery, WayIn } from "../association.ts";
import type { DigestCredentials } from "../digest/credentials.ts";
import type { NonceLedger } from "../digest/nonces.ts";
import type {
  Checked,
  DigestOffer,
  DigestProof,
  DigestRefusal,
  ResponseInfo,
  StatusAndChallenge,
} from "../digest/terms.ts";
import type { RecordPath } from "../tls/record-path.ts";
import type { TlsVersion } from "../tls/versions.ts";
import type { WireResponse } from "../ways-in/http-exchange.ts";
import type { Link } from "../ways-in/link.ts";
import type { OwnTls } from "../ways-in/own-tls.ts";
import type { Prepared } from "../ways-in/psk-handshake.ts";
import type { ResumableSession } from "../ways-in/psk-resumption.ts";
import type { DiameterPolicy } from "./diameter.ts";

/** `later`: a key that passed before, in an established connection or from the cache. */
type ExpiryMoment = "first-use" | "later";

/** A PSK identity that a terminal names, and what the enabler can find out about it. */
export interface PskAttempt {
  readonly query: KeyQuery;
  readonly tls: "1.3" | "1.2" | "older";
  /**
   * True when what the terminal proved with is this key: the binder in TLS 1.3, the Finished in TLS 1.2. OpenSSL judges
   * it for a conforming enabler. Always false where the enabler cannot look.
   */
  readonly proves: (key: Buffer) => Promise<boolean>;
  /** Asks the key manager; may be called for another query than the attempt's own. */
  readonly obtain: (query: KeyQuery) => Promise<Admission>;
}

export type PskChoice =
  | { readonly kind: "key"; readonly association: Association }
  /** Goes on without the PSK: the enabler's certificate authenticates it, nothing the terminal. */
  | { readonly kind: "certificate"; readonly association: Association }
  | { readonly kind: "refused"; readonly reason: Extract<Admission, { admitted: false }>["reason"] };

/** One request that is about to be answered by the application. */
interface Told {
  readonly identity: Identity;
  readonly wayIn: WayIn;
  /** The connection, to tell two apart. */
  readonly connection: object;
  /** True when the proof of the key came with this request, or this is the first after the handshake. */
  readonly fresh: boolean;
  /** Address from which the terminal came. */
  readonly peer: string;
  /** Value of X-3GPP-Intended-Identity (TS 24.109 7.2), a wish of the terminal; undefined: none. */
  readonly intended: string | undefined;
}

/** A request as it comes over HTTPS, before anybody has proven anything with it. */
export interface Visit {
  /** Request target as it came. */
  readonly target: string;
  /** The connection, to tell two apart. */
  readonly connection: object;
  /** Value of X-3GPP-Intended-Identity; undefined: none. */
  readonly intended: string | undefined;
  /** Asks the key manager for the key of a B-TID. */
  readonly obtain: (btid: string) => Promise<Admission>;
}

/** What everyone may have. */
export interface Opened {
  readonly path: string;
  /** For whom the application takes the visitor; undefined: for nobody. */
  readonly user: string | undefined;
}

/** The steps of answering one request with Digest credentials. */
interface AnswerSteps {
  readonly hasBody: boolean;
  /** The connection, to tell two apart. */
  readonly connection: object;
  /** Values of all Authorization fields. */
  readonly authorization: readonly string[];
  readonly userAgent: string | undefined;
  readonly check: () => Promise<Checked>;
  /** Lets the application act and answer. */
  readonly act: (checked: Extract<Checked, { ok: true }>) => WireResponse;
  readonly refuse: (refusal: DigestRefusal) => WireResponse;
}

/**
 * Every decision of the enabler that security rests on. There is one conforming policy; each fault replaces
 * the few members that its one defect needs. All functions but those that say otherwise are pure.
 */
export interface Policy {
  /** FQDN part of NAF_Id for the server name that a terminal sent (TS 24.109 F.3); undefined: refuse it. */
  nafFqdn(sent: string | undefined, own: readonly string[]): string | undefined;
  /** The text of a PSK identity (RFC 4279 5.1); undefined: it is nobody's. */
  identityText(octets: Buffer): string | undefined;
  /** The B-TID inside a PSK identity (TS 24.109 F.3, K.3.2); undefined: not an identity of GBA. */
  btidOf(identity: string): string | undefined;
  /** Whom the application is told. Called once for each request. */
  identityTold(told: Told): Identity;

  /**
   * Which public identity of the user the application is told, beside {@link identityTold}, when the terminal intends
   * this one (TS 24.109 7.2; undefined: none); undefined: none is told.
   */
  publicIdentityTold(identity: Identity, intended: string | undefined): string | undefined;

  /** What the application is told of a connection (SEC_CF 3.2, consistent view). */
  linkTold(link: Link): Link;

  /** What must hold for the key manager's certificate before anything is asked (SEC_CF S2; RFC 9110 4.3.4). */
  readonly keyManagerTrust: "chain-and-name" | "chain" | "expired-too" | "nothing";
  /** What is done when the key manager cannot be asked over TLS. */
  readonly keyManagerFallback: "none" | "unprotected";
  /** What stands between the key manager's records and OpenSSL; undefined: nothing. */
  readonly keyManagerRecords: RecordPath | undefined;
  /** What the key manager is told of the keys that it gave. */
  readonly keyManagerConfirmation: "none" | "in-clear";
  /** What becomes of a connection on which no answer came in time. */
  readonly keyManagerSilence: "probed" | "ended";
  /** Milliseconds that an answer may take, the configured ones given; undefined: any time. */
  keyManagerBoundMs(wayIn: WayIn, configuredMs: number): number | undefined;
  /** What to ask the key manager to answer one query; the first answer counts. */
  questions(query: KeyQuery): readonly [KeyQuery, ...KeyQuery[]];
  /** meKeyMaterial as a key (TS 29.309: 64 hex digits); undefined: malformed. */
  keyMaterial(hex: string, wayIn: WayIn): Buffer | undefined;
  /** True when a key must not be used any more (TS 24.109 F.2.1). Times in milliseconds since 1970. */
  hasExpired(expiresAt: number, now: number, wayIn: WayIn, moment: ExpiryMoment): boolean;
  /** How answers over Diameter are read, where that is the binding of Zn. */
  readonly diameter: DiameterPolicy;
  /** Whether keys are kept until they expire, as configured. */
  keepsKeys(wayIn: WayIn, configured: boolean): boolean;
  /** What the key manager's answer to a query allows. Called once for each answer. */
  admit(query: KeyQuery, outcome: KeyOutcome): Admission;

  /** Versions that a way in accepts, those of the configuration given. */
  tlsVersions(wayIn: WayIn, configured: readonly TlsVersion[]): readonly TlsVersion[];
  /** A TLS with defects instead of OpenSSL; undefined: OpenSSL. */
  readonly ownTls: OwnTls | undefined;
  /** What stands between the terminal's records and OpenSSL; undefined: nothing. */
  readonly recordPath: RecordPath | undefined;
  /** What is done with data that comes before the handshake (RFC 8446 2.3, 4.2.10), over uc1.psk-tls. */
  readonly earlyData: "left-out" | "processed";
  /** Whether sessions of uc1.psk-tls up to TLS 1.2 can go on on another connection. */
  readonly resumesPsk: boolean;
  /** Why such a session does not go on for this server name, milliseconds since 1970; undefined: it does. */
  refusesResumption(
    session: ResumableSession,
    serverName: string | undefined,
    now: number,
  ): string | undefined;
  /** Whose a session is that goes on, made with this key. */
  resumedAs(prepared: Prepared): Prepared;
  /** A request whose body has not come in full when its connection ends (RFC 9112 8). */
  readonly cutBody: "dropped" | "processed";
  /** IANA names in order of preference, of all versions; OpenSSL knows which suits which. */
  readonly pskSuites: readonly string[];
  /** psk_identity_hint of TLS 1.2 (TS 24.109 F.3); undefined: none is sent. */
  readonly pskHint: string | undefined;
  /** Milliseconds from the TCP connection to the end of the handshake; undefined: any time. */
  readonly handshakeBoundMs: number | undefined;
  /** Which key, if any, a handshake goes on with. */
  choosePsk(attempt: PskAttempt): Promise<PskChoice>;
  /** Who a connection belongs to whose suite takes no PSK; undefined: such a connection is closed. */
  readonly identityWithoutPsk: Identity | undefined;

  /** IANA names in order of preference, TLS 1.3 and 1.2. */
  readonly httpsSuites: readonly string[];
  readonly httpsCertificate: "configured" | "wrong-name" | "wrong-chain";
  /** What of a request is open to everyone (SEC_CF 4.2); undefined: a user has to prove himself. */
  open(visit: Visit): Opened | undefined;
  /** Realm of the challenge (TS 24.109 5.2.4). */
  realm(serverName: string): string;
  /** Makes the bookkeeping of nonces and their counts (RFC 7616 3.3, 3.4, 5.4); `lifetimeMs`: of a nonce. */
  nonceLedger(lifetimeMs: number): NonceLedger;
  /** Credentials in the values of all Authorization fields (RFC 7616 3.4; RFC 9110 11.2, 5.3). */
  credentials(authorization: readonly string[]): DigestCredentials | "absent" | "malformed";
  /** True when algorithm and qop of credentials are among those of the challenge (RFC 7616 3.3, 3.4). */
  isOffered(credentials: DigestCredentials, offer: DigestOffer): boolean;
  /** True when `uri` names the resource that is asked for (RFC 7616 3.4.6). */
  namesTarget(uri: string, target: string): boolean;
  /** True when the realm of credentials is that of the challenge. */
  isOwnRealm(realm: string, own: string): boolean;
  /** Under what a key is kept: queries with the same text get the same key. */
  keyIndex(query: KeyQuery): string;
  /** True when credentials without qop are refused (RFC 7616 3.4). */
  readonly qopRequired: boolean;
  /** Who a request without credentials belongs to; undefined: it is challenged. */
  readonly identityWithoutCredentials: Identity | undefined;
  /** The key that a response proves; undefined: it proves none. */
  provenKey(proof: DigestProof): Promise<Buffer | undefined>;
  /** In which order a request is checked and acted upon. */
  answer(steps: AnswerSteps): Promise<WireResponse>;
  /** Status of a refusal, and whether it carries a challenge (TS 24.109 5.2.5; RFC 9110 15.5.2). */
  refusal(reason: DigestRefusal): StatusAndChallenge;
  /** Parameters of Authentication-Info (RFC 7616 3.5) in order. */
  authenticationInfo(info: ResponseInfo): Partial<ResponseInfo>;
  /** The body that rspauth covers under auth-int, of a response to this method (RFC 9112 6.3; RFC 7616 3.5). */
  sentBody(method: string, body: Buffer): Buffer;

  /** What the listener without TLS does (RFC 9110 15.5.22). */
  readonly plainListener: "upgrade-required" | "serve";
  /** What the listeners with TLS do when a request comes without. */
  readonly plainOnTls: "refused" | "served";
}
