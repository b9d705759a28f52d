import { createServer as createHttp1Server, type IncomingMessage, type ServerResponse } from "node:http";
import {
  constants,
  createSecureServer,
  createServer,
  type Http2Server,
  type IncomingHttpHeaders,
  type ServerHttp2Stream,
} from "node:http2";
import type { Readable } from "node:stream";
import { BOOTSTRAPPING_INFO_PATH, validateRequest } from "../../protocols/nbsp-gba/index.ts";
import type { Destination } from "../../wire/secure-client.ts";
import { clientName } from "./client-certificate.ts";
import { type HttpAnswer, nbspGbaAnswer, problem } from "./nbsp-gba-answers.ts";
import { ReturningListener } from "./returning-listener.ts";
import { unprotectedHttp } from "./unprotected-http.ts";
import type { ZnCredentials, ZnListener, ZnListenerOptions, ZnListening } from "./zn-reaction.ts";

/** Octets of a request body that are read; a Nbsp_GBA request has some hundred. */
const MAX_REQUEST = 64 * 1024;

/**
 * Zn as Nbsp_GBA (TS 29.309): HTTP/2 with JSON over TLS that authenticates both ends.
 * A client without a certificate of the given CAs does not get a TLS connection.
 */
export class ZnServer implements ZnListener {
  readonly #options: ZnListenerOptions;
  readonly #listener: ReturningListener;

  constructor(options: ZnListenerOptions) {
    this.#options = options;
    this.#listener = new ReturningListener(options.host, options.port);
  }

  get port(): number {
    return this.#listener.port;
  }

  async listen({ credentials = this.#options, at, onSecret }: ZnListening = {}): Promise<Destination> {
    const http2 = credentials === "unprotected" ? createServer() : this.#secureServer(credentials);
    if (onSecret !== undefined) http2.on("keylog", (line: Buffer) => onSecret(line.toString("latin1")));
    http2.on("session", (session) => session.on("error", () => undefined));
    http2.on("stream", (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => {
      void this.#serve(stream, headers);
    });
    const http1 = createHttp1Server((request, response) => void this.#serveHttp1(request, response));
    const server = credentials === "unprotected" ? unprotectedHttp(http2, http1) : http2;
    return this.#listener.listen(server, at);
  }

  #secureServer(credentials: Exclude<ZnCredentials, "unprotected">): Http2Server {
    const server = createSecureServer({
      key: credentials.privateKey,
      cert: credentials.certificate,
      ca: this.#options.trust,
      requestCert: true,
      rejectUnauthorized: true,
      minVersion: "TLSv1.2",
    });
    // Refused handshakes are the enabler's business, seen in what it does next.
    server.on("tlsClientError", (error) => this.#options.onRefused?.(error.message));
    return server;
  }

  async #serve(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): Promise<void> {
    // Failures of a stream are the enabler's doing, seen in what it does next.
    stream.on("error", () => undefined);
    const { ":path": path, ":method": method } = headers;
    // An HTTP/2 session hides its socket behind a proxy that passes for one.
    const client = clientName(stream.session?.socket);
    const reaction = await this.#reactionTo(stream, { method, path, client });
    if (reaction === "silent") return;
    if (reaction === "reset") stream.close(constants.NGHTTP2_INTERNAL_ERROR);
    else respond(stream, reaction);
  }

  /** A request that came in clear and over HTTP/1.1, which TS 29.309 knows as little as the one without TLS. */
  async #serveHttp1(request: IncomingMessage, response: ServerResponse): Promise<void> {
    request.on("error", () => undefined);
    response.on("error", () => undefined);
    const { method, url: path } = request;
    const reaction = await this.#reactionTo(request, { method, path, client: "" });
    if (reaction === "silent") return;
    if (reaction === "reset") request.socket.destroy();
    else response.writeHead(reaction.status, { "content-type": reaction.contentType }).end(reaction.body);
  }

  async #reactionTo(
    stream: Readable,
    { method, path, client }: { method: string | undefined; path: string | undefined; client: string },
  ): Promise<HttpAnswer | "silent" | "reset"> {
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
    const reaction = await this.#options.onRequest({
      btid: btId,
      nafFqdn: nafId.nafFqdn,
      ua: nafId.uaSecProtId.toLowerCase(),
      client,
    });
    return nbspGbaAnswer(reaction);
  }

  stop(): Promise<void> {
    return this.#listener.stop();
  }
}

function respond(stream: ServerHttp2Stream, answer: HttpAnswer): void {
  if (stream.destroyed || stream.headersSent) return;
  stream.respond({ ":status": answer.status, "content-type": answer.contentType });
  stream.end(answer.body);
}

/** Undefined when there are more octets than are read; what is left of them is dropped. */
async function readBody(stream: Readable): Promise<Buffer | undefined> {
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
    // RFC 8259 8.1: JSON is UTF-8. Octets that are not must not become a name that somebody has.
    return validateRequest(JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body)));
  } catch {
    return { ok: false, errors: ["the body is not JSON"] };
  }
}
