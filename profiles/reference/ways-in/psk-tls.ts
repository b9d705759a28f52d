import { once } from "node:events";
import { createServer as createHttpServer, type Server as HttpServer, type IncomingMessage } from "node:http";
import { createServer, type Server, type Socket } from "node:net";
import { Duplex } from "node:stream";
import { type SecureContext, TLSSocket, type TLSSocketOptions, type TlsOptions } from "node:tls";
import type { Application } from "../application/application.ts";
import { type Admission, type Identity, identityOf, type KeyQuery } from "../association.ts";
import type { Log } from "../log.ts";
import type { Policy } from "../policy/policy.ts";
import { toldIdentity } from "../policy/told.ts";
import { type ClientHello, parseClientHello } from "../tls/client-hello.ts";
import { MalformedHandshake } from "../tls/cursor.ts";
import { openEarlyData } from "../tls/early-data.ts";
import { finishedFits } from "../tls/finished.ts";
import { RecordFilter } from "../tls/record-filter.ts";
import type { TlsVersion } from "../tls/versions.ts";
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
import { PskContexts } from "./psk-contexts.ts";
import { HandshakeRefused, type Prepared, PskHandshake } from "./psk-handshake.ts";
import { acceptPskOverOwnTls } from "./psk-own-tls.ts";
import { masterSecret, PskResumption } from "./psk-resumption.ts";

const TOPIC = "uc1.psk-tls";
const MAX_CONNECTIONS = 1_000;
/** setTimeout takes no longer time, milliseconds. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export interface PskTlsParts {
  /** Names of the enabler, each with keys of its own. */
  readonly serverNames: readonly string[];
  /** TLS versions of the configuration. */
  readonly versions: readonly TlsVersion[];
  /** Used only where a policy goes on without a PSK. */
  readonly material: CertificateMaterial;
  readonly policy: Policy;
  readonly application: Application;
  readonly obtain: (query: KeyQuery) => Promise<Admission>;
  readonly log: Log;
}

/** Whose a connection is, and until when (milliseconds since 1970; undefined: no key, no end). */
export interface Session {
  readonly identity: Identity;
  readonly expiresAt: number | undefined;
  readonly link: Link;
  requests: number;
}

/** What a handshake found before it ended. */
interface Shaken {
  readonly hello: ClientHello;
  readonly prepared: Prepared | undefined;
  readonly peer: string;
}

/** Way in uc1.psk-tls: one key proves both ends (TS 33.222 5.4, TS 24.109 5.3; RFC 4279, RFC 8446 4.2.11). */
export class PskTlsWayIn {
  /** The TCP listener; {@link close} ends it with its connections. */
  readonly server: Server;
  readonly #parts: PskTlsParts;
  readonly #http: HttpServer;
  readonly #contexts: PskContexts;
  readonly #resumption: PskResumption;
  readonly #sessions = new WeakMap<object, Session>();
  readonly #sockets = new Set<Socket>();

