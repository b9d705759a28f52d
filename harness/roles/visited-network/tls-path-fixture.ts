/** Node's TLS on both ends of a visited network. */
import { once } from "node:events";
import { connect, type TLSSocket } from "node:tls";
import { onTestFinished } from "vitest";
import { endingOfError } from "../../wire/ending.ts";
import type { Ending } from "../../wire/observer.ts";
import type { Destination } from "../../wire/secure-client.ts";
import { type Listener, listenTls } from "../../wire/testing/loopback.ts";
import { IDENTITY, KEY, NAME, PSK_12, PSK_13, pskServer } from "../../wire/testing/tls-peers.ts";
import type { Limits } from "./limits.ts";
import type { Action, Treatment } from "./treatment.ts";
import { VisitedNetwork } from "./visited-network.ts";

export const FIRST = { nth: 1, of: "application" } as const;
export const VERSIONS = ["1.2", "1.3"] as const;

/** An enabler that answers each line with `<line>!`, and what reached its application. */
export interface Enabler {
  readonly at: Destination;
  readonly lines: string[];
  readonly listener: Listener;
}

export async function enabler(): Promise<Enabler> {
  const lines: string[] = [];
  const listener = await listenTls(pskServer(), (socket) => {
    let text = "";
    socket.setEncoding("latin1").on("data", (data) => {
      const parts = (text + String(data)).split("\n");
      text = parts.pop() ?? "";
      lines.push(...parts);
      for (const line of parts) socket.write(`${line}!\n`);
    });
  });
  return { at: listener.at, lines, listener };
}

export async function visitedNetwork(
  destinations: readonly Destination[],
  limits: Partial<Limits> = {},
): Promise<VisitedNetwork> {
  const network = await VisitedNetwork.start(destinations, limits);
  onTestFinished(() => network.close());
  return network;
}

/** A terminal with a connection that stands. */
export class Client {
  readonly socket: TLSSocket;
  #text = "";

  private constructor(socket: TLSSocket) {
    this.socket = socket;
    socket.setEncoding("latin1").on("data", (data) => {
      this.#text += String(data);
    });
  }

  static async connect(
    at: Destination,
    version: "1.2" | "1.3",
    onSecret: (line: string) => void = () => undefined,
  ): Promise<Client> {
    const socket = connect({
      ...at,
      servername: NAME,
      minVersion: `TLSv${version}`,
      maxVersion: `TLSv${version}`,
      ciphers: (version === "1.2" ? PSK_12 : PSK_13).openssl,
      pskCallback: () => ({ identity: IDENTITY, psk: KEY }),
      checkServerIdentity: () => undefined,
    });
    onTestFinished(() => void socket.destroy());
    socket.on("keylog", (line) => onSecret(String(line).trim()));
    await once(socket, "secureConnect");
    socket.on("error", () => undefined);
    return new Client(socket);
  }

  /** Each line in a record of its own: Node joins what is written before the last write is done. */
  async say(...lines: readonly string[]): Promise<void> {
    for (const line of lines) await new Promise((resolve) => this.socket.write(`${line}\n`, resolve));
  }

  /** Resolves when this much has come back. */
  async hears(text: string): Promise<void> {
    while (!this.#text.includes(text)) await once(this.socket, "data");
  }

  async ask(line: string): Promise<void> {
    await this.say(line);
    await this.hears(`${line}!\n`);
  }

  get heard(): string {
    return this.#text;
  }

  ending(): Promise<Ending> {
    return new Promise((resolve) => {
      this.socket.once("error", (error) => resolve(endingOfError(error)));
      this.socket.once("close", () => resolve({ kind: "closed" }));
    });
  }
}

/** A connection on which one line was answered, with its counts from there on. */
export async function standing(version: "1.2" | "1.3", limits: Partial<Limits> = {}) {
  const sut = await enabler();
  const network = await visitedNetwork([sut.at], limits);
  const client = await Client.connect(network.inside(sut.at), version);
  await client.ask("zero");
  await network.mark();
  return { sut, network, client };
}

/** On the first application record, or another one, towards the server. */
export const up = (action: Action, which: Treatment["which"] = FIRST): Treatment => ({
  direction: "towards-server",
  which,
  action,
});
