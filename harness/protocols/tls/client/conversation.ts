import { ALERT, TlsAlertError } from "../alert.ts";
import type { Hooks } from "../connection/hooks.ts";
import { nameOf } from "../connection/messages.ts";
import type { HandshakeMessage, Incoming, Receiver } from "../connection/receiver.ts";
import type { Sender } from "../connection/sender.ts";
import { HANDSHAKE_TYPE, type HandshakeName } from "../messages/handshake.ts";
import type { CipherSuite } from "../suites.ts";
import type { TlsVersion } from "../versions.ts";
import type { ClientOffer, ResumableSession } from "./offer.ts";

/** What the engine is given: it has no clock and no randomness of its own. */
export interface ClientSetup {
  readonly offer: ClientOffer;
  readonly random: (octets: number) => Buffer;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly hooks?: Hooks;
  /** Goes on where ServerHello.random tells of a downgrade (RFC 8446 4.1.3): who notices it later is the question. */
  readonly naive?: true;
  /** A line of a key log in the form of NSS, which Wireshark reads. */
  readonly onSecret?: (line: string) => void;
}

/** What a handshake has led to. */
export interface Established {
  readonly version: TlsVersion;
  readonly suite: CipherSuite;
  readonly resumed: boolean;
  /** True when a pre-shared key, and no certificate, authenticated the server. */
  readonly pskInUse: boolean;
  /** DER, the server's own first; empty without a certificate. */
  readonly certificates: readonly Buffer[];
  /** OCSP response that was stapled (RFC 6066 8). */
  readonly staple: Buffer | undefined;
  /** psk_identity_hint up to TLS 1.2; null when none was sent. */
  readonly hint: Buffer | null;
  readonly extendedMasterSecret: boolean;
  readonly encryptThenMac: boolean;
  readonly protocol: string | undefined;
  readonly earlyDataAccepted: boolean;
  /** Up to TLS 1.2: the server knows RFC 5746, as its ServerHello says (RFC 5746 3.4). */
  readonly secureRenegotiation: boolean;
  /** verify_data of each end. */
  readonly finished: { readonly client: Buffer; readonly server: Buffer };
  /** RFC 5705, RFC 8446 7.5. */
  readonly exporter: (label: string, context: Buffer | undefined, octets: number) => Buffer;
}

/** The parts of one connection that a handshake works with. */
export interface Conversation {
  readonly setup: ClientSetup;
  readonly sender: Sender;
  readonly receiver: Receiver;
  /** Handshake messages of both ends, in order. */
  readonly transcript: Buffer[];
  readonly onSession: (session: ResumableSession) => void;
  /** The handshake before on the same connection (RFC 5746 3.1); absent: this is the first. */
  readonly before?: Pick<Established, "finished" | "secureRenegotiation">;
}

/** A handshake waits with `yield` for the next message. */
export type Handshake<T> = Generator<undefined, T, Incoming>;

/** The next message, which has to be one of these. @throws TlsAlertError (unexpected_message) */
export function* expectMessage(
  { transcript }: Conversation,
  ...names: readonly HandshakeName[]
): Handshake<HandshakeMessage> {
  const message = yield;
  if (message.kind !== "handshake" || !names.some((name) => HANDSHAKE_TYPE[name] === message.type)) {
    const seen = nameOf(message);
    throw new TlsAlertError(ALERT.unexpectedMessage, `${seen} instead of ${names.join(" or ")}`);
  }
  transcript.push(message.octets);
  return message;
}

/** The suite that the server chose out of those offered. @throws TlsAlertError (illegal_parameter) */
export function chosenSuite({ offer }: ClientSetup, code: number): CipherSuite {
  const suite = offer.suites.find((one) => one.code === code);
  if (suite === undefined) {
    throw new TlsAlertError(
      ALERT.illegalParameter,
      `suite 0x${code.toString(16).padStart(4, "0")} was not offered`,
    );
  }
  return suite;
}
