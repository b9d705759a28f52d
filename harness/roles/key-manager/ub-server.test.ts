import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { connect } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import { milenage } from "../../protocols/aka/index.ts";
import { HttpConnection } from "../../wire/http-connection.ts";
import { type HttpResponse, headerValues } from "../../wire/http-message.ts";
import { connectTcp } from "../../wire/tcp.ts";
import { Recorder } from "../../wire/testing/recorder.ts";
import { BSF } from "../testing/names.ts";
import { newSubscriber, newTerminal, startKeyManager, terminalOf } from "../testing/operator.ts";
import type { KeyManager, Subscriber } from "./index.ts";

const md5 = (...parts: readonly (string | Uint8Array)[]) =>
  createHash("md5")
    .update(Buffer.concat(parts.map((part) => Buffer.from(part))))
    .digest("hex");

/** A request on Ub with this value of Authorization, or none. */
type Get = (
  authorization: string | undefined,
  more?: { method?: string; target?: string },
) => Promise<HttpResponse>;

async function ubOf(keyManager: KeyManager): Promise<Get> {
  const tcp = await connectTcp(keyManager.ub, 10_000);
  if (!tcp.ok) throw new Error(JSON.stringify(tcp.ending));
  const connection = new HttpConnection({
    socket: tcp.socket,
    responseMs: 10_000,
    observer: new Recorder(),
    from: "terminal",
    to: "key manager",
  });
  onTestFinished(() => connection.close());
  return async (authorization, { method = "GET", target = "/" } = {}) => {
    const more = authorization === undefined ? [] : [["Authorization", authorization] as const];
    const outcome = await connection.exchange({ method, target, headers: [["Host", BSF], ...more] });
    if (!outcome.ok) throw new Error(JSON.stringify(outcome.ending));
    return outcome.response;
  };
}

const first = (impi: string) => `Digest username="${impi}", realm="${BSF}", nonce="", uri="/", response=""`;

/** Value of a parameter in a header field of the answer. */
function parameter(response: HttpResponse, field: string, name: string): string {
  const value = headerValues(response, field)[0] ?? "";
  return new RegExp(`\\b${name}="?([^",]+)`).exec(value)?.[1] ?? "";
}

/** Everything in an answer to a challenge, of node:crypto and Milenage alone. */
function answerTo(challenge: HttpResponse, subscriber: Subscriber, change: Record<string, string> = {}) {
  const nonce = parameter(challenge, "www-authenticate", "nonce");
  const octets = Buffer.from(nonce, "base64");
  const { k, opc } = subscriber;
  const { res } = milenage({
    k,
    opc,
    rand: octets.subarray(0, 16),
    sqn: Buffer.alloc(6),
    amf: Buffer.alloc(2),
  });
  const fields = {
    username: subscriber.impi,
    realm: BSF,
    nonce,
    uri: "/",
    qop: "auth-int",
    nc: "00000001",
    cnonce: "c",
  };
  const password = change["auts"] === undefined ? res : new Uint8Array();
  const a1 = md5(`${subscriber.impi}:${BSF}:`, password);
  const response = md5(`${a1}:${nonce}:00000001:c:auth-int:${md5(`GET:/:${md5("")}`)}`);
  const all = { ...fields, response, algorithm: "AKAv1-MD5", ...change };
  const text = Object.entries(all).map(([name, value]) => `${name}="${value}"`);
  return { authorization: `Digest ${text.join(", ")}`, res, response, nonce, a1 };
}

describe("a challenge", () => {
  test("has RAND and AUTN in its nonce, and is new each time", async () => {
    const keyManager = await startKeyManager();
    const subscriber = keyManager.addSubscriber(newSubscriber());
    const get = await ubOf(keyManager);
    const nonces = new Set<string>();
    for (const _ of [1, 2, 3]) {
      const challenge = await get(first(subscriber.impi));
      expect(challenge.status).toBe(401);
      expect(parameter(challenge, "www-authenticate", "realm")).toBe(BSF);
      expect(parameter(challenge, "www-authenticate", "algorithm")).toBe("AKAv1-MD5");
      expect(parameter(challenge, "www-authenticate", "qop")).toBe("auth-int");
      const nonce = parameter(challenge, "www-authenticate", "nonce");
      expect(Buffer.from(nonce, "base64")).toHaveLength(32);
      nonces.add(nonce);
    }
    expect(nonces.size).toBe(3);
  });

  test.each([
    ["no Authorization", undefined, 400],
    ["another scheme", "Basic dTpw", 400],
    ["what is no list", 'Digest username="', 400],
    ["two names", 'Digest username="a", username="b"', 400],
    ["no name", 'Digest realm="x"', 400],
    ["an IMPI that nobody has", first("nobody@home1.example"), 403],
    ["an empty IMPI", first(""), 403],
    ["a long IMPI", first("x".repeat(10_000)), 403],
    ["a header that is too long", first("x".repeat(20_000)), 431],
  ])("is not given to a request with %s", async (_, authorization, status) => {
    const get = await ubOf(await startKeyManager());
    const answer = await get(authorization);
    expect(answer.status).toBe(status);
    expect(headerValues(answer, "www-authenticate")).toEqual([]);
  });

  test("is not given to a POST", async () => {
    const keyManager = await startKeyManager();
    const { impi } = keyManager.addSubscriber(newSubscriber());
    const get = await ubOf(keyManager);
    expect((await get(first(impi), { method: "POST" })).status).toBe(400);
  });
});

