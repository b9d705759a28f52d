import { randomBytes, timingSafeEqual } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server } from "node:http";
import {
  type DigestCredentials,
  digestResponse,
  parseAuthorization,
  rspauth,
  serializeAuthenticationInfo,
  serializeChallenge,
} from "../../protocols/digest/index.ts";
import {
  type BTid,
  deriveKs,
  encodeUbNonce,
  hasProductToken,
  type Ks,
  makeBTid,
  serializeBootstrappingInfo,
  TMPI_TOKEN,
} from "../../protocols/gba/index.ts";
import type { AuthenticationCentre } from "./authentication-centre.ts";
import type { Subscriber } from "./subscriber.ts";
import { TemporaryIdentities } from "./temporary-identities.ts";

/** Challenges that may wait for their answer at the same time; the oldest is forgotten first. */
const MAX_PENDING = 10_000;
const CONTENT_TYPE = "application/vnd.3gpp.bsf+xml";
const SERVER = `seccf-key-manager/1 ${TMPI_TOKEN}`;

/** A bootstrapping that the terminal has completed. */
export interface Bootstrapping {
  readonly btid: BTid;
  readonly ks: Ks;
  readonly rand: Uint8Array;
  readonly subscriber: Subscriber;
  readonly expiry: Date;
}

/** One request on Ub, as the key manager took it. */
export interface UbStep {
  /** IMPI or TMPI, as it was named. */
  readonly named: string;
  readonly kind: "request" | "answer" | "resynchronisation";
  /** HTTP status of the answer. */
  readonly status: number;
}

export interface UbServerOptions {
  /** FQDN of the key manager: realm, and domain of each B-TID. */
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly centre: AuthenticationCentre;
  /** Lifetime of a new key, milliseconds. */
  readonly lifetimeMs: number;
  /** The B-TID of the next bootstrapping of a subscriber; undefined: base64 of RAND, as TS 33.220 4.5.2 has it. */
  readonly chosenBTid?: (subscriber: Subscriber) => BTid | undefined;
  readonly onBootstrapped: (bootstrapping: Bootstrapping) => void;
  readonly onStep?: (subscriber: Subscriber, step: UbStep) => void;
  /** A request that names no subscriber, or none that is known. */
  readonly onRefused?: (status: number, problem: string) => void;
}

interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

interface Pending {
  readonly subscriber: Subscriber;
  readonly rand: Uint8Array;
  readonly xres: Uint8Array;
  readonly ck: Uint8Array;
  readonly ik: Uint8Array;
}

/** Ub of the key manager: HTTP Digest AKAv1-MD5 over plain HTTP (TS 24.109 4, RFC 3310). */
export class UbServer {
  readonly #options: UbServerOptions;
  readonly #server: Server;
  /** By nonce; used once. */
  readonly #pending = new Map<string, Pending>();
  readonly #temporary: TemporaryIdentities;
  #port: number;

