import type { CipherSuite, ClientOffer, ResumableSession, TlsDeviationName } from "../protocols/tls/index.ts";
import type { Steering, UbStep, ZnRequest } from "../roles/key-manager/index.ts";
import type {
  Access,
  ApplicationRequest,
  DigestAccess,
  EntryOutcome,
  NafCredential,
  SecurityAssociation,
} from "../roles/terminal/index.ts";
import type { VisitedNetwork } from "../roles/visited-network/index.ts";
import type { Ics, Ixit, TlsVersion, ViewField } from "../system/profile/index.ts";
import type { AddressTranslation } from "../wire/address-translation.ts";
import type { HttpResponse } from "../wire/http-message.ts";
import type { Ending } from "../wire/observer.ts";
import type { HandshakeOutcome, RenegotiationOutcome } from "../wire/secure-client.ts";
import type { ClearConversation } from "./clear-conversation.ts";
import type { ParameterValues } from "./parameters.ts";
import type { Label, WayIn } from "./vocabulary.ts";

/** A label, or a clause of a binding in the form `TS 24.109 5.2.4`. */
export type Subject = Label | `${"TS" | "RFC" | "RD"} ${string}`;

/** In what the terminal deviates when it enters; what is absent is as claimed. */
export interface EntryOptions {
  readonly serverName?: string;
  /** Server name that is sent instead; null: none. The key remains the one for the enabler's name. */
  readonly sentServerName?: string | null;
  /** Offered instead of the suite of the instance, with TLS 1.2 unless `version` says otherwise. */
  readonly suites?: readonly CipherSuite[];
  /** Offered alone. */
  readonly version?: TlsVersion;
  /** The other instance of the same enabler, for HTTPS with Digest. Throws NothingToAsk when none is known. */
  readonly secondInstance?: true;
  /** PSK identity instead of prefix, separator and B-TID. */
  readonly identity?: string;
  /** The suite's own TLS instead of Node's; what follows here needs it and implies it. */
  readonly client?: "engine";
  /** What else stands in its ClientHello; `versions` instead of the one that would be offered alone. */
  readonly offering?: Partial<
    Pick<ClientOffer, "versions" | "extendedMasterSecret" | "encryptThenMac" | "pskModes" | "groups">
  >;
  /** Goes on where ServerHello.random tells of a downgrade (RFC 8446 4.1.3). */
  readonly naive?: true;
  /** A named misbehaviour of the TLS client on each connection. */
  readonly misbehaviour?: TlsDeviationName;
  /** PSK identity as octets, up to 65,535, text or not, instead of any other. */
  readonly identityOctets?: Uint8Array;
  /** Told of what a later connection can be resumed with; up to TLS 1.2 tickets are asked for. */
  readonly onTicket?: (session: ResumableSession) => void;
  /** Resumes instead of a full handshake, if the enabler wants. */
  readonly resume?: ResumableSession;
  /** Sent before the enabler answers, in TLS 1.3 with a ticket or an external pre-shared key (RFC 8446 2.3). */
  readonly earlyRequest?: ApplicationRequest;
}

/** In what a second handshake differs from the first on its connection. */
export interface SecondHandshakeOptions {
  /** Whose, over PSK-TLS; absent: the same. */
  readonly credential?: NafCredential;
  /** A named misbehaviour of the TLS client from then on. */
  readonly misbehaviour?: TlsDeviationName;
}

/** What an action saw that tried to be served without a right to it. */
export interface Trial {
  readonly served: boolean;
  /** One line: how it was refused, or what was served. Data of the SUT in it is not escaped. */
  readonly how: string;
}

/** What came of one try to get in. */
export interface Attempt extends Trial {
  /** No protected resource was served and no state changed, with controls before and after. */
  readonly refused: boolean;
  readonly handshakeCompleted: boolean;
  /** Status of the last response. */
  readonly status?: number;
  /** Values of WWW-Authenticate in the last response. */
  readonly challenges?: readonly string[];
  readonly ending?: Ending;
  /** From the first octet to the refusal or the answer, milliseconds. */
  readonly tookMs: number;
}

export interface RefusalOptions {
  /** Runs between the control before and the action. */
  readonly before?: () => Promise<void>;
  /** Runs between the action and the control after. */
  readonly after?: () => Promise<void>;
}

export interface BootstrapOptions {
  /** The terminal knows temporary identities, and names the one it has (TS 33.220 B.4). */
  readonly tmpi?: boolean;
  /** The B-TID that the key manager gives out, of the form name@domain. */
  readonly btid?: string;
}

