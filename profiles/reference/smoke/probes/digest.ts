import { randomBytes } from "node:crypto";
import type { TLSSocket } from "node:tls";
import { type Bench, SERVER_NAME } from "../bench.ts";
import {
  authorization,
  connectHttps,
  type DigestChoice,
  digestExchange,
  exchange,
  nonceOf,
  type Response,
  type Sent,
} from "../clients.ts";
import { type Bootstrapping, deriveKey } from "../key-manager.ts";
import { type Probe, stillWaiting, TOO_LONG_MS } from "./probe.ts";

const UA = "0100011301";
const GET: Sent = { path: "/protected" };
const IDENTITY: Sent = { path: "/identity" };
const SHORT_KEY = Buffer.alloc(16, 9);

/** A terminal with one user on one connection. */
class Terminal {
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
function withTerminal(probe: (terminal: Terminal) => Promise<boolean>): Probe {
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
const servedWith = (more: (terminal: Terminal) => Partial<DigestChoice>) =>
  withTerminal(async (terminal) => (await terminal.ask(GET, more(terminal))).status === 200);

/** True when a request with any response is served while the key manager answers otherwise. */
const servedWhile = (answer: Bootstrapping["answer"], more: Partial<DigestChoice>) =>
  withTerminal(async (terminal) => {
    terminal.user.answer = answer;
    return (await terminal.ask(GET, more)).status === 200;
  });

/** True when a request is not answered while the key manager answers so. */
const waitsWhile = (answer: Bootstrapping["answer"]) =>
  withTerminal(async (terminal) => {
    terminal.user.answer = answer;
    return stillWaiting(terminal.ask(GET), TOO_LONG_MS);
  });

const ANY_RESPONSE = { response: "0".repeat(64) };

/** How often a counter was counted up, and the status of the last request that could have done it. */
async function acts(terminal: Terminal, requests: (sent: Sent) => Promise<Response>) {
  const path = `/counters/${randomBytes(8).toString("hex")}`;
  const { status } = await requests({ method: "POST", path, body: "payload" });
  const { count } = JSON.parse((await terminal.ask({ path })).body);
  return { count, status };
}

const replay = (change: Partial<DigestChoice>, between?: (terminal: Terminal) => Promise<unknown>) =>
  withTerminal(async (terminal) => {
    const { count } = await acts(terminal, async (sent) => {
      const choice = await terminal.choice();
      await digestExchange(terminal.socket, sent, choice);
      await between?.(terminal);
      return digestExchange(terminal.socket, sent, { ...choice, ...change });
    });
    return count === 2;
  });

const changedBody = (terminal: Terminal) =>
  acts(terminal, (sent) => terminal.ask(sent, { qop: "auth-int", hashedBody: "another" }));

const expired = withTerminal(async (terminal) => {
  terminal.user.expiresAt = Date.now() - 1_000;
  return (await terminal.ask(GET)).status === 200;
});

const expiredLater = withTerminal(async (terminal) => {
  terminal.user.expiresAt = Date.now() + 500;
  await terminal.ask(GET);
  while (Date.now() < terminal.user.expiresAt) await terminal.challenged();
  return (await terminal.ask(GET)).status === 200;
});

const unreachable: Probe = withTerminal(async (terminal) => {
  const { keyManager, material } = terminal.bench;
  await keyManager.stop();
  const response = await terminal.ask(GET, ANY_RESPONSE);
  await keyManager.start(material.keyManager);
  return response.status === 200;
});

/** By id of the fault that each one finds. */
export const digestProbes: Readonly<Record<string, Probe>> = {
  "digest-accepts-any-response": servedWith(() => ANY_RESPONSE),
  "digest-compares-prefix": withTerminal(async (terminal) => {
    const choice = await terminal.choice();
    const right = /response="([0-9a-f]{8})/.exec(authorization(GET, choice))?.[1] ?? "";
    const response = right.padEnd(64, "0");
    return (await digestExchange(terminal.socket, GET, { ...choice, response })).status === 200;
  }),
  "digest-accepts-replay": replay({}),
  "digest-replay-by-cnonce": replay({ cnonce: "another" }),
  "digest-fixed-nonce": replay({}, (terminal) => terminal.challenged()),
  "digest-accepts-any-nonce": servedWith(() => ({ nonce: "bWFkZSB1cA==" })),
  "digest-skips-body": withTerminal(async (terminal) => (await changedBody(terminal)).status === 200),
  "digest-acts-before-check": withTerminal(async (terminal) => {
    const { count, status } = await changedBody(terminal);
    return count === 1 && status === 401;
  }),
  "digest-accepts-no-qop": servedWith(() => ({ qop: "none" })),
  "digest-serves-without-credentials": withTerminal(
    async (terminal) => (await terminal.challenged()).status === 200,
  ),
  "digest-unknown-user-last-key": withTerminal(async (terminal) => {
    await terminal.ask(GET);
    const response = await terminal.ask(IDENTITY, { user: "bm9ib2R5@bsf.home1.example" });
    return response.status === 200 && JSON.parse(response.body).user === "user1@home1.example";
  }),
  "digest-user-of-connection": withTerminal(async (terminal) => {
    await terminal.ask(IDENTITY);
    const other = terminal.bench.keyManager.bootstrap("user2@home1.example");
    const key = deriveKey(other, SERVER_NAME, UA);
    const response = await terminal.ask(IDENTITY, { user: other.btid, key });
    return JSON.parse(response.body).user === "user1@home1.example";
  }),
  "digest-other-ua-key": servedWith(({ user }) => ({ key: deriveKey(user, SERVER_NAME, "0100000002") })),
  "digest-other-naf-key": servedWith(({ user }) => ({
    key: deriveKey(user, "other-naf.home1.example", UA),
  })),
  "digest-ignores-expiry": expired,
  "digest-ignores-expiry-later": expiredLater,
  "digest-expired-without-challenge": withTerminal(async (terminal) => {
    terminal.user.expiresAt = Date.now() - 1_000;
    const response = await terminal.ask(GET);
    return response.status === 403 && response.headers["www-authenticate"] === undefined;
  }),
  "digest-open-when-refused": async (bench) => {
    const served = [403, 429, 503].map((status) => servedWhile({ status }, ANY_RESPONSE)(bench));
    return (await Promise.all(served)).every(Boolean);
  },
  "digest-open-when-silent": servedWhile("silent", ANY_RESPONSE),
  "digest-open-when-unreachable": unreachable,
  "digest-open-when-malformed": servedWhile({ status: 200, body: "<html>" }, ANY_RESPONSE),
  "digest-accepts-short-key": servedWhile(
    {
      status: 200,
      body: { meKeyMaterial: SHORT_KEY.toString("hex"), keyExpiryTime: "2999-12-31T23:59:59Z" },
    },
    { key: SHORT_KEY },
  ),
  "digest-waits-forever": waitsWhile("silent"),
  "digest-never-gives-up": waitsWhile({ status: 503 }),
  "digest-wrong-rspauth": withTerminal(async (terminal) => {
    const response = await terminal.ask(GET);
    return String(response.headers["authentication-info"]).includes('rspauth="0000000000');
  }),
  "digest-incomplete-authentication-info": withTerminal(async (terminal) => {
    const info = String((await terminal.ask(GET)).headers["authentication-info"]);
    return info.includes("qop=auth") && !info.includes("rspauth");
  }),
  "digest-foreign-realm": withTerminal(async (terminal) => {
    const response = await terminal.challenged();
    return String(response.headers["www-authenticate"]).includes('realm="members@');
  }),
  "digest-unauthorized-without-challenge": withTerminal(async (terminal) => {
    const response = await terminal.ask(GET, ANY_RESPONSE);
    return response.status === 401 && response.headers["www-authenticate"] === undefined;
  }),
};
