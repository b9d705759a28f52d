import { ALERT, type AlertNumber, TlsAlertError } from "../alert.ts";
import { nameOf } from "../connection/messages.ts";
import { type HandshakeMessage, type Incoming, Receiver } from "../connection/receiver.ts";
import { Sender } from "../connection/sender.ts";
import { nextTrafficSecret } from "../keys/schedule.ts";
import { decode } from "../layout/layout.ts";
import { HANDSHAKE_TYPE, keyUpdateLayout } from "../messages/handshake.ts";
import { readClientHello } from "./client-hello.ts";
import {
  expectMessage,
  type ServerConversation,
  type ServerHandshake,
  type ServerSetup,
} from "./conversation.ts";
import type { Accepted } from "./established.ts";
import { handshake13, type ServerTraffic } from "./handshake13.ts";
import { legacyHandshake } from "./legacy-handshake.ts";

const WARNING = 1;
const USER_CANCELED = 90;
const UPDATE_REQUESTED = 1;
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
  readonly #handshake: ServerHandshake<void>;
  #traffic: ServerTraffic | undefined;
  #is13 = false;
  #established = false;
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
    if (!this.#established) throw new Error("the handshake has not ended");
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

  #establish(accepted: Accepted): void {
    this.#established = true;
    this.#events.established(accepted);
    if (accepted.data !== undefined) this.#events.application(accepted.data);
  }

  #take(message: Incoming): void {
    if (this.#ended || this.#deaf) return;
    if (message.kind === "alert") this.#alert(message.level, message.description);
    else if (!this.#established) this.#advance(() => this.#handshake.next(message));
    else if (message.kind === "application") this.#events.application(message.octets);
    else if (message.kind === "handshake") this.#afterwards(message);
    else this.#notDue(message);
  }

  #notDue(message: Incoming): void {
    if (this.#conversation.setup.laxity?.skipsUnexpected === true) return;
    throw new TlsAlertError(ALERT.unexpectedMessage, `${nameOf(message)} behind the handshake`);
  }

  #advance(step: () => IteratorResult<Promise<void> | undefined, void>): void {
    const { value } = step();
    if (!(value instanceof Promise)) return;
    this.#waiting = true;
    this.#conversation.receiver.pause();
    value.then(
      () => this.#resume(() => this.#handshake.next(NOTHING)),
      (error: unknown) => this.#resume(() => this.#handshake.throw(error)),
    );
  }

  #resume(step: () => IteratorResult<Promise<void> | undefined, void>): void {
    this.#waiting = false;
    if (this.#ended) return;
    this.#guarded(() => {
      this.#advance(step);
      if (!this.#waiting) this.#conversation.receiver.resume();
    });
  }

  /** KeyUpdate, and up to TLS 1.2 a wish for a second handshake, which is not granted (RFC 5746 4.5). */
  #afterwards(message: HandshakeMessage): void {
    const { sender, receiver } = this.#conversation;
    const traffic = this.#traffic;
    if (traffic === undefined) {
      if (message.type !== HANDSHAKE_TYPE.clientHello) this.#notDue(message);
      else sender.warning(ALERT.noRenegotiation);
      return;
    }
    if (message.type !== HANDSHAKE_TYPE.keyUpdate) {
      this.#notDue(message);
      return;
    }
    const request = decode(keyUpdateLayout, message.body);
    if (request > UPDATE_REQUESTED)
      throw new TlsAlertError(ALERT.illegalParameter, `request_update ${request}`);
    const { suite } = traffic;
    traffic.client = nextTrafficSecret(suite.hash, traffic.client);
    receiver.use(suite.opener(traffic.client));
    if (request !== UPDATE_REQUESTED) return;
    sender.handshake("keyUpdate", Buffer.of(0));
    traffic.server = nextTrafficSecret(suite.hash, traffic.server);
    sender.use(suite.sealer(traffic.server));
  }

  /** A warning goes by; in TLS 1.3 only the description counts, and user_canceled alone ends nothing (RFC 8446 6). */
  #alert(level: number, description: number): void {
    const goesBy = this.#is13 ? description === USER_CANCELED : level === WARNING;
    if (goesBy && description !== ALERT.closeNotify) return;
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
