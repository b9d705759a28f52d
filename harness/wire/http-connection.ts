import type { Socket } from "node:net";
import { Readable } from "node:stream";
import { Client, errors } from "undici";
import { endingOfError } from "./ending.ts";
import { type HttpRequest, type HttpResponse, MAX_BODY, MAX_HEADERS } from "./http-message.ts";
import type { Ending, Observer, Party } from "./observer.ts";

export type HttpOutcome =
  | { readonly ok: true; readonly response: HttpResponse }
  | { readonly ok: false; readonly ending: Ending };

export interface HttpConnectionOptions {
  /** A connected stream; TLS already done. */
  readonly socket: Socket;
  /** Whole response, from the request's last octet: milliseconds. */
  readonly responseMs: number;
  readonly observer: Observer;
  readonly from: Party;
  readonly to: Party;
}

/** Longest that an idle connection is kept: milliseconds. Longer than any case waits. */
const KEEP_ALIVE_MS = 600_000;

/** undici wants an origin; the connection exists already and each request carries its own Host. */
const PLACEHOLDER_ORIGIN = "http://peer.invalid";

/**
 * HTTP/1.1 over exactly one connection: it never reconnects, so what is asked here is asked on this
 * connection or fails. undici parses; its limits and a deadline for the whole response bound the peer.
 */
export class HttpConnection {
  readonly #client: Client;
  readonly #options: HttpConnectionOptions;
  #handedOut = false;

  constructor(options: HttpConnectionOptions) {
    this.#options = options;
    this.#client = new Client(PLACEHOLDER_ORIGIN, {
      connect: (_origin, callback) => {
        const closed = this.#handedOut || options.socket.destroyed;
        this.#handedOut = true;
        // undici is only ready for the answer after this call has returned.
        setImmediate(() => {
          if (closed) callback(new Error("connection closed"), null);
          else callback(null, options.socket);
        });
      },
      pipelining: 1,
      maxHeaderSize: MAX_HEADERS,
      maxResponseSize: MAX_BODY,
      headersTimeout: options.responseMs,
      bodyTimeout: options.responseMs,
      keepAliveTimeout: KEEP_ALIVE_MS,
      keepAliveMaxTimeout: KEEP_ALIVE_MS,
      // undici would close just before a Keep-Alive header of the peer says: who ends an idle connection is judged
      // when a key expires, so it must not be this side.
      keepAliveTimeoutThreshold: -KEEP_ALIVE_MS,
    });
  }

  /** Sends one request and reads its response within the bound. Never throws. */
  async exchange(request: HttpRequest): Promise<HttpOutcome> {
    const { observer, from, to, responseMs } = this.#options;
    observer.event({
      kind: "http",
      from,
      to,
      startLine: `${request.method} ${request.target} HTTP/1.1`,
      headers: request.headers,
      body: request.body === undefined ? "" : Buffer.from(request.body).toString("latin1"),
    });
    try {
      const response = await this.#send(request, AbortSignal.timeout(responseMs));
      observer.event({
        kind: "http",
        from: to,
        to: from,
        startLine: `HTTP/1.1 ${response.status}`,
        headers: response.headers,
        body: response.body.toString("utf8"),
      });
      return { ok: true, response };
    } catch (error) {
      const ending = this.#endingOf(error);
      observer.event({ kind: "ending", from: to, to: from, ending });
      // What could still arrive belongs to no request: the connection is of no further use.
      this.#options.socket.destroy();
      return { ok: false, ending };
    }
  }

  async #send(request: HttpRequest, signal: AbortSignal): Promise<HttpResponse> {
    const reply = await this.#client.request({
      method: request.method,
      path: request.target,
      headers: request.headers.flat(),
      body: request.chunked === true ? inTwoChunks(request.body ?? "") : (request.body ?? null),
      responseHeaders: "raw",
      // undici would ask the peer to close after HEAD, and after GET or DELETE with a body.
      reset: false,
      // Otherwise undici holds what follows in a flight back until the answer is there.
      blocking: false,
      signal,
    });
    const body = Buffer.from(await reply.body.arrayBuffer());
    // Trailers count as header fields: Authentication-Info may stand there (RFC 7615 4).
    const headers = [...pairs(reply.headers), ...pairs(reply.trailers)];
    return { status: reply.statusCode, headers, body };
  }

  /** Sends requests without waiting for answers (RFC 9112 9.3.2); outcomes in the order of the requests. Never throws. */
  async pipeline(requests: readonly HttpRequest[]): Promise<readonly HttpOutcome[]> {
    const before = this.#client.pipelining;
    this.#client.pipelining = requests.length;
    try {
      return await Promise.all(requests.map((request) => this.exchange(request)));
    } finally {
      this.#client.pipelining = before;
    }
  }

  #endingOf(error: unknown): Ending {
    const name = error instanceof Error ? error.name : "";
    if (["TimeoutError", "HeadersTimeoutError", "BodyTimeoutError"].includes(name)) {
      return { kind: "timeout", ms: this.#options.responseMs };
    }
    if (error instanceof errors.InvalidArgumentError) {
      return { kind: "given-up", text: `the request cannot be sent: ${error.message}` };
    }
    if (error instanceof Error && error.message === "connection closed") return { kind: "closed" };
    return endingOfError(error);
  }

  async close(): Promise<void> {
    await this.#client.destroy();
    this.#options.socket.destroy();
  }
}

/** A body whose length undici does not know is sent with transfer coding chunked. */
function inTwoChunks(body: string | Uint8Array): Readable {
  const octets = Buffer.from(body);
  const middle = Math.ceil(octets.length / 2);
  const chunks = [octets.subarray(0, middle), octets.subarray(middle)];
  return Readable.from(chunks.filter(({ length }) => length > 0));
}

/** undici gives raw fields as a flat list or, for trailers, as an object: both become pairs. */
function pairs(fields: unknown): (readonly [string, string])[] {
  if (Array.isArray(fields)) {
    const result: (readonly [string, string])[] = [];
    for (let i = 0; i + 1 < fields.length; i += 2) {
      result.push([String(fields[i]), withoutEnd(String(fields[i + 1]))]);
    }
    return result;
  }
  if (typeof fields !== "object" || fields === null) return [];
  return Object.entries(fields).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value]).map((one) => [name, String(one)] as const),
  );
}

/** White space behind a value is no part of it (RFC 9110 5.5); undici leaves it there. */
function withoutEnd(value: string): string {
  let end = value.length;
  while (end > 0 && " \t".includes(value.charAt(end - 1))) end -= 1;
  return value.slice(0, end);
}