  constructor(options: UbServerOptions) {
    this.#options = options;
    this.#port = options.port;
    this.#temporary = new TemporaryIdentities(options.name);
    this.#server = createServer((request, response) => {
      const { status, headers = {}, body = "" } = this.#reply(request);
      response.writeHead(status, headers).end(body);
    });
  }

  get port(): number {
    return this.#port;
  }

  /** @throws the socket's error, EADDRINUSE when the port is taken. */
  async listen(): Promise<void> {
    this.#server.listen(this.#port, this.#options.host);
    await once(this.#server, "listening");
    const address = this.#server.address();
    if (typeof address === "object" && address !== null) this.#port = address.port;
  }

  async close(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = once(this.#server, "close");
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  #reply(request: IncomingMessage): Reply {
    const header = request.headers.authorization;
    const credentials = header === undefined ? undefined : parsed(header);
    if (request.method !== "GET" || credentials?.username === undefined) {
      return this.#refuse(400, "no GET with an Authorization header that names the user (TS 24.109 4.2)");
    }
    const { username: named, nonce = "", auts } = credentials;
    const subscriber = this.#options.centre.find(named) ?? this.#temporary.ownerOf(named);
    if (subscriber === undefined) return this.#refuse(403, `${named} is no subscriber`);
    const reply = this.#serve(subscriber, credentials, request);
    const kind = nonce === "" ? "request" : auts === undefined ? "answer" : "resynchronisation";
    this.#options.onStep?.(subscriber, { named, kind, status: reply.status });
    const knowsTmpi = hasProductToken(request.headers["user-agent"], TMPI_TOKEN);
    return knowsTmpi ? { ...reply, headers: { ...reply.headers, Server: SERVER } } : reply;
  }

  #refuse(status: number, problem: string): Reply {
    this.#options.onRefused?.(status, problem);
    return { status };
  }

  #serve(subscriber: Subscriber, credentials: DigestCredentials, request: IncomingMessage): Reply {
    const { nonce } = credentials;
    if (nonce === undefined || nonce === "") return this.#challenge(subscriber);
    const pending = this.#pending.get(nonce);
    // Used once: a nonce that was played back must not yield a second Ks.
    this.#pending.delete(nonce);
    if (pending === undefined || pending.subscriber !== subscriber) return this.#challenge(subscriber);
    if (credentials.auts !== undefined) return this.#resynchronise(credentials, pending, credentials.auts);
    if (!this.#answers(credentials, pending.xres, request.url ?? "/")) return { status: 403 };
    return this.#complete(credentials, pending, nonce);
  }

  #challenge(subscriber: Subscriber): Reply {
    const { rand, autn, xres, ck, ik } = this.#options.centre.challenge(subscriber);
    const nonce = encodeUbNonce(rand, autn);
    if (this.#pending.size >= MAX_PENDING) {
      const [oldest] = this.#pending.keys();
      if (oldest !== undefined) this.#pending.delete(oldest);
    }
    this.#pending.set(nonce, { subscriber, rand, xres, ck, ik });
    const challenge = serializeChallenge({
      realm: this.#options.name,
      nonce,
      algorithm: "AKAv1-MD5",
      qop: "auth-int",
      opaque: randomBytes(8).toString("hex"),
    });
    return { status: 401, headers: { "WWW-Authenticate": challenge } };
  }

  /** RFC 3310 3.4: the response of a resynchronisation is computed with an empty password. */
  #resynchronise(credentials: DigestCredentials, { subscriber, rand }: Pending, auts: string): Reply {
    if (!this.#answers(credentials, new Uint8Array(), "/")) return { status: 403 };
    const accepted = this.#options.centre.resynchronise(subscriber, rand, Buffer.from(auts, "base64"));
    return accepted ? this.#challenge(subscriber) : { status: 403 };
  }

  #answers(credentials: DigestCredentials, password: Uint8Array, uri: string): boolean {
    const { username, nonce, nc, cnonce, response } = credentials;
    if (username === undefined || nonce === undefined || nc === undefined || cnonce === undefined)
      return false;
    if (credentials.qop !== "auth-int" || credentials.uri !== uri || response === undefined) return false;
    const right = digestResponse({
      algorithm: "AKAv1-MD5",
      username,
      realm: this.#options.name,
      password,
      nonce,
      method: "GET",
      uri,
      qop: "auth-int",
      nc,
      cnonce,
      body: "",
    });
    // Octets are compared: a header value may hold characters that are more than one.
    const [theirs, ours] = [Buffer.from(response), Buffer.from(right)];
    return theirs.length === ours.length && timingSafeEqual(theirs, ours);
  }

  #complete(credentials: DigestCredentials, pending: Pending, nonce: string): Reply {
    const { subscriber, rand, ck, ik } = pending;
    const btid = this.#options.chosenBTid?.(subscriber) ?? makeBTid(rand, this.#options.name);
    // The resolution of an expiry on the wire is a second.
    const expiry = new Date(Math.ceil((Date.now() + this.#options.lifetimeMs) / 1000) * 1000);
    const bootstrapping = { btid, ks: deriveKs(ck, ik), rand, subscriber, expiry };
    this.#temporary.give(bootstrapping);
    this.#options.onBootstrapped(bootstrapping);
    const body = serializeBootstrappingInfo({ btid, lifetime: expiry });
    const { username = "", nc = "", cnonce = "", uri = "/" } = credentials;
    const realm = this.#options.name;
    const digest = { username, realm, nonce, uri, qop: "auth-int", nc, cnonce, body } as const;
    const proof = rspauth({ ...digest, algorithm: "AKAv1-MD5", password: pending.xres });
    return {
      status: 200,
      headers: {
        "Authentication-Info": serializeAuthenticationInfo({ qop: "auth-int", rspauth: proof, cnonce, nc }),
        "Content-Type": CONTENT_TYPE,
        Expires: expiry.toUTCString(),
      },
      body,
    };
  }
}

function parsed(header: string): DigestCredentials | undefined {
  try {
    return parseAuthorization(header);
  } catch {
    return undefined;
  }
}
