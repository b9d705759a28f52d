import type { Socket } from "node:net";
import {
  type ConnectionOptions,
  checkServerIdentity,
  connect,
  type DetailedPeerCertificate,
  type SecureVersion,
  type TLSSocket,
} from "node:tls";
import { type CipherSuite, suiteByName } from "../protocols/tls/index.ts";
import { endingOfError } from "./ending.ts";
import { HttpConnection } from "./http-connection.ts";
import type { Ending, Observer } from "./observer.ts";
import type {
  ConnectionBounds,
  Destination,
  HandshakeOutcome,
  Offer,
  PeerCertificate,
  SecureClient,
  SecureSession,
} from "./secure-client.ts";
import { connectTcp } from "./tcp.ts";

/** {@link SecureClient} on Node's TLS (OpenSSL). */
export class NodeSecureClient implements SecureClient {
  readonly #onSecret: ((line: string) => void) | undefined;

  /** `onSecret`: told each line of a key log (NSS form), with its end. */
  constructor({ onSecret }: { readonly onSecret?: (line: string) => void } = {}) {
    this.#onSecret = onSecret;
  }

  async connect(
    destination: Destination,
    offer: Offer,
    bounds: ConnectionBounds,
    observer: Observer,
  ): Promise<HandshakeOutcome> {
    const began = performance.now();
    const where = { from: "terminal", to: "enabler" } as const;
    const tcp = await connectTcp(destination, bounds.connectMs);
    if (!tcp.ok) {
      observer.event({ kind: "ending", from: "enabler", to: "terminal", ending: tcp.ending });
      return { ok: false, tcpConnected: false, ending: tcp.ending, tookMs: performance.now() - began };
    }
    observer.event({ kind: "connection", ...where, text: `TCP to ${destination.host}:${destination.port}` });
    observer.event({ kind: "handshake", ...where, text: describeOffer(offer) });
    const hint: ReceivedHint = { asked: false, value: null };
    const socket = startTls(tcp.socket, offer, hint);
    const onSecret = this.#onSecret;
    if (onSecret !== undefined) socket.on("keylog", (line: Buffer) => onSecret(line.toString("latin1")));
    const ending = await handshake(socket, bounds.responseMs);
    if (ending !== undefined) {
      observer.event({ kind: "ending", from: "enabler", to: "terminal", ending });
      // OpenSSL calls for the PSK of TLS 1.3 before anything was received.
      const pskAsked = hint.asked && offer.version !== "1.3" ? { pskAsked: true as const } : {};
      return { ok: false, tcpConnected: true, ending, tookMs: performance.now() - began, ...pskAsked };
    }
    const session = new NodeSession(socket, offer, hint.value, bounds, observer);
    observer.event({ kind: "handshake", from: "enabler", to: "terminal", text: session.describe() });
    return { ok: true, session };
  }
}

/** Node's names of the versions. */
const NODE_VERSIONS = {
  "1.0": "TLSv1",
  "1.1": "TLSv1.1",
  "1.2": "TLSv1.2",
  "1.3": "TLSv1.3",
} as const satisfies Record<Offer["version"], SecureVersion>;

function versionOf(socket: TLSSocket): Offer["version"] {
  const protocol = socket.getProtocol();
  const versions: readonly Offer["version"][] = ["1.0", "1.1", "1.2", "1.3"];
  const version = versions.find((one) => NODE_VERSIONS[one] === protocol);
  if (version === undefined) throw new Error(`OpenSSL negotiated ${protocol}, which was not offered`);
  return version;
}

/** What the server said before it wanted to know the terminal's PSK identity. */
interface ReceivedHint {
  asked: boolean;
  value: string | null;
}

function startTls(socket: Socket, offer: Offer, hint: ReceivedHint): TLSSocket {
  const version = NODE_VERSIONS[offer.version];
  const options: ConnectionOptions = {
    socket,
    minVersion: version,
    maxVersion: version,
    ciphers: cipherString(offer.suites, offer.version),
    // The outcome of the certificate's verification is reported, the terminal decides.
    rejectUnauthorized: false,
    checkServerIdentity: () => undefined,
    ...(offer.serverName === undefined ? {} : { servername: offer.serverName }),
  };
  const { authentication } = offer;
  if (authentication.kind === "certificate") return connect({ ...options, ca: authentication.trust });
  return connect({
    ...options,
    pskCallback: (received) => {
      hint.asked = true;
      hint.value = received;
      return { identity: authentication.identity, psk: authentication.key };
    },
  });
}

/** @SECLEVEL=0 lets OpenSSL offer what it would rather not (NULL, anonymous, TLS 1.0); the order is ours. */
function cipherString(suites: readonly CipherSuite[], version: Offer["version"]): string {
  const names = suites.map((suite) => suite.openssl);
  return (version === "1.3" ? names : [...names, "@SECLEVEL=0"]).join(":");
}