/** A terminal as a case sees it: one subscriber, entering over the way in and parameters of the instance. */
export interface CaseTerminal {
  readonly impi: string;
  readonly impus: readonly string[];
  bootstrap(options?: BootstrapOptions): Promise<SecurityAssociation>;
  enter(credential: NafCredential, options?: EntryOptions): Promise<EntryOutcome>;
  /**
   * Another handshake on the connection of now, up to TLS 1.2, which was entered with the suite's own TLS; within the
   * bound for a response.
   */
  renegotiate(access: Access, options?: SecondHandshakeOptions): Promise<RenegotiationOutcome>;
  /** Like {@link enter}, for the way in with Digest only. */
  enterWithDigest(credential: NafCredential, options?: EntryOptions): Promise<EntryOutcome<DigestAccess>>;
  /** TLS with the enabler's certificate and no authentication of the user, for the way in `server-only`. */
  enterAsNobody(options?: EntryOptions): Promise<EntryOutcome>;
  /** Only the TLS handshake with certificates, whatever the enabler's is worth. */
  handshakeWithCertificate(): Promise<HandshakeOutcome>;
  /**
   * Only a handshake that offers these suites and no key, at the address of the way in; TLS 1.2 unless another
   * version is given.
   * @throws Inconclusive when TCP does not connect: that refuses nothing
   */
  handshakeWith(suites: readonly CipherSuite[], version?: TlsVersion): Promise<HandshakeOutcome>;
  /** Tries to be served, with a control before and after; throws Inconclusive when the controls fail. */
  attempt(credential: NafCredential, options?: EntryOptions & RefusalOptions): Promise<Attempt>;
}

/** A view of a connection as the SUT tells it; fields that the IXIT does not name are absent. */
export type ToldView = ReadonlyMap<ViewField, string | undefined>;

/** A state of the SUT that only this case changes, and how a valid terminal reads it. */
export interface StateProbe {
  readonly change: ApplicationRequest;
  /** Undefined when it was never changed. @throws Inconclusive when no valid terminal is served or it cannot be read */
  read(): Promise<string | undefined>;
}

interface OpenResource {
  readonly request: ApplicationRequest;
  /** True when this response holds the open resource. */
  isIn(response: { readonly status: number; readonly body: Buffer }): boolean;
  /** True when the resource says for whom the application took the visitor. */
  readonly tellsVisitor: boolean;
  /** For whom the application took the visitor; undefined: for nobody. */
  visitorIn(response: HttpResponse): string | undefined;
}

export interface EnablerView {
  readonly serverName: string;
  readonly protectedResource: ApplicationRequest;
  /** What is open to everyone, for the way in `server-only`. @throws CaseDefect when the IXIT names nothing */
  readonly open: OpenResource;
  /** FQDN of another NAF of the operator, at which a terminal could be registered too. */
  readonly otherNaf: string;
  /** True when this response holds the protected resource. */
  serves(response: { readonly status: number; readonly body: Buffer }): boolean;
  /** Sends these octets without TLS at the address of a way in, one behind the other, and hears what comes. */
  converseInClear(wayIn: WayIn, pieces: readonly Uint8Array[]): Promise<ClearConversation>;
  /** One GET of the protected resource outside TLS, at the plain address. */
  askOutsideTls(): Promise<Trial & { readonly challenged: boolean }>;
}

export interface KeyManagerView {
  steer(association: SecurityAssociation, steering: Steering): void;
  /**
   * Holds the answers for these back until all of them were asked for, or for so many milliseconds after the first was,
   * and gives the last one first; tells for how many it was so, and nothing as long as nobody asks. `first` is waited for
   * before they go, told how many were asked for; what it throws is thrown here.
   */
  holdAnswers(
    associations: readonly SecurityAssociation[],
    withinMs: number,
    first?: (asked: number) => Promise<void>,
  ): Promise<number>;
  /** Key requests that named this B-TID. */
  requestsFor(btid: string): readonly ZnRequest[];
  /** Every B-TID for whose key an enabler asked: says something in exclusive cases only. */
  askedFor(): ReadonlySet<string>;
  /** What this subscriber's terminal asked on Ub. */
  ubStepsOf(impi: string): readonly UbStep[];
  /** A B-TID of the form that this key manager gives out, which it never gave out. */
  unknownBTid(): string;
  /** Every IMPI and IMPU that an enabler could be told. */
  identities(): readonly string[];
  /** Stops listening and drops every connection: exclusive cases only. */
  goAway(): Promise<void>;
  comeBack(): Promise<void>;
  /**
   * Presents a certificate of another authority, for another name or that has expired, or listens without TLS on the same
   * port: exclusive cases only.
   */
  pretend(as: "strange authority" | "other name" | "expired" | "unprotected"): Promise<void>;
}

