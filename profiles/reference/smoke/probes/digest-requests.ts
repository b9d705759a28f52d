import type { TLSSocket } from "node:tls";
import { SERVER_NAME } from "../bench.ts";
import {
  authorization,
  connectHttps,
  type DigestChoice,
  digestExchange,
  exchange,
  type Sent,
} from "../clients.ts";
import { deriveKey } from "../key-manager.ts";
import { acts, GET, IDENTITY, replay, servedWith, Terminal, UA, withTerminal } from "./digest-terminal.ts";
import type { Probe } from "./probe.ts";

const UA_TLS_12 = "010001c02f";

/** True when GET of the protected resource is served for this value of Authorization. */
const servedFor = (edit: (value: string, terminal: Terminal) => string, more: Partial<DigestChoice> = {}) =>
  withTerminal(async (terminal) => {
    const value = authorization(GET, await terminal.choice(more));
    const headers = { Authorization: edit(value, terminal) };
    return (await exchange(terminal.socket, { ...GET, headers })).status === 200;
  });

const responseIn = (value: string) => /response="([^"]*)"/.exec(value)?.[1] ?? "";

/** Sends requests at once, and gives the statuses of as many answers. */
function flight(socket: TLSSocket, requests: readonly (readonly [Sent, DigestChoice])[]): Promise<string[]> {
  return new Promise((resolve, reject) => {
    let text = "";
    const take = (chunk: Buffer) => {
      text += chunk.toString("latin1");
      const statuses = [...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status = ""]) => status);
      if (statuses.length < requests.length) return;
      socket.off("data", take);
      resolve(statuses);
    };
    socket.on("data", take);
    socket.once("close", () => reject(new Error("closed")));
    const written = requests.map(
      ([sent, choice]) =>
        `GET ${sent.path} HTTP/1.1\r\nHost: ${SERVER_NAME}\r\nAuthorization: ${authorization(sent, choice)}\r\n\r\n`,
    );
    socket.write(written.join(""));
  });
}

const flightShared: Probe = async (bench) => {
  const terminal = await Terminal.connect(bench);
  // A connection without Node's HTTP client: its parser would not expect a second answer.
  const socket = await connectHttps(bench, "TLSv1.3");
  const right = await terminal.choice();
  const wrong = await terminal.choice({ response: "0".repeat(64) });
  const statuses = await flight(socket, [
    [GET, right],
    [GET, wrong],
  ]);
  for (const one of [terminal.socket, socket]) one.destroy();
  return statuses.join() === "200,200";
};

const replayedElsewhere: Probe = async (bench) => {
  const terminal = await Terminal.connect(bench);
  const { material, endpoints } = bench;
  const second = { ...endpoints, "uc1.https-digest": endpoints["uc1.https-digest.second"] };
  const elsewhere = await connectHttps({ material, endpoints: second }, "TLSv1.3");
  const { count } = await acts(terminal, async (sent) => {
    const choice = await terminal.choice();
    await digestExchange(terminal.socket, sent, choice);
    return digestExchange(elsewhere, sent, choice);
  });
  for (const one of [terminal.socket, elsewhere]) one.destroy();
  return count === 2;
};

const chunked = (path: string): Sent => ({
  method: "POST",
  path,
  body: "payload",
  headers: { "Transfer-Encoding": "chunked" },
});

/** How often a chunked body acted that was hashed like this. */
const chunkedActs = (more: Partial<DigestChoice>) => async (terminal: Terminal) => {
  const { count } = await acts(terminal, ({ path }) =>
    terminal.ask(chunked(path), { qop: "auth-int", ...more }),
  );
  return count;
};

