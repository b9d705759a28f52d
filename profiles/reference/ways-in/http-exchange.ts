import type { IncomingMessage, Server, ServerOptions, ServerResponse } from "node:http";
import type { Policy } from "../policy/policy.ts";

/** A response before it is sent. */
export interface WireResponse {
  readonly status: number;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Buffer;
}

const MAX_BODY = 65_536;

/** Bounds of every HTTP listener: a peer that stops talking is not waited for. */
export const HTTP_OPTIONS: ServerOptions = {
  headersTimeout: 10_000,
  requestTimeout: 20_000,
  keepAliveTimeout: 60_000,
  connectionsCheckingInterval: 1_000,
  maxHeaderSize: 16_384,
};
/** Longest silence on a connection, milliseconds. */
const IDLE_MS = 120_000;

/** Request target without its query. */
export function pathOf(request: IncomingMessage): string {
  return (request.url ?? "").split("?")[0] ?? "";
}

/** Value of X-3GPP-Intended-Identity without its quotation marks (TS 24.109 7.2). */
export function intendedIdentity(request: IncomingMessage): string | undefined {
  return request.headersDistinct["x-3gpp-intended-identity"]?.[0]?.replace(/^"|"$/g, "");
}

/**
 * Answers each request of a server once its body is there, at most 64 KiB (RFC 9110 15.5.14). A handler that
 * resolves with undefined closes the connection without an answer.
 */
export function answerRequests(
  server: Server,
  cutBody: Policy["cutBody"],
  handler: (request: IncomingMessage, body: Buffer) => Promise<WireResponse | undefined>,
): void {
  server.setTimeout(IDLE_MS);
  server.on("clientError", (_error, socket) => socket.destroy());
  server.on("request", (request: IncomingMessage, response: ServerResponse) => {
    void respond(request, response, cutBody, handler).catch(() => request.destroy());
  });
}

async function respond(
  request: IncomingMessage,
  response: ServerResponse,
  cutBody: Policy["cutBody"],
  handler: (request: IncomingMessage, body: Buffer) => Promise<WireResponse | undefined>,
): Promise<void> {
  const body = await readBody(request, cutBody);
  if (body === "too-large") {
    response.writeHead(413, { Connection: "close", "Content-Length": 0 }).end();
    return;
  }
  const answer = await handler(request, body);
  if (answer === undefined) {
    request.socket.end();
    return;
  }
  const headers = answer.headers.flat();
  response.writeHead(answer.status, [...headers, "Content-Length", String(answer.body.length)]);
  response.end(answer.body);
}

/** @throws Error when the request ends before its body does, and what there is of it is dropped */
function readBody(request: IncomingMessage, cutBody: Policy["cutBody"]): Promise<Buffer | "too-large"> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    request.on("data", (chunk: Buffer) => {
      length += chunk.length;
      if (length > MAX_BODY) resolve("too-large");
      else chunks.push(chunk);
    });
    const whole = () => resolve(Buffer.concat(chunks));
    request.on("end", whole);
    if (cutBody === "processed") {
      request.on("error", whole);
      request.on("close", whole);
    }
    request.on("error", reject);
    request.on("close", () => reject(new Error("the request was cut")));
  });
}
