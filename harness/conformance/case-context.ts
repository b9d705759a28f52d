import type { CipherSuite } from "../protocols/tls/index.ts";
import type { Steering, ZnRequest } from "../roles/key-manager/index.ts";
import type {
  Access,
  ApplicationRequest,
  DigestAccess,
  EntryOutcome,
  NafCredential,
  SecurityAssociation,
} from "../roles/terminal/index.ts";
import type { Ics, Ixit } from "../system/profile/index.ts";
import type { Ending } from "../wire/observer.ts";
import type { HandshakeOutcome } from "../wire/secure-client.ts";
import type { ParameterValues } from "./parameters.ts";
import type { Label } from "./vocabulary.ts";

/** A label, or a clause of a binding in the form `TS 24.109 5.2.4`. */
export type Subject = Label | `${"TS" | "RFC" | "RD"} ${string}`;

/** In what the terminal deviates when it enters; what is absent is as claimed. */
export interface EntryOptions {
  readonly serverName?: string;
  /** Offered instead of the suite of the instance, with TLS 1.2. */
  readonly suites?: readonly CipherSuite[];
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

/** A terminal as a case sees it: one subscriber, entering over the way in and parameters of the instance. */
export interface CaseTerminal {
  readonly impi: string;
  readonly impus: readonly string[];
  bootstrap(): Promise<SecurityAssociation>;
  enter(credential: NafCredential, options?: EntryOptions): Promise<EntryOutcome>;
  /** Like {@link enter}, for the way in with Digest only. */
  enterWithDigest(credential: NafCredential, options?: EntryOptions): Promise<EntryOutcome<DigestAccess>>;
  /** Only the TLS handshake with certificates, whatever the enabler's is worth. */
  handshakeWithCertificate(): Promise<HandshakeOutcome>;
  /**
   * Only a TLS 1.2 handshake that offers these suites and no key, at the address of the way in.
   * @throws Inconclusive when TCP does not connect: that refuses nothing
   */
  handshakeWith(suites: readonly CipherSuite[]): Promise<HandshakeOutcome>;
  /** Tries to be served, with a control before and after; throws Inconclusive when the controls fail. */
  attempt(credential: NafCredential, options?: EntryOptions & RefusalOptions): Promise<Attempt>;
}

/** A state of the SUT that only this case changes, and how a valid terminal reads it. */
export interface StateProbe {
  readonly change: ApplicationRequest;
  /** Undefined when it was never changed. @throws Inconclusive when no valid terminal is served or it cannot be read */
  read(): Promise<string | undefined>;
}

export interface EnablerView {
  readonly serverName: string;
  readonly protectedResource: ApplicationRequest;
  /** FQDN of another NAF of the operator, at which a terminal could be registered too. */
  readonly otherNaf: string;
  /** True when this response holds the protected resource. */
  serves(response: { readonly status: number; readonly body: Buffer }): boolean;
  /** One GET of the protected resource outside TLS, at the plain address. */
  askOutsideTls(): Promise<Trial & { readonly challenged: boolean }>;
}

export interface KeyManagerView {
  steer(association: SecurityAssociation, steering: Steering): void;
  /** Key requests that named this B-TID. */
  requestsFor(btid: string): readonly ZnRequest[];
  /** A B-TID of the form that this key manager gives out, which it never gave out. */
  unknownBTid(): string;
  /** Every IMPI and IMPU that an enabler could be told. */
  identities(): readonly string[];
  /** Stops listening and drops every connection: exclusive cases only. */
  goAway(): Promise<void>;
  comeBack(): Promise<void>;
  /** Presents a certificate of another authority, or for another name: exclusive cases only. */
  pretend(as: "strange authority" | "other name"): Promise<void>;
}

/** Everything that a story works with. Its functions may be taken out of it. */
export interface CaseContext {
  readonly parameters: ParameterValues;
  readonly ics: Ics;
  readonly ixit: Ixit;
  readonly terminal: CaseTerminal;
  /** Another subscriber. */
  anotherTerminal(): CaseTerminal;
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
  /** A state that only this case changes. */
  state(): StateProbe;
  /** Waits until `date` plus the tolerance of the IXIT has passed. */
  untilAfter(date: Date): Promise<void>;

  /** A must: false fails the case. */
  check(subject: Subject, text: string, holds: boolean, detail?: string): void;
  /** A should: false is a finding. */
  should(subject: Subject, text: string, holds: boolean, detail?: string): void;
  observe(text: string, detail: string): void;
}
