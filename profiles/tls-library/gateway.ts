import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { createInterface } from "node:readline";
import { TLS_VERSIONS } from "../reference/tls/versions.ts";
import type { Link } from "../reference/ways-in/link.ts";

/** More than the longest line of gateway.h. */
const MAX_LINE = 4_096;

/** What a terminal names in its handshake. */
export interface Named {
  /** Octets in hex; "-": none. */
  readonly identity: string;
  /** Undefined: none was sent. */
  readonly serverName: string | undefined;
}

export interface GatewayParts {
  /** The compiled program with its arguments, but for the address and the socket. */
  readonly program: string;
  readonly settings: readonly string[];
  /** IPv4 address to listen on. */
  readonly host: string;
  /** Path of a Unix socket that is made for the program. */
  readonly socket: string;
  /** The key for an identity in hex; undefined: it has none. `suite`: up to TLS 1.2. */
  readonly keyFor: (named: Named, version: string, suite: number) => Promise<string | undefined>;
  /** A handshake is done, and what follows in the stream is plain. False: nobody may use the connection. */
  readonly opened: (stream: Socket, named: Named, link: Link) => boolean;
}

/**
 * Starts a program of this folder, whose TLS is that of a library, and speaks with it as gateway.h says. Gives the port
 * on which it listens; the process ends when the program does.
 */
export async function startGateway(parts: GatewayParts): Promise<number> {
  const server = createServer({ allowHalfOpen: true }, (stream) => {
    stream.on("error", () => stream.destroy());
    serve(stream, parts).catch((error: unknown) => {
      process.stderr.write(`${error}\n`);
      stream.destroy();
    });
  });
  server.listen(parts.socket);
  await once(server, "listening");
  const tls = spawn(parts.program, [parts.host, parts.socket, ...parts.settings], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  tls.once("exit", (code, signal) => {
    process.stderr.write(`the TLS program ended: ${signal ?? code}\n`);
    process.exit(1);
  });
  const [port] = await once(createInterface({ input: tls.stdout }), "line");
  return Number(port);
}

async function serve(stream: Socket, { keyFor, opened }: GatewayParts): Promise<void> {
  for (;;) {
    const line = await readLine(stream);
    const [word, identity = "", name = "", version = "", suite = "", resumed = "", exporter = ""] =
      line?.split(" ") ?? [];
    const serverName = name === "-" ? undefined : Buffer.from(name, "hex").toString("latin1");
    const named = { identity, serverName };
    if (word === "key") {
      const key = await keyFor(named, version, Number.parseInt(suite, 16));
      stream.write(`${key ?? "none"}\n`);
      continue;
    }
    const tls = TLS_VERSIONS.find((one) => one === version);
    if (word !== "open" || tls === undefined) return void stream.destroy();
    const link = { tls, suite, serverName, resumed: resumed === "1", exporter, peer: "" };
    if (!opened(stream, named, link)) stream.destroy();
    return;
  }
}

/** A line of the program; what follows it stays in the stream. undefined: the stream ended, or the line is too long. */
async function readLine(stream: Socket): Promise<string | undefined> {
  let held = Buffer.alloc(0);
  while (held.length <= MAX_LINE) {
    const chunk: Buffer | null = stream.read();
    if (chunk === null) {
      if (stream.readableEnded || stream.destroyed || !(await readableAgain(stream))) return undefined;
      continue;
    }
    held = Buffer.concat([held, chunk]);
    const end = held.indexOf("\n");
    if (end < 0) continue;
    if (end + 1 < held.length) stream.unshift(held.subarray(end + 1));
    return held.toString("latin1", 0, end);
  }
  return undefined;
}

/** False when nothing more comes. */
function readableAgain(stream: Socket): Promise<boolean> {
  return new Promise((resolve) => {
    const settle = (more: boolean) => () => {
      for (const [event, listener] of listeners) stream.off(event, listener);
      resolve(more);
    };
    const listeners = [
      ["readable", settle(true)],
      ["end", settle(false)],
      ["close", settle(false)],
    ] as const;
    for (const [event, listener] of listeners) stream.once(event, listener);
  });
}