  constructor(parts: PskTlsParts) {
    this.#parts = parts;
    this.#contexts = new PskContexts(parts);
    this.#resumption = new PskResumption(parts.policy);
    this.#http = createHttpServer(HTTP_OPTIONS);
    answerRequests(this.#http, parts.policy.cutBody, (request) => this.#answer(request));
    this.server = createServer((socket) => {
      this.#sockets.add(socket);
      socket.once("close", () => this.#sockets.delete(socket));
      const { ownTls } = parts.policy;
      if (ownTls === undefined) void this.#accept(socket);
      else {
        acceptPskOverOwnTls(socket, ownTls, parts, {
          serve: (stream, session) => this.#serve(stream, session),
          change: (stream, session) => this.#change(stream, session),
        });
      }
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
    const { recordPath, handshakeBoundMs: boundMs } = this.#parts.policy;
    const filter = recordPath === undefined ? undefined : new RecordFilter(socket, recordPath);
    const gate = new HandshakeGate(filter ?? socket);
    const timer = boundMs === undefined ? undefined : setTimeout(() => gate.destroy(), boundMs);
    try {
      const { tls, session } = await this.#handshake(gate, filter);
      this.#parts.log(TOPIC, `${peer} is ${JSON.stringify(session.identity.btid)}, ${session.link.suite}`);
      this.#serve(tls, session);
      filter?.servedBy((plain) => this.#emit(plain, session));
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

  async #handshake(
    gate: HandshakeGate,
    filter: RecordFilter | undefined,
  ): Promise<{ tls: TLSSocket; session: Session }> {
    const { policy, serverNames, obtain } = this.#parts;
    const message = await gate.clientHello();
    const hello = parseClientHello(message.octets);
    const { peer } = gate;
    const handshake = new PskHandshake(policy, serverNames, hello, (query) => obtain({ ...query, peer }));
    let prepared = hello.offersTls13 ? await handshake.prepareTls13(hello) : undefined;
    const byCertificate = prepared?.kind === "certificate";
    const context = byCertificate ? this.#contexts.withCertificate() : this.#contexts.for(hello.offersTls13);
    const tls = this.#startTls(gate, context, (identity) => keyFor(prepared, identity));
    const finished = secured(tls);
    const master = masterSecret(tls);
    filter?.follow(tls);
    gate.release(message);
    if (!hello.offersTls13) {
      const exchange = await Promise.race([gate.keyExchange(), finished.then(() => undefined)]);
      if (exchange !== undefined) {
        const { identity, suite, message: clientKeyExchange } = exchange;
        const shown = { suite, clientHello: message.octets, clientKeyExchange: clientKeyExchange.octets };
        prepared = await handshake.prepareTls12(identity, suite, {
          tls: gate.isTls12 ? "1.2" : "older",
          proves: async (key) => finishedFits({ ...shown, ...(await gate.finished()) }, key),
        });
        gate.release(exchange.message);
      }
    }
    const held = gate.openWide();
    if (prepared !== undefined && policy.earlyData === "processed") {
      const { key } = prepared.association;
      this.#processEarly(openEarlyData(hello, message.octets, key, held), prepared, peer);
    }
    await finished;
    return { tls, session: await this.#established(tls, master(), { hello, prepared, peer }) };
  }

  /** @throws HandshakeRefused, ConnectionEnded when nobody's key stands behind the connection */
  async #established(tls: TLSSocket, master: string, { hello, prepared, peer }: Shaken): Promise<Session> {
    const { serverName } = hello;
    // OpenSSL calls an external PSK of TLS 1.3 a resumed session; of TLS 1.3 this way in resumes none.
    const resumed = !hello.offersTls13 && tls.isSessionReused();
    const origin = resumed ? this.#resumption.find(master, serverName) : prepared;
    if (typeof origin === "string") {
      this.#parts.log(TOPIC, `${peer}: ${origin}`);
      closeGracefully(tls);
      await once(tls, "close");
      throw new ConnectionEnded();
    }
    const session = this.#session(tls, origin, { peer, serverName, resumed });
    if (!hello.offersTls13 && origin !== undefined)
      this.#resumption.add(master, { prepared: origin, serverName });
    return session;
  }

  /** Of a defect only: what was sent before the handshake acts, whatever becomes of the handshake. */
  #processEarly(octets: Buffer, prepared: Prepared, peer: string): void {
    if (octets.length === 0) return;
    const { association } = prepared;
    const link = {
      tls: "1.3",
      suite: "",
      serverName: undefined,
      peer,
      resumed: false,
      exporter: "",
    } as const;
    const { expiresAt } = association;
    // Nobody hears the answer.
    const plain = new Duplex({ read: () => {}, write: (_chunk, _encoding, done) => done() });
    this.#emit(plain, { identity: identityOf(association), expiresAt, link, requests: 0 });
    plain.push(octets);
  }

  #startTls(
    gate: HandshakeGate,
    secureContext: SecureContext,
    keyOf: (identity: string) => Buffer | null,
  ): TLSSocket {
    const { policy } = this.#parts;
    // Node takes the PSK options of a server here too; its types do not say so.
    const options: TLSSocketOptions & Pick<TlsOptions, "pskCallback" | "pskIdentityHint"> = {
      isServer: true,
      secureContext,
      pskCallback: (_socket, identity) => keyOf(identity),
      ...(policy.pskHint === undefined ? {} : { pskIdentityHint: policy.pskHint }),
    };
    return new TLSSocket(gate, options);
  }

  /** @throws HandshakeRefused when no key stands behind the connection */
  #session(
    tls: TLSSocket,
    prepared: Prepared | undefined,
    seen: Pick<Link, "peer" | "serverName" | "resumed">,
  ): Session {
    const link = this.#parts.policy.linkTold(linkOf(tls, seen));
    if (prepared !== undefined) {
      const { association } = prepared;
      return { identity: identityOf(association), expiresAt: association.expiresAt, link, requests: 0 };
    }
    const identity = this.#parts.policy.identityWithoutPsk;
    if (identity === undefined) throw new HandshakeRefused("a connection without a PSK", 40);
    return { identity, expiresAt: undefined, link, requests: 0 };
  }

  #serve(tls: Duplex, session: Session): void {
    this.#emit(tls, session);
    this.#endAtExpiry(tls, session);
  }

  /** What is asked from now on belongs to another session. */
  #change(tls: Duplex, session: Session): void {
    this.#sessions.set(tls, session);
    this.#endAtExpiry(tls, session);
  }

  #emit(connection: Duplex, session: Session): void {
    this.#sessions.set(connection, session);
    this.#http.emit("connection", connection);
  }

  /** TS 24.109 F.2.1: an expired key is not used any more, in established connections either. */
  #endAtExpiry(tls: Duplex, session: Session): void {
    if (session.expiresAt === undefined) return;
    const { expiresAt } = session;
    const left = Math.max(expiresAt - Date.now(), 1);
    const timer = setTimeout(
      () => {
        if (this.#sessions.get(tls) !== session) return;
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
    const identity = toldIdentity(this.#parts.policy, {
      identity: session.identity,
      wayIn: TOPIC,
      connection: request.socket,
      fresh: session.requests === 1,
      peer: session.link.peer,
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
function closeGracefully(tls: Duplex): void {
  tls.end();
  const timer = setTimeout(() => tls.destroy(), 1_000);
  tls.once("close", () => clearTimeout(timer));
}
