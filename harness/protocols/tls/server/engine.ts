import { ALERT, type AlertNumber, TlsAlertError } from "../alert.ts";
import { type TrafficSecrets, takeKeyUpdate } from "../connection/after-handshake13.ts";
import { goesBy } from "../connection/alerts.ts";
import { is, nameOf } from "../connection/messages.ts";
import { type HandshakeMessage, type Incoming, Receiver } from "../connection/receiver.ts";
import { Sender } from "../connection/sender.ts";
import type { TlsVersion } from "../versions.ts";
import { readClientHello } from "./client-hello.ts";
import {
  expectMessage,
  type ServerConversation,
  type ServerHandshake,
  type ServerSetup,
} from "./conversation.ts";
import type { Accepted } from "./established.ts";
import { handshake13 } from "./handshake13.ts";
import { legacyHandshake } from "./legacy-handshake.ts";

/** What a handshake that waits for a promise gets when it goes on; it is not looked at. */
const NOTHING: Incoming = { kind: "changeCipherSpec" };

/** How a connection ended. */
export type ServerEnd =
  | { readonly by: "client"; readonly alert: number }
  | { readonly by: "server"; readonly alert: AlertNumber; readonly text: string };

/** What happens on a connection, told as it happens. */
export interface ServerEvents {
  /** Octets for the peer. */
  write(octets: Buffer): void;
  established(accepted: Accepted): void;
  application(octets: Buffer): void;
  /** Data that came before the handshake had ended (RFC 8446 2.3), where it is taken. */
  early?(octets: Buffer): void;
  /** A second handshake has ended well, where the setup takes them; what follows belongs to it. */
  renegotiated?(accepted: Accepted): void;
  ended(end: ServerEnd): void;
}

/**
 * The server's end of one TLS connection, 1.0 to 1.3: octets in, octets out. As {@link TlsClient} it has no socket, no
 * clock and no randomness of its own, and does by its hooks what a server must not do. The key of a pre-shared key may
 * be a promise: until it is there, what arrives waits, so that the caller should read no more.
 *
 *     const server = new TlsServer({ versions: ["1.2"], suites, psk: { find }, random }, events);
 *     socket.on("data", (chunk) => server.receive(chunk));
 */
export class TlsServer {
  readonly #events: ServerEvents;
  readonly #conversation: ServerConversation;
  /** The one that goes on. */
  #handshake: ServerHandshake<void> | undefined;
  #traffic: TrafficSecrets | undefined;
  #is13 = false;
  /** Of the last handshake that ended well. */
  #established: Accepted | undefined;
  /** The terminal has changed its keys in a later handshake, and has not proven them. */
  #unproven = false;
  #ended = false;
  #waiting = false;
  /** What comes is not looked at any more. */
  #deaf = false;

  constructor(setup: ServerSetup, events: ServerEvents) {
    this.#events = events;
    const transcript: Buffer[] = [];
    this.#conversation = {
      setup,
      transcript,
      sender: new Sender((octets) => events.write(octets), setup.hooks ?? {}, transcript),
      receiver: new Receiver((message) => this.#take(message)),
    };
    this.#handshake = this.#handshakes();
    this.#handshake.next();
  }

  /** True while what arrives only waits. */
  get waiting(): boolean {
    return this.#waiting;
  }

