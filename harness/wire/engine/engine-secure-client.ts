import { randomBytes } from "node:crypto";
import type { Socket } from "node:net";
import {
  type CipherSuite,
  type ClientEnd,
  type ClientOffer,
  type Hooks,
  type ResumableSession,
  TlsClient,
} from "../../protocols/tls/index.ts";
import { endingOfError } from "../ending.ts";
import type { Ending, Observer } from "../observer.ts";
import type {
  ConnectionBounds,
  Destination,
  HandshakeOutcome,
  Offer,
  SecureClient,
} from "../secure-client.ts";
import { connectTcp } from "../tcp.ts";
import { type Begun, clientOffer, EngineSession } from "./engine-session.ts";
import { EngineSocket } from "./engine-socket.ts";
import { SecondHandshake } from "./second-handshake.ts";

/** What only an engine of our own can do. */
export interface EngineOptions {
  /** Changes what would be offered. */
  readonly offer?: Partial<ClientOffer>;
  /** Octets of the PSK identity, up to 65,535, instead of those that would be named with the same key. */
  readonly identity?: Uint8Array;
  /** The misbehaviour of one connection, anew for each. */
  readonly misbehave?: () => Hooks;
  /** Goes on where ServerHello.random tells of a downgrade. */
  readonly naive?: boolean;
  /** Lines of a key log (NSS format). */
  readonly onSecret?: (line: string) => void;
  readonly onSession?: (session: ResumableSession) => void;
}

/**
 * {@link SecureClient} on the suite's own TLS, which can do wrong things: it answers the same questions as Node's, and by
 * {@link EngineOptions} offers and misbehaves as a library refuses to.
 */
export class EngineSecureClient implements SecureClient {
  readonly #options: EngineOptions;

  constructor(options: EngineOptions = {}) {
    this.#options = options;
  }

  async connect(
    destination: Destination,
    offer: Offer,
    bounds: ConnectionBounds,
    observer: Observer,
  ): Promise<HandshakeOutcome> {
    const began = performance.now();
    const failed = (tcpConnected: boolean, ending: Ending, suiteChosen?: CipherSuite): HandshakeOutcome => {
      observer.event({ kind: "ending", from: "enabler", to: "terminal", ending });
      const tookMs = performance.now() - began;
      return {
        ok: false,
        tcpConnected,
        ending,
        tookMs,
        ...(suiteChosen === undefined ? {} : { suiteChosen }),
      };
    };
    const tcp = await connectTcp(destination, bounds.connectMs);
    if (!tcp.ok) return failed(false, tcp.ending);
    const where = { from: "terminal", to: "enabler" } as const;
    observer.event({ kind: "connection", ...where, text: `TCP to ${destination.host}:${destination.port}` });
    observer.event({
      kind: "handshake",
      ...where,
      text: `TLS ${offer.version} (own engine) offers ${offer.suites.map(({ name }) => name).join(", ")}`,
    });
    const outcome = await this.#handshake(tcp.socket, offer, bounds.responseMs);
    if (!outcome.ok) return failed(true, outcome.ending, outcome.suiteChosen);
    const early = this.#options.offer?.earlyData !== undefined;
    const session = new EngineSession({ ...outcome, early }, offer, bounds, observer);
    observer.event({ kind: "handshake", from: "enabler", to: "terminal", text: session.describe() });
    return { ok: true, session };
  }

  #handshake(socket: Socket, offer: Offer, boundMs: number): Promise<Shaken> {
    const { identity, misbehave, naive, onSecret, onSession } = this.#options;
    return new Promise((resolve, reject) => {
      let stream: EngineSocket | undefined;
      const second = new SecondHandshake();
      const settle = (outcome: Shaken) => {
        clearTimeout(timer);
        if (!outcome.ok) socket.destroy();
        const { chosenSuite } = client;
        resolve(outcome.ok || chosenSuite === undefined ? outcome : { ...outcome, suiteChosen: chosenSuite });
      };
      const timer = setTimeout(() => settle(refused({ kind: "timeout", ms: boundMs })), boundMs);
      const client = new TlsClient(
        {
          offer: { ...clientOffer(offer, identity), ...this.#options.offer },
          random: (octets) => randomBytes(octets),
          now: () => Date.now(),
          ...(misbehave === undefined ? {} : { hooks: misbehave() }),
          ...(naive === true ? { naive } : {}),
          ...(onSecret === undefined ? {} : { onSecret }),
        },
        {
          write: (octets) => {
            if (!socket.destroyed) socket.write(octets);
          },
          established: (established) => {
            const connection = { send: (octets: Buffer) => client.send(octets), close: () => client.close() };
            stream = new EngineSocket(connection, socket);
            settle({ ok: true, established, stream, second, client });
          },
          application: (octets) => stream?.arrived(octets),
          session: (session) => onSession?.(session),
          renegotiated: (one) => second.completed(one),
          declined: () => second.declined(),
          ended: (end) => {
            second.ended(endingOf(end));
            if (stream === undefined) settle(refused(endingOf(end)));
            else
              stream.ended(
                end.by === "client" ? { by: "own", text: end.text } : { by: "peer", alert: end.alert },
              );
          },
        },
      );
      let error: Error | undefined;
      // What the engine answers leaves in one piece. An error here is one of ours, or of a hook: never the peer's.
      const together = (work: () => void) => {
        socket.cork();
        try {
          work();
        } catch (ours) {
          clearTimeout(timer);
          socket.destroy();
          reject(ours);
        } finally {
          socket.uncork();
        }
      };
      socket.on("data", (chunk: Buffer) => together(() => client.receive(chunk)));
      socket.on("error", (one) => {
        error = one;
      });
      socket.once("close", () => {
        const ending: Ending = error === undefined ? { kind: "closed" } : endingOfError(error);
        second.ended(ending);
        if (stream !== undefined) stream.tcpEnded(error);
        else settle(refused(ending));
      });
      together(() => client.start());
    });
  }
}

type Shaken =
  | ({ readonly ok: true } & Begun)
  | { readonly ok: false; readonly ending: Ending; readonly suiteChosen?: CipherSuite };

const refused = (ending: Ending): Shaken => ({ ok: false, ending });

function endingOf(end: ClientEnd): Ending {
  if (end.by === "server") return end.alert === 0 ? { kind: "closed" } : { kind: "alert", alert: end.alert };
  return { kind: "protocol-error", text: `TLS: ${end.text}` };
}
