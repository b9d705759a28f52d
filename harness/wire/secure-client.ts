import type { CipherSuite, Hooks, SuiteVersion } from "../protocols/tls/index.ts";
import type { HttpOutcome } from "./http-connection.ts";
import type { HttpRequest } from "./http-message.ts";
import type { Ending, Observer } from "./observer.ts";

export interface Destination {
  /** IP address or name to connect to; may differ from the server name. */
  readonly host: string;
  readonly port: number;
}

/** What the client puts into its ClientHello, and how it authenticates the peers. */
export interface Offer {
  readonly version: SuiteVersion;
  /** Offered alone, in this order. */
  readonly suites: readonly CipherSuite[];
  /** server_name extension (RFC 6066 3); absent: not sent. */
  readonly serverName?: string;
  readonly authentication:
    | { readonly kind: "psk"; readonly identity: string; readonly key: Uint8Array }
    /** `trust`: PEM of the CAs that the client believes. The outcome is reported, not enforced. */
    | { readonly kind: "certificate"; readonly trust: string };
}

export interface ConnectionBounds {
  /** TCP connection, milliseconds. */
  readonly connectMs: number;
  /** Handshake, and each HTTP response, milliseconds. */
  readonly responseMs: number;
}

export interface PeerCertificate {
  readonly subject: string;
  /** DNS names of the subjectAltName extension. */
  readonly names: readonly string[];
  /** DER of the certificate and of those above it, as far as they were sent or are trusted. */
  readonly chain: readonly Uint8Array[];
  /** Why the chain is not believed; absent when it is. */
  readonly chainError?: string;
  /** Why the certificate is not one for the server name; absent when it is. */
  readonly nameError?: string;
}

/** A second handshake inside a connection, up to TLS 1.2 (RFC 5746). */
export interface Renegotiation {
  /** Instead of what the first handshake authenticated the peers with. */
  readonly authentication?: Offer["authentication"];
  /** The misbehaviour from then on. */
  readonly misbehave?: () => Hooks;
}

export type RenegotiationOutcome =
  | { readonly kind: "completed" }
  /** Warning no_renegotiation: the connection goes on as it was (RFC 5246 7.2.2). */
  | { readonly kind: "declined" }
  | { readonly kind: "ended"; readonly ending: Ending }
  /** Nothing that decides within the bound; the connection goes on. */
  | { readonly kind: "silence"; readonly ms: number };

export interface SecureSession {
  readonly version: SuiteVersion;
  readonly suite: CipherSuite;
  /** True when a pre-shared key, and no certificate, authenticated the peers. */
  readonly pskInUse: boolean;
  /** True when the session of an earlier connection goes on (RFC 5246 7.3, RFC 8446 2.2). */
  readonly resumed: boolean;
  /** Up to TLS 1.2: the peer knows RFC 5746; absent: the client does not tell. */
  readonly secureRenegotiation?: boolean;
  /** What the peer said of data that went before its answer (RFC 8446 2.3); absent: none went. */
  readonly earlyData?: "accepted" | "refused";
  /** psk_identity_hint of TLS 1.2 (RFC 4279 5.2); null when none was sent. */
  readonly hint: string | null;
  /** That of the first handshake. */
  readonly certificate?: PeerCertificate;
  /**
   * Channel binding tls-exporter of this connection (RFC 9266 2: RFC 5705 exporter with the label
   * EXPORTER-Channel-Binding and an empty context), 32 octets. Undefined when the connection is gone.
   */
  readonly channelBinding: Uint8Array | undefined;
  /** True until either side closed. */
  readonly alive: boolean;
  /** HTTP/1.1 on this connection. Never throws. */
  exchange(request: HttpRequest): Promise<HttpOutcome>;
  /** Requests in one flight, outcomes in their order. Never throws. */
  pipeline(requests: readonly HttpRequest[]): Promise<readonly HttpOutcome[]>;
  /**
   * Another handshake on this connection, which can be for another user; absent: this client can do none. Never throws
   * for what the peer does. @throws Error in TLS 1.3
   */
  renegotiate?(wish: Renegotiation): Promise<RenegotiationOutcome>;
  close(): Promise<void>;
}

export type HandshakeOutcome =
  | { readonly ok: true; readonly session: SecureSession }
  | {
      readonly ok: false;
      readonly tcpConnected: boolean;
      readonly ending: Ending;
      /** From the TCP connection to the end: milliseconds. */
      readonly tookMs: number;
      /** Up to TLS 1.2: the server had chosen a PSK suite and asked for the identity. */
      readonly pskAsked?: true;
      /** The suite that the server chose before it ended, where the client tells: it need not know how to use it. */
      readonly suiteChosen?: CipherSuite;
    };

/**
 * A TLS client that the terminal drives. Nothing of the implementation shows: an engine of our own
 * will stand beside Node's, and both answer the same questions.
 */
export interface SecureClient {
  /** Never throws: a refusal is an outcome. */
  connect(
    destination: Destination,
    offer: Offer,
    bounds: ConnectionBounds,
    observer: Observer,
  ): Promise<HandshakeOutcome>;
}
