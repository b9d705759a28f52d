import type { TLSSocket } from "node:tls";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { Bench, Material, SERVER_NAME } from "./bench.ts";
import {
  authorization,
  connectHttps,
  type DigestChoice,
  digestExchange,
  exchange,
  httpExchange,
  nonceOf,
} from "./clients.ts";
import { type Bootstrapping, deriveKey } from "./key-manager.ts";

const UA_TLS_13 = "0100011301";
const GET = { path: "/protected" };
const POST = { method: "POST", path: "/counters/a", body: "payload" };

describe("HTTPS with Digest", () => {
  const material = new Material();
  let bench: Bench;
  let socket: TLSSocket;
  let user: Bootstrapping;
  beforeAll(async () => {
    bench = await Bench.start(material);
    socket = await connectHttps(bench, "TLSv1.3");
  });
  afterAll(async () => {
    socket.destroy();
    await bench.stop();
    material.remove();
  });
  beforeEach(() => {
    user = bench.keyManager.bootstrap("user1@home1.example");
  });

  const freshNonce = async () => nonceOf(await exchange(socket, GET));
  const choiceOf = async (more: Partial<DigestChoice> = {}): Promise<DigestChoice> => ({
    user: user.btid,
    key: deriveKey(user, SERVER_NAME, UA_TLS_13),
    nonce: await freshNonce(),
    ...more,
  });
  const count = async (path: string) =>
    JSON.parse((await digestExchange(socket, { path }, await choiceOf())).body).count;

  test("a request without credentials gets two challenges with the bootstrapping realm", async () => {
    const response = await exchange(socket, GET);
    expect(response.status).toBe(401);
    const challenge = String(response.headers["www-authenticate"]);
    expect(challenge.match(/realm="3GPP-bootstrapping@naf\.home1\.example"/g)).toHaveLength(2);
    expect(challenge).toContain("algorithm=SHA-256");
    expect(challenge).toContain("algorithm=MD5");
    expect(challenge).toContain('qop="auth,auth-int"');
    expect(challenge).not.toContain("stale");
    expect(nonceOf(response)).not.toBe(await freshNonce());
  });

  test.each([
    ["TLSv1.2", "010001c02f"],
    ["TLSv1.3", UA_TLS_13],
  ] as const)("%s: the key is that of the negotiated suite, asked once", async (version, ua) => {
    const own = await connectHttps(bench, version);
    const key = deriveKey(user, SERVER_NAME, ua);
    const choice = { user: user.btid, key, nonce: await freshNonce() };
    const response = await digestExchange(own, { path: "/identity" }, choice);
    expect(JSON.parse(response.body)).toEqual({
      user: "user1@home1.example",
      form: "IMPI",
      btid: user.btid,
      tls: version.slice(4),
      suite: own.getCipher().standardName,
    });
    expect((await digestExchange(own, GET, { ...choice, nc: 2 })).status).toBe(200);
    const asked = bench.keyManager.questions.filter(({ btId }) => btId === user.btid);
    expect(asked).toEqual([{ btId: user.btid, nafFqdn: SERVER_NAME, uaSecProtId: ua }]);
    own.destroy();
  });

  test.each([
    ["MD5", "auth"],
    ["MD5", "auth-int"],
    ["SHA-256", "auth"],
    ["SHA-256", "auth-int"],
  ] as const)("%s %s is served, with a right Authentication-Info", async (algorithm, qop) => {
    const choice = await choiceOf({ algorithm, qop });
    const response = await digestExchange(socket, GET, choice);
    expect(response.status).toBe(200);
    expect(response.headers["authentication-info"]).toBe(
      `rspauth="${rspauthOf(choice, response.body)}", qop=${qop}, cnonce="0a4f113b", nc=00000001`,
    );
  });

  test("the answer to HEAD proves the empty body", async () => {
    const choice = await choiceOf({ qop: "auth-int" });
    const response = await digestExchange(socket, { ...GET, method: "HEAD" }, choice);
    expect(response.headers["authentication-info"]).toContain(`rspauth="${rspauthOf(choice, "")}"`);
  });

  test("users alternate on one connection and are told as themselves", async () => {
    const other = bench.keyManager.bootstrap("user2@home1.example");
    const key = deriveKey(other, SERVER_NAME, UA_TLS_13);
    for (const choice of [await choiceOf(), await choiceOf({ user: other.btid, key }), await choiceOf()]) {
      const { user: told } = JSON.parse((await digestExchange(socket, { path: "/identity" }, choice)).body);
      expect(told).toBe(choice.user === user.btid ? "user1@home1.example" : "user2@home1.example");
    }
  });

  test("a nonce travels to the next connection, and its counts go on", async () => {
    const choice = await choiceOf();
    expect((await digestExchange(socket, GET, choice)).status).toBe(200);
    const next = await connectHttps(bench, "TLSv1.3");
    expect((await digestExchange(next, GET, choice)).status).toBe(401);
    expect((await digestExchange(next, GET, { ...choice, nc: 5 })).status).toBe(200);
    next.destroy();
  });

  test("a replayed request does not act twice, and is told that the nonce is used up", async () => {
    const choice = await choiceOf();
    const post = { ...POST, path: "/counters/replay" };
    expect((await digestExchange(socket, post, choice)).status).toBe(200);
    const replayed = await digestExchange(socket, post, choice);
    expect(replayed.status).toBe(401);
    expect(String(replayed.headers["www-authenticate"])).toContain("stale=true");
    expect(await count("/counters/replay")).toBe(1);
  });

  test("a nonce of one instance is none of the other, and both act on one state", async () => {
    const endpoints = { ...bench.endpoints, "uc1.https-digest": bench.endpoints["uc1.https-digest.second"] };
    const other = await connectHttps({ material, endpoints }, "TLSv1.3");
    const choice = await choiceOf();
    const post = { ...POST, path: "/counters/instances" };
    expect((await digestExchange(socket, post, choice)).status).toBe(200);
    expect((await digestExchange(other, post, { ...choice, nc: 2 })).status).toBe(401);
    const own = { ...choice, nonce: nonceOf(await exchange(other, GET)) };
    expect((await digestExchange(other, post, own)).status).toBe(200);
    expect(await count("/counters/instances")).toBe(2);
    other.destroy();
  });

  test("a body that was changed under auth-int does not act", async () => {
    const choice = await choiceOf({ qop: "auth-int", hashedBody: "another payload" });
    const response = await digestExchange(socket, { ...POST, path: "/counters/changed" }, choice);
    expect(response.status).toBe(401);
    expect(await count("/counters/changed")).toBe(0);
  });

  test.each([
    ["a wrong response", { response: "0".repeat(64) }, 401],
    ["a response that is cut", { response: "0".repeat(63) }, 400],
    ["a nonce that was never issued", { nonce: "bm9uY2U=" }, 401],
    ["no qop", { qop: "none" }, 400],
    ["the uri of another resource", { uri: "/identity" }, 400],
    ["an unknown B-TID", { user: "bm9ib2R5@bsf.home1.example" }, 401],
    ["a key of zeros", { key: Buffer.alloc(32) }, 401],
  ] as const)("%s is refused", async (_name, more, status) => {
    expect((await digestExchange(socket, GET, await choiceOf(more))).status).toBe(status);
  });

  test("two Authorization fields are refused", async () => {
    const value = authorization(GET, await choiceOf());
    const response = await exchange(socket, { ...GET, headers: { Authorization: [value, value] } });
    expect(response.status).toBe(400);
  });

  test("an expired B-TID is challenged to bootstrap again", async () => {
    user.expiresAt = Date.now() - 1_000;
    const response = await digestExchange(socket, GET, await choiceOf());
    expect(response.status).toBe(401);
    expect(String(response.headers["www-authenticate"])).toContain('realm="3GPP-bootstrapping@');
    expect(String(response.headers["www-authenticate"])).not.toContain("stale");
  });

  test("a cached key is not used beyond its expiry", async () => {
    user.expiresAt = Date.now() + 500;
    const choice = await choiceOf();
    expect((await digestExchange(socket, GET, choice)).status).toBe(200);
    await expect
      .poll(async () => (await digestExchange(socket, GET, await choiceOf())).status, { interval: 20 })
      .toBe(401);
    expect(Date.now()).toBeGreaterThanOrEqual(user.expiresAt);
  });

  test.each([
    ["not authorised", { status: 403 }, 403],
    ["busy", { status: 429 }, 503],
    ["broken", { status: 500 }, 503],
    ["nonsense", { status: 200, body: "<html>" }, 503],
    ["silent", "silent", 503],
  ] as const)("while the key manager is %s nothing is served", async (_name, answer, status) => {
    user.answer = answer;
    const response = await digestExchange(socket, GET, await choiceOf());
    expect(response.status).toBe(status);
    expect(response.headers["www-authenticate"]).toBeUndefined();
    user.answer = "key";
    expect((await digestExchange(socket, GET, await choiceOf())).status).toBe(200);
  });

  test("a body of more than 64 KiB is refused", async () => {
    const own = await connectHttps(bench, "TLSv1.3");
    const large = { ...POST, body: "x".repeat(65_537) };
    expect((await digestExchange(own, large, await choiceOf())).status).toBe(413);
  });

  test("outside TLS nothing is served", async () => {
    const response = await httpExchange(bench.endpoints.plain, GET);
    expect(response.status).toBe(426);
    expect(response.headers["upgrade"]).toBe("TLS/1.2");
    expect(response.body).not.toContain("protected");
  });
});

function rspauthOf(choice: DigestChoice, body: string): string {
  // The method is left out of A2 (RFC 7616 3.5): the same computation with an empty method.
  const value = authorization({ ...GET, method: "", body }, choice);
  return /response="([0-9a-f]+)"/.exec(value)?.[1] ?? "";
}
