import { randomBytes } from "node:crypto";
import type { Socket } from "node:net";
import {
  type CipherSuite,
  type ClientEnd,
  type ClientOffer,
  type Established,
  type Hooks,
  type ResumableSession,
  TlsClient,
} from "../../protocols/tls/index.ts";
import { endingOfError } from "../ending.ts";
import { HttpConnection } from "../http-connection.ts";
import type { Ending, Observer } from "../observer.ts";
import type {
  ConnectionBounds,
  Destination,
  HandshakeOutcome,
  Offer,
  PeerCertificate,
  Renegotiation,
  SecureClient,
  SecureSession,
} from "../secure-client.ts";
import { connectTcp } from "../tcp.ts";
import { EngineSocket } from "./engine-socket.ts";
import { describeChain } from "./peer-certificate.ts";
import { describeRenegotiation, SecondHandshake } from "./second-handshake.ts";

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

/** A connection on which the first handshake is done. */
interface Begun {
  readonly established: Established;
  readonly stream: EngineSocket;
  readonly second: SecondHandshake;
  readonly client: TlsClient;
}

type Shaken =
  | ({ readonly ok: true } & Begun)
  | { readonly ok: false; readonly ending: Ending; readonly suiteChosen?: CipherSuite };

const refused = (ending: Ending): Shaken => ({ ok: false, ending });

function endingOf(end: ClientEnd): Ending {
  if (end.by === "server") return end.alert === 0 ? { kind: "closed" } : { kind: "alert", alert: end.alert };
  return { kind: "protocol-error", text: `TLS: ${end.text}` };
}

/** Identities are UTF-8 (RFC 4279 5.1), unless other octets are to be named. */
function clientOffer(
  { version, suites, serverName, authentication }: Offer,
  identity?: Uint8Array,
): ClientOffer {
  return {
    versions: [version],
    suites,
    ...(serverName === undefined ? {} : { serverName }),
    ...(authentication.kind === "psk"
      ? {
          psk: {
            identity: Buffer.from(identity ?? new TextEncoder().encode(authentication.identity)),
            key: Buffer.from(authentication.key),
          },
        }
      : {}),
  };
}

class EngineSession implements SecureSession {
  readonly earlyData?: "accepted" | "refused";
  readonly #stream: EngineSocket;
  readonly #http: HttpConnection;
  readonly #offer: Offer;
  readonly #bounds: ConnectionBounds;
  readonly #observer: Observer;
  readonly #second: SecondHandshake;
  readonly #client: TlsClient;
  /** Of the first handshake. */
  readonly certificate?: PeerCertificate;
  /** Of the last handshake on the connection. */
  #established: Established;

  constructor(
    { established, stream, second, client, early }: Begun & { readonly early: boolean },
    offer: Offer,
    bounds: ConnectionBounds,
    observer: Observer,
  ) {
    this.#established = established;
    second.onCompleted = (later) => {
      this.#established = later;
    };
    this.#second = second;
    this.#client = client;
    this.#stream = stream;
    this.#offer = offer;
    this.#bounds = bounds;
    this.#observer = observer;
    const trust = offer.authentication.kind === "certificate" ? offer.authentication.trust : "";
    const certificate = describeChain(established.certificates, trust, offer.serverName);
    if (certificate !== undefined) this.certificate = certificate;
    if (early) this.earlyData = established.earlyDataAccepted ? "accepted" : "refused";
    this.#http = new HttpConnection({
      // Of a net.Socket only what the stream has is used for HTTP over one connection.
      socket: stream as unknown as Socket,
      responseMs: bounds.responseMs,
      observer,
      from: "terminal",
      to: "enabler",
    });
  }

  get version() {
    return this.#established.version;
  }

  get suite() {
    return this.#established.suite;
  }

  get pskInUse() {
    return this.#established.pskInUse;
  }

  get secureRenegotiation() {
    return this.#established.secureRenegotiation;
  }

  get resumed() {
    return this.#established.resumed;
  }

  get hint() {
    return this.#established.hint?.toString("utf8") ?? null;
  }

  get alive(): boolean {
    return !this.#stream.destroyed && this.#stream.readable && this.#stream.writable;
  }

  get channelBinding(): Uint8Array | undefined {
    if (this.#stream.destroyed) return undefined;
    return this.#established.exporter("EXPORTER-Channel-Binding", Buffer.alloc(0), 32);
  }

  describe(): string {
    const how = this.pskInUse ? "pre-shared key" : (this.certificate?.subject ?? "no certificate");
    const again = this.#established.resumed ? ", resumed" : "";
    return `TLS ${this.version} ${this.suite.name}, ${how}${again}${this.hint === null ? "" : `, hint "${this.hint}"`}`;
  }

  exchange(request: Parameters<SecureSession["exchange"]>[0]) {
    return this.#http.exchange(request);
  }

  pipeline(requests: Parameters<SecureSession["pipeline"]>[0]) {
    return this.#http.pipeline(requests);
  }

  async renegotiate({ authentication = this.#offer.authentication, misbehave }: Renegotiation) {
    const offer = clientOffer({ ...this.#offer, authentication });
    const { responseMs } = this.#bounds;
    this.#observe("terminal", "a second handshake on the connection");
    const outcome = await this.#second.begin(
      () => this.#client.renegotiate(offer, misbehave?.()),
      responseMs,
    );
    this.#observe("enabler", describeRenegotiation(outcome));
    return outcome;
  }

  #observe(from: "terminal" | "enabler", text: string): void {
    const to = from === "terminal" ? "enabler" : "terminal";
    this.#observer.event({ kind: "handshake", from, to, text });
  }

  close(): Promise<void> {
    return this.#http.close();
  }
}
