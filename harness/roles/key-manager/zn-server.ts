import { once } from "node:events";
import {
  constants,
  createSecureServer,
  type Http2SecureServer,
  type IncomingHttpHeaders,
  type ServerHttp2Stream,
} from "node:http2";
import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";
import { BOOTSTRAPPING_INFO_PATH, validateRequest } from "../../protocols/nbsp-gba/index.ts";

/** Octets of a request body that are read; a Nbsp_GBA request has some hundred. */
const MAX_REQUEST = 64 * 1024;

export interface ZnAnswerMessage {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

/** What to do with a well-formed key request: an answer, or to leave the stream alone, or to reset it. */
export type ZnReaction = ZnAnswerMessage | "silent" | "reset";

export interface KeyRequest {
  readonly btid: string;
  readonly nafFqdn: string;
  readonly ua: string;
  readonly client: string;
}

export interface ZnServerOptions {
  readonly host: string;
  readonly port: number;
  readonly certificate: string;
  readonly privateKey: string;
  /** PEM of the CAs of the enablers' client certificates. */
  readonly trust: string;
  readonly onRequest: (request: KeyRequest) => ZnReaction;
  /** A request that TS 29.309 does not allow. */
  readonly onMalformed: (problem: string) => void;
}

/**
 * Zn as Nbsp_GBA (TS 29.309): HTTP/2 with JSON over TLS that authenticates both ends.
 * A client without a certificate of the given CAs does not get a TLS connection.
 */
export class ZnServer {
  readonly #options: ZnServerOptions;
  /** Every TCP connection, also those that never became TLS: a listener closes when all of them are gone. */
  readonly #connections = new Set<Socket>();
  #server: Http2SecureServer | undefined;
  #port: number;

  constructor(options: ZnServerOptions) {
    this.#options = options;
    this.#port = options.port;
  }

  get port(): number {
    return this.#port;
  }

  /**
   * Listens, on the same port as before when it was stopped.
   * @throws the socket's error, EADDRINUSE when the port is taken.
   */
  async listen(credentials: { certificate: string; privateKey: string } = this.#options): Promise<void> {
    const server = createSecureServer({
      key: credentials.privateKey,
      cert: credentials.certificate,
      ca: this.#options.trust,
      requestCert: true,
      rejectUnauthorized: true,
      minVersion: "TLSv1.2",
    });
    server.on("connection", (socket: Socket) => {
      this.#connections.add(socket);
      socket.once("close", () => this.#connections.delete(socket));
    });
    server.on("session", (session) => session.on("error", () => undefined));
    server.on("stream", (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => {
      void this.#serve(stream, headers);
    });
    // Refused handshakes are the enabler's business, seen in what it does next.
    server.on("tlsClientError", () => undefined);
    server.listen(this.#port, this.#options.host);
    await once(server, "listening");
    const address = server.address();
    if (typeof address === "object" && address !== null) this.#port = address.port;
    this.#server = server;
  }

  async #serve(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): Promise<void> {
    // Failures of a stream are the enabler's doing, seen in what it does next.
    stream.on("error", () => undefined);
    const reaction = await this.#reactionTo(stream, headers);
    if (reaction === "silent") return;
    if (reaction === "reset") stream.close(constants.NGHTTP2_INTERNAL_ERROR);
    else respond(stream, reaction);
  }

  async #reactionTo(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): Promise<ZnReaction> {
    const { ":path": path, ":method": method } = headers;
    if (method !== "POST" || path !== BOOTSTRAPPING_INFO_PATH) {
      this.#options.onMalformed(`${method} ${path} instead of POST ${BOOTSTRAPPING_INFO_PATH}`);
      return problem(404, "RESOURCE_URI_STRUCTURE_NOT_FOUND");
    }
    const body = await readBody(stream);
    if (body === undefined) {
      this.#options.onMalformed(`a body of more than ${MAX_REQUEST} octets`);
      return problem(413, "PAYLOAD_TOO_LARGE");
    }
    const request = parse(body);
    if (!request.ok) {
      this.#options.onMalformed(request.errors.join("; "));
      return problem(400, "MANDATORY_IE_INCORRECT");
    }
    const { btId, nafId } = request.value;
    return this.#options.onRequest({
      btid: btId,
      nafFqdn: nafId.nafFqdn,
      ua: nafId.uaSecProtId.toLowerCase(),
      client: clientName(stream),
    });
  }

  /** Closes the listener and every connection at once; {@link listen} brings it back. */
  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (server === undefined) return;
    const closed = once(server, "close");
    server.close();
    for (const socket of this.#connections) socket.destroy();
    await closed;
  }
}

export function problem(status: number, cause: string): ZnAnswerMessage {
  return { status, contentType: "application/problem+json", body: JSON.stringify({ status, cause }) };
}

function respond(stream: ServerHttp2Stream, answer: ZnAnswerMessage): void {
  if (stream.destroyed || stream.headersSent) return;
  stream.respond({ ":status": answer.status, "content-type": answer.contentType });
  stream.end(answer.body);
}

/** Undefined when there are more octets than are read; what is left of them is dropped. */
async function readBody(stream: ServerHttp2Stream): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of stream.iterator({ destroyOnReturn: false })) {
      const octets = Buffer.from(chunk);
      length += octets.length;
      if (length > MAX_REQUEST) {
        stream.resume();
        return undefined;
      }
      chunks.push(octets);
    }
  } catch {
    // The enabler went away: an empty body is malformed, and nobody waits for the answer.
  }
  return Buffer.concat(chunks);
}

function parse(body: Buffer): ReturnType<typeof validateRequest> {
  try {
    return validateRequest(JSON.parse(body.toString("utf8")));
  } catch {
    return { ok: false, errors: ["the body is not JSON"] };
  }
}

function clientName(stream: ServerHttp2Stream): string {
  const socket = stream.session?.socket;
  if (!(socket instanceof TLSSocket)) return "";
  const certificate = socket.getPeerCertificate();
  return [certificate.subject?.CN ?? ""].flat().join(", ");
}
