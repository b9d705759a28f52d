import { ALERT, type AlertNumber, TlsAlertError } from "../alert.ts";
import { goesBy } from "../connection/alerts.ts";
import type { Hooks } from "../connection/hooks.ts";
import { type Incoming, Receiver } from "../connection/receiver.ts";
import { Sender } from "../connection/sender.ts";
import { decode } from "../layout/layout.ts";
import { HANDSHAKE_TYPE, RETRY_RANDOM, type ServerHello, serverHelloLayout } from "../messages/handshake.ts";
import type { CipherSuite } from "../suites.ts";
import { type LegacyVersion, type TlsVersion, VERSION_NUMBER, versionOf } from "../versions.ts";
import { afterHandshake13, type Traffic } from "./after-handshake13.ts";
import { type SentHello, sendClientHello } from "./client-hello.ts";
import {
  type ClientSetup,
  type Conversation,
  type Established,
  expectMessage,
  type Handshake,
} from "./conversation.ts";
import { handshake13, names13, retried, sendEarlyData } from "./handshake13.ts";
import { legacyHandshake } from "./legacy-handshake.ts";
import type { ClientOffer, ResumableSession } from "./offer.ts";

/** How a connection ended. */
export type ClientEnd =
  | { readonly by: "server"; readonly alert: number }
  | { readonly by: "client"; readonly alert: AlertNumber; readonly text: string };

/** What happens on a connection, told as it happens. */
export interface ClientEvents {
  /** Octets for the peer. */
  write(octets: Buffer): void;
  established(established: Established): void;
  application(octets: Buffer): void;
  /** Something with which a later connection can be resumed. */
  session?(session: ResumableSession): void;
  /** A second handshake has ended well (RFC 5746 3.5). */
  renegotiated?(established: Established): void;
  /** The server does not want one: warning no_renegotiation (RFC 5246 7.2.2). */
  declined?(): void;
  /** The server wishes one: HelloRequest (RFC 5246 7.4.1.1). */
  helloRequested?(): void;
  ended(end: ClientEnd): void;
}

/** Ends of ServerHello.random: the server could have taken TLS 1.3, or TLS 1.2 (RFC 8446 4.1.3). */
const DOWNGRADE = {
  to12: Buffer.from("444f574e47524401", "hex"),
  below12: Buffer.from("444f574e47524400", "hex"),
} as const;

/** A client of TLS 1.3 looks for both marks, one of TLS 1.2 for the second. */
function marksDowngrade({ random }: ServerHello, version: TlsVersion, { versions }: ClientOffer): boolean {
  if (version === "1.3") return false;
  const end = random.subarray(-DOWNGRADE.to12.length);
  if (versions.includes("1.3")) return end.equals(DOWNGRADE.to12) || end.equals(DOWNGRADE.below12);
  return versions.includes("1.2") && version !== "1.2" && end.equals(DOWNGRADE.below12);
}

/**
 * The client's end of one TLS connection, 1.0 to 1.3: octets in, octets out. It has no socket, no clock and no
 * randomness of its own, and does by its hooks what a client must not do. Certificates are handed out and not judged.
 *
 *     const client = new TlsClient({ offer, random, now }, events);
 *     client.start();                                  // ClientHello, to events.write
 *     socket.on("data", (chunk) => client.receive(chunk));
 *
 * `events.write` must not call {@link TlsClient.receive} before it has returned.
 */
export class TlsClient {
  readonly #events: ClientEvents;
  readonly #conversation: Conversation;
  /** The one that goes on. */
  #handshake: Handshake<void> | undefined;
  #traffic: Traffic | undefined;
  #is13 = false;
  /** Of the last handshake that ended well. */
  #established: Established | undefined;
  /** The server has changed its keys in a later handshake, and has not proven them. */
  #unproven = false;
  #ended = false;
  #chosen: CipherSuite | undefined;

