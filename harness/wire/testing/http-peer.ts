import type { Socket } from "node:net";
import { onTestFinished } from "vitest";
import { HttpConnection, type HttpOutcome } from "../http-connection.ts";
import type { HttpResponse } from "../http-message.ts";
import type { Ending } from "../observer.ts";
import { connectTcp } from "../tcp.ts";
import { type Listener, listenTcp } from "./loopback.ts";
import { Recorder } from "./recorder.ts";

const LONG = 10_000;
/** A bound that is waited for. */
export const SHORT = 80;
export const GET = { method: "GET", target: "/resource?q=1", headers: [["Host", "naf.example"]] } as const;
export const CHUNKED = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

/** A whole response with this body. */
export const page = (body: string) => `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`;

interface Peer extends Listener {
  readonly connection: HttpConnection;
  /** The client's end. */
  readonly socket: Socket;
  readonly observer: Recorder;
  /** What the server received so far. */
  readonly received: () => string;
}

/** A connection to a server that answers the n-th request with `answers[n]`, octet by octet as it stands there. */
export async function peer(
  answers: readonly (string | ((socket: Socket) => void))[],
  { responseMs = LONG, host = "127.0.0.1" } = {},
): Promise<Peer> {
  const requests: string[] = [];
  const listener = await listenTcp((socket) => {
    socket.setEncoding("latin1").on("data", (text) => {
      const answer = answers[requests.length];
      requests.push(String(text));
      if (typeof answer === "function") answer(socket);
      else if (answer !== undefined) socket.write(answer, "latin1");
    });
  }, host);
  const tcp = await connectTcp(listener.at, LONG);
  if (!tcp.ok) throw new Error(JSON.stringify(tcp.ending));
  const observer = new Recorder();
  const connection = new HttpConnection({
    socket: tcp.socket,
    responseMs,
    observer,
    from: "terminal",
    to: "enabler",
  });
  onTestFinished(() => connection.close());
  return { ...listener, connection, socket: tcp.socket, observer, received: () => requests.join("") };
}

export function response(outcome: HttpOutcome): HttpResponse {
  if (!outcome.ok) throw new Error(`no response: ${JSON.stringify(outcome.ending)}`);
  return outcome.response;
}

export function ending(outcome: HttpOutcome): Ending {
  if (outcome.ok) throw new Error(`a response: ${outcome.response.status}`);
  return outcome.ending;
}