describe("the right answer", () => {
  test("gives B-TID, lifetime and a proof over the body", async () => {
    const keyManager = await startKeyManager();
    const subscriber = keyManager.addSubscriber(newSubscriber());
    const get = await ubOf(keyManager);
    const { authorization, nonce, a1 } = answerTo(await get(first(subscriber.impi)), subscriber);
    const answer = await get(authorization);
    expect(answer.status).toBe(200);
    expect(headerValues(answer, "content-type")).toEqual(["application/vnd.3gpp.bsf+xml"]);
    const body = answer.body.toString();
    const rand = Buffer.from(nonce, "base64").subarray(0, 16);
    expect(body).toContain(`<btid>${rand.toString("base64")}@${BSF}</btid>`);
    const proof = md5(`${a1}:${nonce}:00000001:c:auth-int:${md5(`:/:${md5(body)}`)}`);
    expect(parameter(answer, "authentication-info", "rspauth")).toBe(proof);
    const lifetime = /<lifetime>(.*)<\/lifetime>/.exec(body)?.[1] ?? "";
    expect(headerValues(answer, "expires")).toEqual([new Date(lifetime).toUTCString()]);
  });

  test("played back gives a new challenge and no second Ks", async () => {
    const keyManager = await startKeyManager();
    const subscriber = keyManager.addSubscriber(newSubscriber());
    const get = await ubOf(keyManager);
    const { authorization, nonce } = answerTo(await get(first(subscriber.impi)), subscriber);
    expect((await get(authorization)).status).toBe(200);
    const elsewhere = await ubOf(keyManager);
    for (const again of [get, elsewhere]) {
      const answer = await again(authorization);
      expect(answer.status).toBe(401);
      expect(answer.body).toHaveLength(0);
      expect(headerValues(answer, "authentication-info")).toEqual([]);
      expect(parameter(answer, "www-authenticate", "nonce")).not.toBe(nonce);
    }
  });

  test("is for the subscriber who was challenged", async () => {
    const keyManager = await startKeyManager();
    const [victim, attacker] = [0, 1].map(() => keyManager.addSubscriber(newSubscriber()));
    if (victim === undefined || attacker === undefined) throw new Error("two subscribers");
    const get = await ubOf(keyManager);
    const challenge = await get(first(attacker.impi));
    const mine = answerTo(challenge, attacker);
    const stolen = mine.authorization.replace(attacker.impi, victim.impi);
    expect((await get(stolen)).status).toBe(401);
  });

  test("to a nonce that this key manager never gave is none", async () => {
    const keyManager = await startKeyManager();
    const subscriber = keyManager.addSubscriber(newSubscriber());
    const get = await ubOf(keyManager);
    const foreign = await (await ubOf(await sameSubscriber(subscriber)))(first(subscriber.impi));
    expect((await get(answerTo(foreign, subscriber).authorization)).status).toBe(401);
  });
});

async function sameSubscriber(subscriber: Subscriber): Promise<KeyManager> {
  const keyManager = await startKeyManager();
  keyManager.addSubscriber(subscriber);
  return keyManager;
}

describe("a wrong answer is refused, ends its nonce and harms nobody", () => {
  test.each<[string, Record<string, string>]>([
    ["another response", { response: randomBytes(16).toString("hex") }],
    ["an empty response", { response: "" }],
    ["a short response", { response: "0".repeat(31) }],
    ["a long response", { response: "0".repeat(33) }],
    ["32 characters that are more octets", { response: "\xe9".repeat(32) }],
    ["no auth-int", { qop: "auth" }],
    ["another uri", { uri: "/other" }],
    ["an empty nonce count", { nc: "" }],
    ["another cnonce", { cnonce: "d" }],
    ["AUTS of 13 octets", { auts: Buffer.alloc(13).toString("base64") }],
    ["AUTS of 15 octets", { auts: Buffer.alloc(15).toString("base64") }],
    ["AUTS of nothing", { auts: "" }],
    ["AUTS that is no base64", { auts: "%%%%" }],
    ["AUTS that the identity module never made", { auts: randomBytes(14).toString("base64") }],
  ])("%s", async (_, change) => {
    const keyManager = await startKeyManager();
    const subscriber = keyManager.addSubscriber(newSubscriber());
    const get = await ubOf(keyManager);
    const challenge = await get(first(subscriber.impi));
    const refused = await get(answerTo(challenge, subscriber, change).authorization);
    expect(refused.status).toBe(403);
    expect(refused.body).toHaveLength(0);
    expect((await get(answerTo(challenge, subscriber).authorization)).status).toBe(401);
    // Neither the key manager nor the subscriber's sequence number suffered.
    const { terminal, observer } = terminalOf(subscriber);
    await terminal.bootstrap(keyManager);
    expect(observer.ladder).toHaveLength(4);
  });
});

test("closing waits for no terminal", async () => {
  const keyManager = await startKeyManager();
  const idle = connect(keyManager.ub);
  const half = connect(keyManager.ub);
  for (const socket of [idle, half]) socket.on("error", () => undefined);
  await Promise.all([once(idle, "connect"), once(half, "connect")]);
  half.write("GET / HTTP/1.1\r\nHost: ");
  await newTerminal(keyManager).bootstrap(keyManager);
  const closed = Promise.all([idle, half].map((socket) => new Promise((done) => socket.once("close", done))));
  await keyManager.close();
  await closed;
  const { port } = keyManager.ub;
  const [error] = await once(connect(port, "127.0.0.1"), "error");
  expect(error.code).toBe("ECONNREFUSED");
});