  /** What arrived. Never throws: what the peer does wrong ends the connection with an alert. */
  receive(chunk: Uint8Array): void {
    if (!this.#ended && !this.#deaf) this.#guarded(() => this.#conversation.receiver.receive(chunk));
  }

  /** @throws Error before the handshake has ended */
  send(octets: Buffer): void {
    if (this.#established === undefined) throw new Error("the handshake has not ended");
    if (!this.#ended) this.#conversation.sender.application(octets);
  }

  /** close_notify; nothing is sent behind it. */
  close(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#conversation.sender.alert(ALERT.closeNotify);
  }

  *#handshakes(): ServerHandshake<void> {
    const c = this.#conversation;
    const { body } = yield* expectMessage(c, "clientHello");
    const read = readClientHello(c.setup, body);
    const { version } = read;
    if (version !== "1.3") {
      this.#establish(yield* legacyHandshake(c, read, version));
      return;
    }
    this.#is13 = true;
    const { accepted, traffic } = yield* handshake13(c, read, (octets) => this.#events.early?.(octets));
    this.#traffic = traffic;
    this.#establish(accepted);
  }

  *#again(c: ServerConversation, version: TlsVersion): ServerHandshake<void> {
    const { body } = yield* expectMessage(c, "clientHello");
    const read = readClientHello(c.setup, body, c.before);
    if (read.version === "1.3" || read.version !== version)
      throw new TlsAlertError(ALERT.protocolVersion, "a later handshake has another version");
    const accepted = yield* legacyHandshake(c, read, read.version);
    this.#establish(accepted);
  }

  #establish(accepted: Accepted): void {
    const first = this.#established === undefined;
    this.#unproven = false;
    this.#handshake = undefined;
    this.#established = accepted;
    if (first) this.#events.established(accepted);
    else this.#events.renegotiated?.(accepted);
    if (accepted.data !== undefined) this.#events.application(accepted.data);
  }

  #take(message: Incoming): void {
    if (this.#ended || this.#deaf) return;
    if (message.kind === "alert") {
      if (!goesBy(message, this.#is13)) this.#alert(message.description);
    } else if (message.kind === "application" && this.#established !== undefined && !this.#unproven)
      this.#events.application(message.octets);
    else if (this.#handshake !== undefined) this.#progress(this.#handshake, message);
    else if (message.kind === "handshake") this.#afterwards(message);
    else this.#notDue(message);
  }

  #progress(handshake: ServerHandshake<void>, message: Incoming): void {
    this.#unproven = message.kind === "changeCipherSpec";
    this.#advance(handshake, () => handshake.next(message));
  }

  #notDue(message: Incoming): void {
    if (this.#conversation.setup.laxity?.skipsUnexpected === true) return;
    throw new TlsAlertError(ALERT.unexpectedMessage, `${nameOf(message)} behind the handshake`);
  }

  #advance(handshake: ServerHandshake<void>, step: () => ReturnType<ServerHandshake<void>["next"]>): void {
    const { value } = step();
    if (!(value instanceof Promise)) return;
    this.#waiting = true;
    this.#conversation.receiver.pause();
    value.then(
      () => this.#resume(handshake, () => handshake.next(NOTHING)),
      (error: unknown) => this.#resume(handshake, () => handshake.throw(error)),
    );
  }

  #resume(handshake: ServerHandshake<void>, step: () => ReturnType<ServerHandshake<void>["next"]>): void {
    this.#waiting = false;
    if (this.#ended) return;
    this.#guarded(() => {
      this.#advance(handshake, step);
      if (!this.#waiting) this.#conversation.receiver.resume();
    });
  }

  /** KeyUpdate, and up to TLS 1.2 a wish for a second handshake, which is granted where the setup says so (RFC 5746 4.5). */
  #afterwards(message: HandshakeMessage): void {
    const c = this.#conversation;
    if (this.#traffic !== undefined && is(message, "keyUpdate"))
      takeKeyUpdate(c, this.#traffic, "server", message.body);
    else if (this.#traffic === undefined && is(message, "clientHello")) this.#second(message);
    else this.#notDue(message);
  }

  #second(message: HandshakeMessage): void {
    const c = this.#conversation;
    const { secondHandshakes } = c.setup;
    const before = this.#established;
    if (secondHandshakes === undefined || before === undefined) {
      c.sender.warning(ALERT.noRenegotiation);
      return;
    }
    // The hashes go over one handshake (RFC 5246 7.4.9).
    c.transcript.splice(0);
    const { laxity = {} } = secondHandshakes;
    const setup = { ...c.setup, versions: [before.version], laxity };
    const { finished, secureRenegotiation: secure } = before;
    const handshake = this.#again({ ...c, setup, before: { finished, secure } }, before.version);
    handshake.next();
    this.#handshake = handshake;
    this.#progress(handshake, message);
  }

  #alert(description: number): void {
    if (description === ALERT.closeNotify && this.#is13) {
      // RFC 8446 6.1: the terminal says nothing more, and may still be answered.
      this.#deaf = true;
      this.#events.ended({ by: "client", alert: description });
      return;
    }
    if (description === ALERT.closeNotify) this.#conversation.sender.alert(ALERT.closeNotify);
    this.#end({ by: "client", alert: description });
  }

  #guarded(work: () => void): void {
    try {
      work();
    } catch (error) {
      if (!(error instanceof TlsAlertError)) throw error;
      if (this.#ended) return;
      this.#conversation.sender.alert(error.alert);
      this.#end({ by: "server", alert: error.alert, text: error.message });
    }
  }

  #end(end: ServerEnd): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#events.ended(end);
  }
}
