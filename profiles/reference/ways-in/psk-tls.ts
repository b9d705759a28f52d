import { constants } from "node:crypto";
import { createServer as createHttpServer, type Server as HttpServer, type IncomingMessage } from "node:http";
import { createServer, type Server, type Socket } from "node:net";
import {
  createSecureContext,
  type SecureContext,
  TLSSocket,
  type TLSSocketOptions,
  type TlsOptions,
} from "node:tls";
import type { Application } from "../application/application.ts";
import { type Admission, type Identity, identityOf, type KeyQuery } from "../association.ts";
import type { Log } from "../log.ts";
import type { Policy } from "../policy/policy.ts";
import { parseClientHello } from "../tls/client-hello.ts";
import { MalformedHandshake } from "../tls/cursor.ts";
import { cipherString } from "../tls/suites.ts";
import { ConnectionEnded, HandshakeGate } from "./handshake-gate.ts";
import {
  answerRequests,
  HTTP_OPTIONS,
  intendedIdentity,
  pathOf,
  type WireResponse,
} from "./http-exchange.ts";
import type { CertificateMaterial } from "./https-digest.ts";
import { type Link, linkOf } from "./link.ts";
import { HandshakeRefused, type Prepared, PskHandshake } from "./psk-handshake.ts";

const TOPIC = "uc1.psk-tls";
const MAX_CONNECTIONS = 1_000;
/** setTimeout takes no longer time, milliseconds. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export interface PskTlsParts {
  readonly serverName: string;
  /** Used only where a policy goes on without a PSK. */
  readonly material: CertificateMaterial;
  readonly policy: Policy;
  readonly application: Application;
  readonly obtain: (query: KeyQuery) => Promise<Admission>;
  readonly log: Log;
}

/** Whose a connection is, and until when (milliseconds since 1970; undefined: no key, no end). */
interface Session {
  readonly identity: Identity;
  readonly expiresAt: number | undefined;
  readonly link: Link;
  requests: number;
}

/** Way in uc1.psk-tls: one key proves both ends (TS 33.222 5.4, TS 24.109 5.3; RFC 4279, RFC 8446 4.2.11). */
export class PskTlsWayIn {
  /** The TCP listener; {@link close} ends it with its connections. */
  readonly server: Server;
  readonly #parts: PskTlsParts;
  readonly #http: HttpServer;
  readonly #context: SecureContext;
  readonly #sessions = new WeakMap<object, Session>();
  readonly #sockets = new Set<Socket>();

  constructor(parts: PskTlsParts) {
    this.#parts = parts;
    this.#context = pskContext(parts.policy);
    this.#http = createHttpServer(HTTP_OPTIONS);
    answerRequests(this.#http, (request) => this.#answer(request));
    this.server = createServer((socket) => {
      this.#sockets.add(socket);
      socket.once("close", () => this.#sockets.delete(socket));
      void this.#accept(socket);
    });
    this.server.maxConnections = MAX_CONNECTIONS;
  }

  close(): void {
    this.server.close();
    this.#http.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  async #accept(socket: Socket): Promise<void> {
    const peer = `${socket.remoteAddress}:${socket.remotePort}`;
    const gate = new HandshakeGate(socket);
    const boundMs = this.#parts.policy.handshakeBoundMs;
    const timer = boundMs === undefined ? undefined : setTimeout(() => gate.destroy(), boundMs);
    try {
      const { tls, session } = await this.#handshake(gate);
      this.#parts.log(TOPIC, `${peer} is ${JSON.stringify(session.identity.btid)}, ${session.link.suite}`);
      this.#serve(tls, session);
    } catch (error) {
      if (error instanceof ConnectionEnded) gate.destroy();
      else this.#refuse(gate, peer, error);
    } finally {
      clearTimeout(timer);
    }
  }

  #refuse(gate: HandshakeGate, peer: string, error: unknown): void {
    const text = error instanceof Error ? error.message : String(error);
    this.#parts.log(TOPIC, `${peer} refused: ${text}`);
    if (error instanceof HandshakeRefused || error instanceof MalformedHandshake) gate.refuse(error.alert);
    else gate.destroy();
  }

  async #handshake(gate: HandshakeGate): Promise<{ tls: TLSSocket; session: Session }> {
    const { policy, serverName, obtain } = this.#parts;
    const message = await gate.clientHello();
    const hello = parseClientHello(message.octets);
    const handshake = new PskHandshake(policy, serverName, hello, obtain);
    let prepared = hello.offersTls13 ? await handshake.prepareTls13(hello) : undefined;
    const tls = this.#startTls(gate, prepared?.kind, (identity) => keyFor(prepared, identity));
    const finished = secured(tls);
    gate.release(message);
    if (!hello.offersTls13) {
      const exchange = await Promise.race([gate.keyExchange(), finished.then(() => undefined)]);
      if (exchange !== undefined) {
        prepared = await handshake.prepareTls12(exchange.identity, exchange.suite);
        gate.release(exchange.message);
      }
    }
    gate.openWide();
    await finished;
    return { tls, session: this.#session(tls, prepared) };
  }

  #startTls(
    gate: HandshakeGate,
    kind: Prepared["kind"] | undefined,
    keyOf: (identity: string) => Buffer | null,
  ): TLSSocket {
    const { policy, material } = this.#parts;
    // Node takes the PSK options of a server here too; its types do not say so.
    const options: TLSSocketOptions & Pick<TlsOptions, "pskCallback" | "pskIdentityHint"> = {
      isServer: true,
      secureContext: kind === "certificate" ? pskContext(policy, material) : this.#context,
      pskCallback: (_socket, identity) => keyOf(identity),
      ...(policy.pskHint === undefined ? {} : { pskIdentityHint: policy.pskHint }),
    };
    return new TLSSocket(gate, options);
  }