/** Resolves with undefined when the handshake is done, else with how it ended. */
function handshake(socket: TLSSocket, boundMs: number): Promise<Ending | undefined> {
  return new Promise((resolve) => {
    const done = (ending: Ending | undefined) => {
      clearTimeout(timer);
      if (ending !== undefined) socket.destroy();
      resolve(ending);
    };
    const timer = setTimeout(() => done({ kind: "timeout", ms: boundMs }), boundMs);
    socket.once("secureConnect", () => done(undefined));
    // Stays for the life of the socket: a late alert is seen by the reader, not thrown.
    socket.on("error", (error) => done(endingOfError(error)));
    socket.once("close", () => done({ kind: "closed" }));
  });
}

class NodeSession implements SecureSession {
  readonly version: Offer["version"];
  readonly suite: CipherSuite;
  readonly pskInUse: boolean;
  /** It offers no earlier session. */
  readonly resumed = false;
  readonly hint: string | null;
  readonly certificate?: PeerCertificate;
  readonly #socket: TLSSocket;
  readonly #http: HttpConnection;

  constructor(
    socket: TLSSocket,
    offer: Offer,
    hint: string | null,
    bounds: ConnectionBounds,
    observer: Observer,
  ) {
    this.#socket = socket;
    this.version = versionOf(socket);
    this.suite = negotiatedSuite(socket, offer);
    this.hint = hint;
    const certificate = describeCertificate(socket, offer.serverName);
    if (certificate !== undefined) this.certificate = certificate;
    // OpenSSL treats an external PSK of TLS 1.3 as a resumed session, and a server that took it shows no certificate.
    this.pskInUse =
      this.version === "1.3"
        ? offer.authentication.kind === "psk" && socket.isSessionReused()
        : this.suite.authentication === "psk";
    this.#http = new HttpConnection({
      socket,
      responseMs: bounds.responseMs,
      observer,
      from: "terminal",
      to: "enabler",
    });
  }

  get channelBinding(): Uint8Array | undefined {
    if (this.#socket.destroyed) return undefined;
    return this.#socket.exportKeyingMaterial(32, "EXPORTER-Channel-Binding", Buffer.alloc(0));
  }

  get alive(): boolean {
    return !this.#socket.destroyed && this.#socket.readable && this.#socket.writable;
  }

  describe(): string {
    const how = this.pskInUse ? "pre-shared key" : (this.certificate?.subject ?? "no certificate");
    return `TLS ${this.version} ${this.suite.name}, ${how}${this.hint === null ? "" : `, hint "${this.hint}"`}`;
  }

  exchange(request: Parameters<SecureSession["exchange"]>[0]) {
    return this.#http.exchange(request);
  }

  pipeline(requests: Parameters<SecureSession["pipeline"]>[0]) {
    return this.#http.pipeline(requests);
  }

  close(): Promise<void> {
    return this.#http.close();
  }
}

function negotiatedSuite(socket: TLSSocket, offer: Offer): CipherSuite {
  const name = socket.getCipher().standardName;
  const suite = suiteByName(name) ?? offer.suites.find((offered) => offered.name === name);
  if (suite === undefined) throw new Error(`OpenSSL negotiated ${name}, which was not offered`);
  return suite;
}

function describeCertificate(socket: TLSSocket, serverName: string | undefined): PeerCertificate | undefined {
  const certificate = socket.getPeerCertificate(true);
  if (Object.keys(certificate).length === 0) return undefined;
  const nameError = serverName === undefined ? undefined : checkServerIdentity(serverName, certificate);
  // Node types this as Error but gives the code of OpenSSL's verification as a string.
  const chainError: unknown = socket.authorizationError;
  const subject = [certificate.subject?.CN ?? ""].flat().join(", ");
  return {
    subject: `certificate of ${JSON.stringify(subject)}`,
    names: (certificate.subjectaltname ?? "")
      .split(", ")
      .filter((name) => name.startsWith("DNS:"))
      .map((name) => name.slice(4)),
    chain: chainOf(certificate),
    ...(chainError ? { chainError: String(chainError) } : {}),
    ...(nameError === undefined ? {} : { nameError: nameError.message }),
  };
}

/** As it was sent, and above it what is trusted; a root names itself as its issuer. */
function chainOf(leaf: DetailedPeerCertificate): readonly Uint8Array[] {
  const chain: DetailedPeerCertificate[] = [];
  let next: DetailedPeerCertificate | undefined = leaf;
  while (next?.raw !== undefined && !chain.includes(next)) {
    chain.push(next);
    next = next.issuerCertificate;
  }
  return chain.map(({ raw }) => raw);
}

function describeOffer(offer: Offer): string {
  const suites = offer.suites.map((suite) => suite.name).join(", ");
  const name = offer.serverName === undefined ? "no server name" : `server name ${offer.serverName}`;
  const identity =
    offer.authentication.kind === "psk" ? `, PSK identity "${offer.authentication.identity}"` : "";
  return `TLS ${offer.version}, ${name}, offers ${suites}${identity}`;
}
