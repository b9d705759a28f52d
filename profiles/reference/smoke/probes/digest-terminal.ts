import { randomBytes } from "node:crypto";
import type { TLSSocket } from "node:tls";
import { type Bench, SERVER_NAME } from "../bench.ts";
import {
  connectHttps,
  type DigestChoice,
  digestExchange,
  exchange,
  nonceOf,
  type Response,
  type Sent,
} from "../clients.ts";
import { type Bootstrapping, deriveKey } from "../key-manager.ts";
import type { Probe } from "./probe.ts";

export const UA = "0100011301";
export const GET: Sent = { path: "/protected" };
export const IDENTITY: Sent = { path: "/identity" };

/** A terminal with one user on one connection. */
export class Terminal {
  readonly bench: Bench;
  readonly socket: TLSSocket;
  readonly user: Bootstrapping;
  readonly key: Buffer;

  constructor(bench: Bench, socket: TLSSocket, user: Bootstrapping) {
    this.bench = bench;
    this.socket = socket;
    this.user = user;
    this.key = deriveKey(user, SERVER_NAME, UA);
  }

  static async connect(bench: Bench): Promise<Terminal> {
    const user = bench.keyManager.bootstrap("user1@home1.example");
    return new Terminal(bench, await connectHttps(bench, "TLSv1.3"), user);
  }

  challenged(): Promise<Response> {
    return exchange(this.socket, GET);
  }

  async choice(more: Partial<DigestChoice> = {}): Promise<DigestChoice> {
    return { user: this.user.btid, key: this.key, nonce: nonceOf(await this.challenged()), ...more };
  }

  async ask(sent: Sent, more: Partial<DigestChoice> = {}): Promise<Response> {
    return digestExchange(this.socket, sent, await this.choice(more));
  }
}

/** A probe with a terminal that is disconnected afterwards. */
export function withTerminal(probe: (terminal: Terminal) => Promise<boolean>): Probe {
  return async (bench) => {
    const terminal = await Terminal.connect(bench);
    try {
      return await probe(terminal);
    } finally {
      terminal.socket.destroy();
    }
  };
}

/** True when a request is served that was made wrongly in this way. */
export const servedWith = (more: (terminal: Terminal) => Partial<DigestChoice>) =>
  withTerminal(async (terminal) => (await terminal.ask(GET, more(terminal))).status === 200);

/** How often a counter was counted up, and the status of the last request that could have done it. */
export async function acts(terminal: Terminal, requests: (sent: Sent) => Promise<Response>) {
  const path = `/counters/${randomBytes(8).toString("hex")}`;
  const { status } = await requests({ method: "POST", path, body: "payload" });
  const { count } = JSON.parse((await terminal.ask({ path })).body);
  return { count, status };
}

export const replay = (change: Partial<DigestChoice>, between?: (terminal: Terminal) => Promise<unknown>) =>
  withTerminal(async (terminal) => {
    const { count } = await acts(terminal, async (sent) => {
      const choice = await terminal.choice();
      await digestExchange(terminal.socket, sent, choice);
      await between?.(terminal);
      return digestExchange(terminal.socket, sent, { ...choice, ...change });
    });
    return count === 2;
  });