  /** @throws HandshakeRefused when no key stands behind the connection */
  #session(tls: TLSSocket, prepared: Prepared | undefined): Session {
    const link = linkOf(tls);
    if (prepared !== undefined) {
      const { association } = prepared;
      return { identity: identityOf(association), expiresAt: association.expiresAt, link, requests: 0 };
    }
    const identity = this.#parts.policy.identityWithoutPsk;
    if (identity === undefined) throw new HandshakeRefused("a connection without a PSK", 40);
    return { identity, expiresAt: undefined, link, requests: 0 };
  }

  #serve(tls: TLSSocket, session: Session): void {
    this.#sessions.set(tls, session);
    this.#endAtExpiry(tls, session);
    this.#http.emit("connection", tls);
  }

  /** TS 24.109 F.2.1: an expired key is not used any more, in established connections either. */
  #endAtExpiry(tls: TLSSocket, session: Session): void {
    if (session.expiresAt === undefined) return;
    const { expiresAt } = session;
    const left = Math.max(expiresAt - Date.now(), 1);
    const timer = setTimeout(
      () => {
        if (this.#expired(session)) closeGracefully(tls);
        // The longest timer may be too short, and any may fire a moment before the wall clock is there.
        else if (Date.now() < expiresAt) this.#endAtExpiry(tls, session);
      },
      Math.min(left, LONGEST_TIMER_MS),
    );
    tls.once("close", () => clearTimeout(timer));
  }

  #expired({ expiresAt }: Session): boolean {
    if (expiresAt === undefined) return false;
    return this.#parts.policy.hasExpired(expiresAt, Date.now(), TOPIC, "later");
  }

  async #answer(request: IncomingMessage): Promise<WireResponse | undefined> {
    const session = this.#sessions.get(request.socket);
    if (session === undefined || this.#expired(session)) return undefined;
    session.requests += 1;
    const identity = this.#parts.policy.identityTold({
      identity: session.identity,
      wayIn: TOPIC,
      connection: request.socket,
      fresh: session.requests === 1,
      intended: intendedIdentity(request),
    });
    this.#parts.log(
      TOPIC,
      `${request.method} ${JSON.stringify(request.url)} by ${JSON.stringify(identity.btid)}`,
    );
    return this.#parts.application.answer({
      method: request.method ?? "",
      path: pathOf(request),
      identity,
      link: session.link,
    });
  }
}

/** The context has no certificate, so without a PSK there is nothing that OpenSSL could go on with. */
function pskContext(policy: Policy, material?: CertificateMaterial): SecureContext {
  return createSecureContext({
    minVersion: "TLSv1.2",
    maxVersion: "TLSv1.3",
    ciphers: cipherString(policy.pskSuites),
    honorCipherOrder: true,
    dhparam: "auto",
    // No resumption and no second handshake: either would outlive the key or change NAF_Id (TS 33.220 H.3).
    secureOptions: constants.SSL_OP_NO_TICKET | constants.SSL_OP_NO_RENEGOTIATION,
    ...(material === undefined ? {} : { cert: material.certificate, key: material.privateKey }),
  });
}

/** OpenSSL gets the key for the identity that was looked up, octet by octet, and for no other. */
function keyFor(prepared: Prepared | undefined, identity: string): Buffer | null {
  if (prepared?.kind !== "key" || prepared.identity !== identity) return null;
  return prepared.association.key;
}

/** Resolves after both Finished messages were verified. */
function secured(tls: TLSSocket): Promise<void> {
  const finished = new Promise<void>((resolve, reject) => {
    tls.once("secure", resolve);
    // Stays for the life of the connection: what breaks it later ends it, nothing more.
    tls.on("error", (error) => reject(new Error(`handshake failed: ${error.message}`)));
    tls.once("close", () => reject(new ConnectionEnded()));
  });
  finished.catch(() => {});
  return finished;
}

/** close_notify first (RFC 8446 6.1); a peer that does not answer it is not waited for. */
function closeGracefully(tls: TLSSocket): void {
  tls.end();
  const timer = setTimeout(() => tls.destroy(), 1_000);
  tls.once("close", () => clearTimeout(timer));
}
