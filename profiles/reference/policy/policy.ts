import type { Admission, Association, Identity, KeyOutcome, KeyQuery, WayIn } from "../association.ts";
import type { NonceLedger } from "../digest/nonces.ts";
import type {
  Checked,
  DigestProof,
  DigestRefusal,
  ResponseInfo,
  StatusAndChallenge,
} from "../digest/terms.ts";
import type { ClientHello } from "../tls/client-hello.ts";
import type { WireResponse } from "../ways-in/http-exchange.ts";

/** `later`: a key that passed before, in an established connection or from the cache. */
type ExpiryMoment = "first-use" | "later";

/** A PSK identity that a terminal names, and what the enabler can find out about it. */
export interface PskAttempt {
  readonly query: KeyQuery;
  /** TLS 1.3 only: the hello with its binders, and the position of the identity in it. */
  readonly offer?: { readonly hello: ClientHello; readonly index: number };
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
  /** Value of X-3GPP-Intended-Identity (TS 24.109 7.2), a wish of the terminal; undefined: none. */
  readonly intended: string | undefined;
}

/** The steps of answering one request with Digest credentials. */
interface AnswerSteps {
  readonly hasBody: boolean;
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
  nafFqdn(sent: string | undefined, own: string): string | undefined;
  /** The B-TID inside a PSK identity (TS 24.109 F.3, K.3.2); undefined: not an identity of GBA. */
  btidOf(identity: string): string | undefined;
  /** Whom the application is told. Called once for each request. */
  identityTold(told: Told): Identity;

  /** What must hold for the key manager's certificate before anything is asked (SEC_CF S2; RFC 9110 4.3.4). */
  readonly keyManagerTrust: "chain-and-name" | "chain" | "nothing";
  /** Milliseconds that an answer may take, the configured ones given; undefined: any time. */
  keyManagerBoundMs(wayIn: WayIn, configuredMs: number): number | undefined;
  /** What to ask the key manager to answer one query; the first answer counts. */
  questions(query: KeyQuery): readonly [KeyQuery, ...KeyQuery[]];
  /** meKeyMaterial as a key (TS 29.309: 64 hex digits); undefined: malformed. */
  keyMaterial(hex: string, wayIn: WayIn): Buffer | undefined;
  /** True when a key must not be used any more (TS 24.109 F.2.1). Times in milliseconds since 1970. */
  hasExpired(expiresAt: number, now: number, wayIn: WayIn, moment: ExpiryMoment): boolean;
  /** What the key manager's answer to a query allows. Called once for each answer. */
  admit(query: KeyQuery, outcome: KeyOutcome): Admission;

  /** IANA names in order of preference, TLS 1.3 and 1.2. */
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
  /** Realm of the challenge (TS 24.109 5.2.4). */
  realm(serverName: string): string;
  /** Makes the bookkeeping of nonces and their counts (RFC 7616 3.3, 3.4, 5.4). */
  nonceLedger(): NonceLedger;
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

  /** What the listener without TLS does (RFC 9110 15.5.22). */
  readonly plainListener: "upgrade-required" | "serve";
}