export interface Decoy {
  /** `host:port`, as in a URL. */
  readonly authority: string;
  /** Connections that were made to it so far. */
  connections(): number;
}

/** Everything that a story works with. Its functions may be taken out of it. */
export interface CaseContext {
  readonly parameters: ParameterValues;
  readonly ics: Ics;
  readonly ixit: Ixit;
  readonly terminal: CaseTerminal;
  /**
   * Another subscriber. `sqn`: SQN_MS of its identity module, 6 octets; `behind`: what all its connections go through.
   */
  anotherTerminal(options?: {
    readonly sqn?: Uint8Array;
    readonly behind?: AddressTranslation | VisitedNetwork;
  }): CaseTerminal;
  /**
   * The visited network on the path to key manager and enabler (OMA-RD-SEC_CF 5.1): one for each case, which records
   * what the terminals behind it exchange, and treats it as the case says. Its capture becomes evidence.
   */
  visitedNetwork(): Promise<VisitedNetwork>;
  /**
   * Puts a network between the enabler and the key manager, at the only place where the enabler looks for that, for as
   * long as the story of it takes: exclusive cases only. Before and after it a valid terminal is served again, over the
   * network and without it. Its capture becomes evidence.
   * @throws Inconclusive when none is
   */
  networkOnZn<T>(story: (network: VisitedNetwork) => Promise<T>): Promise<T>;
  /** An address translation on the path to key manager and enabler (RD 5.1.3); it ends with the case. */
  addressTranslation(): Promise<AddressTranslation>;
  readonly enabler: EnablerView;
  readonly keyManager: KeyManagerView;
  /** Ua identifier that the ICS claims for this connection, 10 hex digits. */
  claimedUa(access: Access): string;

  /** A step without which the question cannot be asked: what it throws makes the case inconclusive. */
  preamble<T>(text: string, step: () => Promise<T>): Promise<T>;
  /** Enters with a valid credential; inconclusive when only another form of the PSK identity gets in. */
  enterValid(terminal: CaseTerminal, credential: NafCredential): Promise<EntryOutcome>;
  /** Enters and gets the protected resource, or the case is inconclusive. */
  enterServed(terminal: CaseTerminal, credential: NafCredential): Promise<Access>;
  enterServedWithDigest(terminal: CaseTerminal, credential: NafCredential): Promise<DigestAccess>;
  /** Enters over `server-only` and gets what is open to everyone, or the case is inconclusive. */
  enterServedAsNobody(terminal: CaseTerminal): Promise<Access>;
  /** Controls around an action of the case's own; throws Inconclusive when one fails. */
  refusal(
    action: () => Promise<Trial>,
    options?: RefusalOptions,
  ): Promise<Trial & { readonly refused: boolean }>;
  /** The identity that the application was told for this connection and B-TID; `headers` go with the request. */
  identityTold(
    access: Access,
    btid: string,
    headers?: ApplicationRequest["headers"],
  ): Promise<string | undefined>;
  /** The public identity that the application was told; otherwise as {@link identityTold}. */
  publicIdentityTold: CaseContext["identityTold"];
  /**
   * What the SUT says it knows of this connection: the fields that the IXIT names, `undefined` for one that it did not
   * tell. Undefined without a view in the IXIT.
   * @throws Error when the view is not served
   */
  viewTold(access: Access): Promise<ToldView | undefined>;
  /** A state that only this case changes. */
  state(): StateProbe;
  /** Ends the SUT that the harness started and starts it again: exclusive cases that need a started system only. */
  restartSystem(): Promise<void>;
  /**
   * A listener of ours that only a system can find which looks for the key manager in an identity: where it is, and who
   * came. Undefined when the key manager listens on every address, so that none is known under which the system sees us.
   */
  decoy(): Promise<Decoy | undefined>;
  /** Waits until `date` plus the tolerance of the IXIT has passed. */
  untilAfter(date: Date): Promise<void>;

  /** A must: false fails the case. */
  check(subject: Subject, text: string, holds: boolean, detail?: string): void;
  /** A should: false is a finding. */
  should(subject: Subject, text: string, holds: boolean, detail?: string): void;
  observe(text: string, detail: string): void;
}
