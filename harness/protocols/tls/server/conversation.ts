import { ALERT, TlsAlertError } from "../alert.ts";
import type { Credential } from "../connection/credential.ts";
import type { Hooks } from "../connection/hooks.ts";
import { nameOf } from "../connection/messages.ts";
import type { HandshakeMessage, Incoming, Receiver } from "../connection/receiver.ts";
import type { Sender } from "../connection/sender.ts";
import type { ProtectionDefects } from "../connection/terms.ts";
import type { GroupName } from "../keys/agreement.ts";
import { HANDSHAKE_TYPE, type HandshakeName, type ServerHello } from "../messages/handshake.ts";
import type { CipherSuite } from "../suites.ts";
import type { TlsVersion } from "../versions.ts";

/** What a terminal named, and in which handshake. */
export interface PskQuery {
  readonly identity: Buffer;
  readonly version: TlsVersion;
  readonly suite: CipherSuite;
  readonly serverName: string | undefined;
}

/** What can go on later, as the server remembers it. */
export interface ServerSession {
  readonly version: TlsVersion;
  readonly suite: CipherSuite;
  /** Master secret up to TLS 1.2; the pre-shared key of the ticket in TLS 1.3. */
  readonly secret: Buffer;
  readonly extendedMasterSecret: boolean;
  readonly serverName: string | undefined;
  /** Of the key that stands behind it; undefined: there was none. */
  readonly identity: Buffer | undefined;
  /** TLS 1.3: ticket_age_add. */
  readonly ageAdd: number;
}

/** Where sessions are kept that can go on. */
export interface SessionStore {
  /** A name for the session: up to 255 octets. */
  keep(session: ServerSession): Buffer;
  /** undefined: it does not go on. */
  find(name: Buffer, serverName: string | undefined): ServerSession | undefined;
}

/** What a server passes over that must end the connection: each is a defect. */
export interface Laxity extends ProtectionDefects {
  /** Finished is not looked at. */
  readonly anyFinished?: true;
  /** Data where Finished, or what goes before it, is due ends the handshake. */
  readonly dataForFinished?: true;
  /** Messages that are not due are left out, and do not enter the hashes. */
  readonly skipsUnexpected?: true;
  /** TLS_FALLBACK_SCSV means nothing, and no random tells of a downgrade. */
  readonly downgrades?: true;
  /** The identity of a pre-shared key is enough: its binder, or Finished, is not looked at in TLS 1.3. */
  readonly anyBinder?: true;
  /** Goes on without a fresh secret where a terminal lets it, also when it could have one (RFC 8446 4.2.9). */
  readonly avoidsShares?: true;
  /** Shares are computed with as they come: of small order, of another curve, outside of the group. */
  readonly anyShare?: true;
  /** What renegotiation_info of a later handshake says is not looked at, nor whether there is one. */
  readonly anyRenegotiationInfo?: true;
}

/** How a server takes a second handshake on a connection up to TLS 1.2. */
export interface SecondHandshakes {
  /** Also from terminals that know nothing of RFC 5746, which it does not recommend (RFC 5746 4.4). */
  readonly legacy?: true;
  /** Of second handshakes alone. */
  readonly laxity?: Laxity;
}

/** The handshake before, on the same connection. */
export interface Before {
  /** verify_data of each end. */
  readonly finished: { readonly client: Buffer; readonly server: Buffer };
  /** secure_renegotiation (RFC 5746 3.1): the terminal said that it knows it. */
  readonly secure: boolean;
}

/** What the engine is given: it has no clock and no randomness of its own. */
export interface ServerSetup {
  readonly versions: readonly TlsVersion[];
  /** In order of preference. */
  readonly suites: readonly CipherSuite[];
  /** In order of preference. */
  readonly groups?: readonly GroupName[];
  readonly credential?: Credential;
  readonly psk?: {
    readonly hint?: Buffer;
    /** The key; undefined refuses. @throws TlsAlertError to say how */
    find(query: PskQuery): Promise<Buffer | undefined> | Buffer | undefined;
  };
  /** Asks the terminal for a certificate; what it is worth is the caller's matter. */
  readonly clientCertificate?: "asked" | "required";
  readonly sessions?: SessionStore;
  /** Octets of early data that are taken with the first pre-shared key; absent: none, it is left out. */
  readonly earlyData?: number;
  readonly random: (octets: number) => Buffer;
  /** What its shares are made from; absent: `random`. */
  readonly randomOfShares?: (octets: number) => Buffer;
  readonly hooks?: Hooks & {
    /** Fields of each ServerHello. */
    serverHello?(hello: ServerHello): ServerHello;
  };
  readonly laxity?: Laxity;
  /** Absent: a wish for one is declined with a warning (RFC 5246 7.2.2). */
  readonly secondHandshakes?: SecondHandshakes;
  /** A line of a key log in the form of NSS. */
  readonly onSecret?: (line: string) => void;
}

/** The parts of one connection that a handshake works with. */
export interface ServerConversation {
  readonly setup: ServerSetup;
  readonly sender: Sender;
  readonly receiver: Receiver;
  /** Handshake messages of both ends, in order. */
  readonly transcript: Buffer[];
  /** Absent: this is the first handshake. */
  readonly before?: Before;
}

/** A handshake waits with `yield` for the next message, or for a promise, whose result it does not get there. */
export type ServerHandshake<T> = Generator<Promise<void> | undefined, T, Incoming>;

/** The next message, which has to be one of these. @throws TlsAlertError (unexpected_message) */
export function* expectMessage(
  { transcript, setup }: ServerConversation,
  ...names: readonly HandshakeName[]
): ServerHandshake<HandshakeMessage> {
  for (;;) {
    const message = yield;
    if (message.kind === "handshake" && names.some((name) => HANDSHAKE_TYPE[name] === message.type)) {
      transcript.push(message.octets);
      return message;
    }
    if (setup.laxity?.skipsUnexpected !== true) throw unexpected(message, names.join(" or "));
  }
}

export const unexpected = (message: Incoming, due: string): TlsAlertError =>
  new TlsAlertError(ALERT.unexpectedMessage, `${nameOf(message)} instead of ${due}`);

/** Waits for what is not known at once. @throws what the promise rejects with */
export function* awaited<T>(value: T | Promise<T>): ServerHandshake<T> {
  if (!(value instanceof Promise)) return value;
  const results: T[] = [];
  yield value.then((result) => void results.push(result));
  const [result] = results;
  // The handshake goes on when the promise has resolved; T may be undefined.
  return result as T;
}
