/** HTTP Digest of the terminal against Apache's mod_auth_digest, over TLS (MD5 with qop=auth is what it has). */
import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { parseAuthenticationInfo, rspauth } from "../../harness/protocols/digest/index.ts";
import { ksNafPassword, uaTlsSuite } from "../../harness/protocols/gba/index.ts";
import type { CipherSuite } from "../../harness/protocols/tls/index.ts";
import {
  type DigestAccess,
  type DigestDeviation,
  type NafCredential,
  recomputed,
  type SentRequest,
} from "../../harness/roles/terminal/index.ts";
import { type HttpResponse, headerValues } from "../../harness/wire/http-message.ts";
import { Apache } from "./apache.ts";
import { ENABLER, entrance, Operator, suiteNamed, type User } from "./operator.ts";
import { outputOf } from "./run-program.ts";

const REALM = `3GPP-bootstrapping@${ENABLER}`;
const CONTENT = "protected by Apache\n";
const REQUEST = { method: "GET", target: "/protected" } as const;
const TLS_1_2 = suiteNamed("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256");
const TLS_1_3 = suiteNamed("TLS_AES_256_GCM_SHA384");

let operator: Operator;
/** A user for each suite: the key depends on it, and Apache knows one password for each name. */
let users: ReadonlyMap<CipherSuite, User>;
let apache: Apache;

/** A line of Apache's user file; H(A1) is not computed by code of the harness (RFC 7616 3.4.2). */
async function userLine(user: User, suite: CipherSuite): Promise<string> {
  const password = ksNafPassword(user.credential.key({ nafFqdn: ENABLER, ua: uaTlsSuite(suite.code) }));
  const { name } = user.credential;
  const digest = await outputOf(["openssl", "dgst", "-md5", "-r"], `${name}:${REALM}:${password}`);
  return `${name}:${REALM}:${digest.slice(0, 32)}`;
}

beforeAll(async () => {
  operator = await Operator.start();
  users = new Map([
    [TLS_1_2, await operator.user()],
    [TLS_1_3, await operator.user()],
  ]);
  apache = await Apache.start({
    serverName: ENABLER,
    credentials: await operator.authority.issue({ commonName: ENABLER, names: [ENABLER], usage: "server" }),
    realm: REALM,
    users: await Promise.all([...users].map(([suite, user]) => userLine(user, suite))),
    content: CONTENT,
  });
});
afterAll(async () => {
  await apache?.stop();
  await operator.close();
});

async function enter(
  suite: CipherSuite,
  change = (credential: NafCredential) => credential,
): Promise<DigestAccess> {
  const user = users.get(suite);
  if (user === undefined) throw new Error("there is a user for each suite");
  const outcome = await user.terminal.enterWithDigest(entrance(apache.port, suite), change(user.credential), {
    trust: operator.authority.certificate,
    ua: (_version, negotiated) => uaTlsSuite(negotiated.code),
    choice: { algorithm: "MD5", qop: "auth" },
  });
  if (!outcome.entered) throw new Error(`not entered: ${JSON.stringify(outcome.ending)}`);
  const { access } = outcome;
  onTestFinished(() => access.session.close());
  return access;
}

interface Served {
  readonly response: HttpResponse;
  readonly sent: SentRequest;
}

async function ask(access: DigestAccess, deviation?: DigestDeviation): Promise<Served> {
  const outcome = await access.request(REQUEST, deviation);
  if (!outcome.ok) throw new Error(`no response: ${JSON.stringify(outcome.ending)}`);
  if (outcome.sent === undefined) throw new Error(`no challenge to answer: ${outcome.response.status}`);
  return { response: outcome.response, sent: outcome.sent };
}

const infoOf = (response: HttpResponse) =>
  parseAuthenticationInfo(headerValues(response, "authentication-info")[0] ?? "");

describe.each([TLS_1_2, TLS_1_3].map((suite) => [suite.name, suite] as const))("over %s", (_name, suite) => {
  test("the challenge is read, and the terminal is served", async () => {
    const access = await enter(suite);
    const { response } = await ask(access);
    expect({ status: response.status, body: response.body.toString() }).toEqual({
      status: 200,
      body: CONTENT,
    });
    expect(access.challenge).toMatchObject({
      scheme: "Digest",
      realm: REALM,
      algorithm: "MD5",
      qop: ["auth"],
    });
  });

  test("Apache proves itself by rspauth, and no other key would have given it", async () => {
    const access = await enter(suite);
    const { response, sent } = await ask(access);
    const { username = "", realm = "", nonce = "", uri = "", nc, cnonce } = sent.fields;
    const digest = { username, realm, nonce, uri, qop: "auth", nc, cnonce } as const;
    const { algorithm, password } = access.secrets;
    expect(infoOf(response)).toMatchObject({ qop: "auth", nc, cnonce });
    expect(infoOf(response).rspauth).toBe(rspauth({ ...digest, algorithm, password }));
    expect(infoOf(response).rspauth).not.toBe(rspauth({ ...digest, algorithm, password: "other" }));
  });

  test("the terminal goes on with the nonce that Apache wants next", async () => {
    const access = await enter(suite);
    const first = await ask(access);
    const { nextnonce } = infoOf(first.response);
    expect(nextnonce).toEqual(expect.any(String));
    expect(nextnonce).not.toBe(first.sent.fields.nonce);
    const second = await ask(access);
    expect(second.sent.fields).toMatchObject({ nonce: nextnonce, nc: "00000001" });
    expect(second.response.status).toBe(200);
  });

  test("the first nonce serves again with the next count", async () => {
    const access = await enter(suite);
    const { sent } = await ask(access);
    const next = recomputed({ ...sent, fields: { ...sent.fields, nc: "00000002" } }, access.secrets);
    expect(await access.send(next)).toMatchObject({ ok: true, response: { status: 200 } });
  });

  test("another key is refused", async () => {
    const access = await enter(suite, (credential) => credential.withKey(randomBytes(32), "random key"));
    expect((await ask(access)).response.status).toBe(401);
  });

  test("an unknown B-TID is refused", async () => {
    const unknown = operator.keyManager.unknownBTid();
    const access = await enter(suite, (credential) => credential.withName(unknown, "unknown B-TID"));
    expect((await ask(access)).response.status).toBe(401);
  });
});

test.each([
  "wrongResponse",
  "responseRightAtBegin",
  "emptyResponse",
  "shortResponse",
  "longResponse",
  "inventedNonce",
  "editedNonce",
  "omittedQop",
] as const)("the deviation %s is refused", async (deviation) => {
  const { response } = await ask(await enter(TLS_1_2), deviation);
  expect(response.status).toBeGreaterThanOrEqual(400);
  expect(response.status).toBeLessThan(500);
});