/** By id of the fault that each one finds. */
export const digestRequestProbes: Readonly<Record<string, Probe>> = {
  "digest-hashes-request-target": servedFor((value) => value.replace('uri="/protected"', 'uri="/other"')),
  "digest-ignores-uri": servedWith(() => ({ uri: "/other" })),
  "digest-ignores-method": servedWith(() => ({ hashedMethod: "PUT" })),
  "digest-any-realm": servedWith(() => ({ realm: "3GPP-bootstrapping@other-naf.home1.example" })),
  "digest-tolerates-missing-count": servedFor((value) => value.replace(", nc=", ""), { count: "" }),
  "digest-tells-first-username": withTerminal(async (terminal) => {
    const other = terminal.bench.keyManager.bootstrap("user2@home1.example");
    const value = authorization(IDENTITY, await terminal.choice());
    const headers = { Authorization: value.replace("Digest ", `Digest username="${other.btid}", `) };
    const response = await exchange(terminal.socket, { ...IDENTITY, headers });
    return response.status === 200 && JSON.parse(response.body).user === "user2@home1.example";
  }),
  "digest-hashes-first-directive": servedFor((value) => `${value}, uri="/protected"`, { uri: "/other" }),
  "digest-browsers-unchecked": withTerminal(async (terminal) => {
    const headers = { "User-Agent": "browser/1" };
    return (await exchange(terminal.socket, { ...GET, headers })).status === 200;
  }),
  "digest-open-when-oversized": servedFor((value) => `${value}, padding="${"a".repeat(9_000)}"`, {
    response: "0".repeat(64),
  }),
  "digest-forgets-counts": replayedElsewhere,
  "digest-remembers-connection": async (bench) => {
    const terminal = await Terminal.connect(bench);
    const next = await connectHttps(bench, "TLSv1.3");
    const choice = await terminal.choice();
    const statuses: number[] = [];
    for (const socket of [terminal.socket, terminal.socket, next]) {
      statuses.push((await digestExchange(socket, GET, choice)).status);
    }
    for (const socket of [terminal.socket, next]) socket.destroy();
    return statuses.join() === "200,401,200";
  },
  "digest-counts-last-nonce": replay({}, (terminal) => terminal.ask(GET)),
  "digest-accepts-lower-count": withTerminal(async (terminal) => {
    const choice = await terminal.choice({ nc: 5 });
    await digestExchange(terminal.socket, GET, choice);
    return (await digestExchange(terminal.socket, GET, { ...choice, nc: 3 })).status === 200;
  }),
  "digest-replay-by-text": withTerminal(async (terminal) => {
    const { count } = await acts(terminal, async (sent) => {
      const choice = await terminal.choice();
      await digestExchange(terminal.socket, sent, choice);
      const response = responseIn(authorization(sent, choice)).toUpperCase();
      return digestExchange(terminal.socket, sent, { ...choice, response });
    });
    return count === 2;
  }),
  "digest-one-nonce-per-user": withTerminal(async (terminal) => {
    const choice = await terminal.choice();
    await digestExchange(terminal.socket, GET, choice);
    await terminal.ask(GET);
    const response = await digestExchange(terminal.socket, GET, { ...choice, nc: 2 });
    return response.status === 401 && !String(response.headers["www-authenticate"]).includes("stale");
  }),
  "digest-unknown-next-nonce": withTerminal(async (terminal) => {
    const choice = await terminal.choice();
    let nonce: string | undefined;
    for (let nc = 1; nonce === undefined; nc += 1) {
      const { headers } = await digestExchange(terminal.socket, GET, { ...choice, nc });
      nonce = /nextnonce="([^"]+)"/.exec(String(headers["authentication-info"]))?.[1];
    }
    return (await digestExchange(terminal.socket, GET, { ...choice, nonce, nc: 1 })).status === 401;
  }),
  "digest-checks-flight-once": flightShared,
  "digest-keeps-key-with-nonce": withTerminal(async (terminal) => {
    const other = terminal.bench.keyManager.bootstrap("user2@home1.example");
    const choice = await terminal.choice();
    await digestExchange(terminal.socket, IDENTITY, choice);
    const named = { ...choice, user: other.btid, nc: 2 };
    return (await digestExchange(terminal.socket, IDENTITY, named)).status === 200;
  }),
  "digest-btid-without-case": withTerminal(async (terminal) => {
    await terminal.ask(GET);
    return (await terminal.ask(GET, { user: terminal.user.btid.toLowerCase() })).status === 200;
  }),
  "digest-cache-ignores-ua": withTerminal(async (terminal) => {
    await terminal.ask(GET);
    const other = await connectHttps(terminal.bench, "TLSv1.2");
    const [first, own] = [UA, UA_TLS_12].map((ua) => deriveKey(terminal.user, SERVER_NAME, ua));
    const statusWith = async (key: Buffer | undefined) =>
      (await digestExchange(other, GET, await terminal.choice(key === undefined ? {} : { key }))).status;
    const statuses = [await statusWith(first), await statusWith(own)];
    other.destroy();
    return statuses.join() === "200,401";
  }),
  "digest-skips-chunked-body": withTerminal(
    async (terminal) => (await chunkedActs({ hashedBody: "another" })(terminal)) === 1,
  ),
  "digest-hashes-no-chunked-body": withTerminal(
    async (terminal) => (await chunkedActs({ hashedBody: "" })(terminal)) === 1,
  ),
  "digest-rspauth-of-unsent-body": withTerminal(async (terminal) => {
    const choice = await terminal.choice({ qop: "auth-int" });
    const { headers } = await digestExchange(terminal.socket, { ...GET, method: "HEAD" }, choice);
    // The method is left out of A2 (RFC 7616 3.5).
    const right = responseIn(authorization({ ...GET, method: "", body: "" }, choice));
    return !String(headers["authentication-info"]).includes(right);
  }),
};