  constructor(setup: ClientSetup, events: ClientEvents) {
    this.#events = events;
    const transcript: Buffer[] = [];
    this.#conversation = {
      setup,
      transcript,
      sender: new Sender((octets) => events.write(octets), setup.hooks ?? {}, transcript),
      receiver: new Receiver((message) => this.#take(message)),
      onSession: (session) => events.session?.(session),
    };
    this.#handshake = this.#handshakes();
  }

  /** Of those that were offered, the suite in the ServerHello: also when the handshake went no further. */
  get chosenSuite(): CipherSuite | undefined {
    return this.#chosen;
  }

  /** Sends the ClientHello. */
  start(): void {
    this.#guarded(() => this.#handshake?.next());
  }

  /** What arrived. Never throws: what the peer does wrong ends the connection with an alert. */
  receive(chunk: Uint8Array): void {
    if (!this.#ended) this.#guarded(() => this.#conversation.receiver.receive(chunk));
  }

  /** @throws Error before the handshake has ended */
  send(octets: Buffer): void {
    if (this.#established === undefined) throw new Error("the handshake has not ended");
    if (!this.#ended) this.#conversation.sender.application(octets);
  }

  /**
   * Another handshake on this connection, up to TLS 1.2, which can be for another identity; data goes on meanwhile. What
   * comes of it the events tell, or nothing does.
   * @param hooks the misbehaviour from now on
   * @throws Error before the first handshake has ended, in TLS 1.3, or while another one goes on
   */
  renegotiate(offer: ClientOffer, hooks: Hooks = {}): void {
    const before = this.#established;
    if (before === undefined || before.version === "1.3" || this.#handshake !== undefined)
      throw new Error("there is no connection that a second handshake could begin on");
    if (this.#ended) return;
    const c = this.#conversation;
    // The hashes go over one handshake (RFC 5246 7.4.9).
    c.transcript.splice(0);
    c.sender.misbehave(hooks);
    const setup = { ...c.setup, offer: { ...offer, versions: [before.version] }, hooks };
    this.#handshake = this.#again({ ...c, setup, before }, before.version);
    this.start();
  }

  /** close_notify; nothing is sent behind it. */
  close(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#conversation.sender.alert(ALERT.closeNotify);
  }

  *#handshakes(): Handshake<void> {
    const c = this.#conversation;
    let sent = sendClientHello(c);
    if (c.setup.offer.versions.includes("1.3")) sendEarlyData(c, sent);
    let answer = decode(serverHelloLayout, (yield* expectMessage(c, "serverHello")).body);
    this.#chosen = c.setup.offer.suites.find(({ code }) => code === answer.suite);
    if (names13(answer)) {
      this.#requireOffered(c, sent, answer, "1.3");
      this.#is13 = true;
      c.receiver.dropsChangeCipherSpec = true;
      if (answer.random.equals(RETRY_RANDOM)) ({ sent, answer } = yield* this.#retry(sent, answer));
      const { established, traffic } = yield* handshake13(c, sent, answer);
      this.#traffic = traffic;
      this.#establish(established);
      return;
    }
    const version = versionOf(answer.version);
    this.#requireOffered(c, sent, answer, version);
    if (version === undefined || version === "1.3")
      throw new TlsAlertError(ALERT.protocolVersion, "TLS 1.3 without supported_versions");
    this.#establish(yield* legacyHandshake(c, sent, answer, version));
  }

  *#again(c: Conversation, version: LegacyVersion): Handshake<void> {
    const sent = sendClientHello(c);
    const answer = decode(serverHelloLayout, (yield* expectMessage(c, "serverHello")).body);
    this.#requireOffered(c, sent, answer, versionOf(answer.version));
    const established = yield* legacyHandshake(c, sent, answer, version);
    this.#unproven = false;
    this.#handshake = undefined;
    this.#established = established;
    this.#events.renegotiated?.(established);
  }

  /** RFC 8446 4.1.4: once, and the ServerHello after it keeps to the suite. @throws TlsAlertError */
  *#retry(first: SentHello, retry: ServerHello): Handshake<{ sent: SentHello; answer: ServerHello }> {
    const { sent, message } = yield* retried(this.#conversation, first, retry);
    const answer = decode(serverHelloLayout, message.body);
    if (answer.random.equals(RETRY_RANDOM))
      throw new TlsAlertError(ALERT.unexpectedMessage, "a second HelloRetryRequest");
    if (!names13(answer) || answer.suite !== retry.suite)
      throw new TlsAlertError(
        ALERT.illegalParameter,
        "ServerHello differs from the HelloRetryRequest before it",
      );
    this.#requireOffered(this.#conversation, sent, answer, "1.3");
    return { sent, answer };
  }

  /** @throws TlsAlertError (protocol_version, illegal_parameter) */
  #requireOffered(
    { setup: { offer } }: Conversation,
    { hello }: SentHello,
    answer: ServerHello,
    version: ReturnType<typeof versionOf>,
  ): void {
    if (version === undefined || !offer.versions.includes(version)) {
      const number = version === undefined ? answer.version : VERSION_NUMBER[version];
      throw new TlsAlertError(ALERT.protocolVersion, `version 0x${number.toString(16)} was not offered`);
    }
    if (this.#conversation.setup.naive !== true && marksDowngrade(answer, version, offer))
      throw new TlsAlertError(ALERT.illegalParameter, "the server marks a downgrade");
    if (version === "1.3" && !answer.sessionId.equals(hello.sessionId))
      throw new TlsAlertError(ALERT.illegalParameter, "legacy_session_id_echo is not what was sent");
    if (answer.compression !== 0)
      throw new TlsAlertError(ALERT.illegalParameter, "compression was not offered");
  }

  #establish(established: Established): void {
    this.#handshake = undefined;
    this.#established = established;
    this.#events.established(established);
  }

  #take(message: Incoming): void {
    if (this.#ended) return;
    if (message.kind === "alert") {
      if (!goesBy(message, this.#is13)) this.#alert(message.description);
      else if (message.description === ALERT.noRenegotiation) this.#decline();
    } else if (this.#isHelloRequest(message)) {
      if (this.#established !== undefined && this.#handshake === undefined) this.#events.helloRequested?.();
    } else if (message.kind === "application" && this.#established !== undefined && !this.#unproven)
      this.#events.application(message.octets);
    else if (message.kind !== "application" && this.#handshake !== undefined) {
      this.#unproven = message.kind === "changeCipherSpec";
      this.#handshake.next(message);
    } else if (message.kind === "handshake" && this.#traffic !== undefined)
      afterHandshake13(this.#conversation, this.#traffic, message);
    else throw new TlsAlertError(ALERT.unexpectedMessage, `${message.kind} at this point`);
  }

  #decline(): void {
    if (this.#established === undefined || this.#handshake === undefined) return;
    this.#handshake = undefined;
    this.#events.declined?.();
  }

  /** The server's wish up to TLS 1.2, which may be left alone and enters no hash (RFC 5246 7.4.1.1). */
  #isHelloRequest(message: Incoming): boolean {
    if (message.kind !== "handshake" || message.type !== HANDSHAKE_TYPE.helloRequest || this.#is13)
      return false;
    if (message.body.length > 0) throw new TlsAlertError(ALERT.decodeError, "HelloRequest is not empty");
    return true;
  }

  #alert(description: number): void {
    // RFC 5246 7.2.1, RFC 8446 6.1: close_notify is answered in kind.
    if (description === ALERT.closeNotify) this.#conversation.sender.alert(ALERT.closeNotify);
    this.#end({ by: "server", alert: description });
  }

  #guarded(work: () => void): void {
    try {
      work();
    } catch (error) {
      if (!(error instanceof TlsAlertError)) throw error;
      if (this.#ended) return;
      this.#conversation.sender.alert(error.alert);
      this.#end({ by: "client", alert: error.alert, text: error.message });
    }
  }

  #end(end: ClientEnd): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#events.ended(end);
  }
}
