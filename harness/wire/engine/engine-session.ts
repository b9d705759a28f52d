import type { Socket } from "node:net";
import type { ClientOffer, Established, TlsClient } from "../../protocols/tls/index.ts";
import { HttpConnection } from "../http-connection.ts";
import type { Observer } from "../observer.ts";
import type {
  ConnectionBounds,
  Offer,
  PeerCertificate,
  Renegotiation,
  SecureSession,
} from "../secure-client.ts";
import type { EngineSocket } from "./engine-socket.ts";
import { describeChain } from "./peer-certificate.ts";
import { describeRenegotiation, type SecondHandshake } from "./second-handshake.ts";

/** A connection on which the first handshake is done. */
export interface Begun {
  readonly established: Established;
  readonly stream: EngineSocket;
  readonly second: SecondHandshake;
  readonly client: TlsClient;
}

/** Identities are UTF-8 (RFC 4279 5.1), unless other octets are to be named. */
export function clientOffer(
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

/** A connection of the suite's own TLS, behind its first handshake. */
export class EngineSession implements SecureSession {
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
