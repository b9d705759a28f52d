import { createHmac, randomBytes } from "node:crypto";
import { once } from "node:events";
import {
  createSecureServer,
  createServer,
  type Http2Server,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from "node:http2";
import type { AddressInfo, Socket } from "node:net";
import type { Issued } from "./certificates.ts";

/** A bootstrapping that the key manager knows, and how it answers for it. */
export interface Bootstrapping {
  readonly btid: string;
  readonly impi: string | undefined;
  /** Stands for Ks: each NAF_Id has another key under it. */
  readonly secret: Buffer;
  answer: { status: number; body?: object | string; contentType?: string } | "silent" | "key";
  expiresAt: number;
  /** Given as user security settings. */
  publicIdentities?: readonly string[];
  /** The answer waits for this. */
  held?: Promise<void>;
}

export interface Question {
  readonly btId: string;
  readonly nafFqdn: string;
  readonly uaSecProtId: string;
}

/** A key manager that is just enough for the enabler: Nbsp_GBA over HTTP/2 and mutually authenticated TLS. */
export class StubKeyManager {
  readonly questions: Question[] = [];
  /** Connections that were ever made. */
  connections = 0;
  /** Called when a question has come in, before it is answered. */
  onQuestion: (() => void) | undefined;
  readonly #name: string;
  readonly #trust: string;
  readonly #known = new Map<string, Bootstrapping>();
  readonly #sessions = new Set<ServerHttp2Session>();
  /** A connection of TCP may outlive the session on it. */
  readonly #sockets = new Set<Socket>();
  #server: Http2Server | undefined;
  #port = 0;

  /** `trust`: PEM of the authority that issued the enabler's client certificate. */
  constructor(name: string, trust: string) {
    this.#name = name;
    this.#trust = trust;
  }

  /** Of its own place. */
  get port(): number {
    return this.#port;
  }

  get url(): string {
    return `https://127.0.0.1:${this.#port}`;
  }

  /** Listens with this certificate, or without TLS; on the same port when it comes back. */
  async start(shown: Issued | "unprotected"): Promise<void> {
    this.#port = await this.#listen(shown, this.#port);
  }

  /** Leaves its place: ends every connection, and listens on another port until it is stopped. @returns where */
  async standAside(shown: Issued): Promise<{ readonly host: string; readonly port: number }> {
    await this.stop();
    return { host: "127.0.0.1", port: await this.#listen(shown, 0) };
  }

  async #listen(shown: Issued | "unprotected", port: number): Promise<number> {
    const server = shown === "unprotected" ? createServer() : this.#secureServer(shown);
    server.on("session", (session) => {
      this.connections += 1;
      this.#sessions.add(session);
      session.once("close", () => this.#sessions.delete(session));
    });
    server.on("connection", (socket: Socket) => {
      this.#sockets.add(socket);
      socket.once("close", () => this.#sockets.delete(socket));
    });
    // The types say Http2Stream; a server gets the streams that it can respond to.
    server.on(
      "stream",
      (stream, headers) => void this.#answer(stream as ServerHttp2Stream, String(headers[":path"])),
    );
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
    this.#server = server;
    // address() of a listening TCP server is an AddressInfo.
    return (server.address() as AddressInfo).port;
  }

  #secureServer({ certificate, privateKey }: Issued): Http2Server {
    return createSecureServer({
      cert: certificate,
      key: privateKey,
      ca: this.#trust,
      requestCert: true,
      rejectUnauthorized: true,
    });
  }

  async stop(): Promise<void> {
    const server = this.#server;
    if (server === undefined) return;
    this.#server = undefined;
    const closed = once(server, "close");
    server.close();
    for (const session of this.#sessions) session.destroy();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  bootstrap(impi?: string, btid = `${randomBytes(16).toString("base64")}@${this.#name}`): Bootstrapping {
    const bootstrapping: Bootstrapping = {
      btid,
      impi,
      secret: randomBytes(32),
      answer: "key",
      expiresAt: Date.now() + 3_600_000,
    };
    this.#known.set(bootstrapping.btid, bootstrapping);
    return bootstrapping;
  }

  async #answer(stream: ServerHttp2Stream, path: string): Promise<void> {
    stream.on("error", () => {}); // the enabler may have given up
    const chunks: Buffer[] = [];
    for await (const chunk of stream) chunks.push(chunk);
    const { btId, nafId } = JSON.parse(Buffer.concat(chunks).toString());
    this.questions.push({ btId, ...nafId });
    const known = this.#known.get(btId);
    this.onQuestion?.();
    await known?.held;
    if (path !== "/nbsp-gba/v1/bootstrapping-info-retrieval" || known === undefined) {
      stream.respond({ ":status": 404 }, { endStream: true });
      return;
    }
    if (known.answer === "silent") return;
    const answer = known.answer === "key" ? { status: 200, body: keyOf(known, nafId) } : known.answer;
    const body = typeof answer.body === "string" ? answer.body : JSON.stringify(answer.body ?? {});
    stream.respond({
      ":status": answer.status,
      "content-type": answer.contentType ?? "application/json",
    });
    stream.end(body);
  }
}

function keyOf(known: Bootstrapping, nafId: { nafFqdn: string; uaSecProtId: string }): object {
  return {
    meKeyMaterial: deriveKey(known, nafId.nafFqdn, nafId.uaSecProtId).toString("hex"),
    keyExpiryTime: new Date(known.expiresAt).toISOString(),
    ...(known.impi === undefined ? {} : { impi: known.impi }),
    ...(known.publicIdentities === undefined ? {} : { ussList: [settings(known.publicIdentities)] }),
  };
}

function settings(publicIdentities: readonly string[]): object {
  return { uss: { gsId: 0, gsType: 0, ueIds: publicIdentities.map((ueId) => ({ ueId })) } };
}

/** The answer to one question with these two keys. */
export const answerWithUiccKey = (key: Buffer, uiccKey: Buffer) => ({
  status: 200,
  body: {
    meKeyMaterial: key.toString("hex"),
    uiccKeyMaterial: uiccKey.toString("hex"),
    keyExpiryTime: "2999-12-31T23:59:59Z",
  },
});

/** Stands for the derivation of TS 33.220 annex B: both ends of the test have the same. */
export function deriveKey({ secret }: Bootstrapping, nafFqdn: string, ua: string): Buffer {
  return createHmac("sha256", secret).update(`${nafFqdn}|${ua}`).digest();
}
