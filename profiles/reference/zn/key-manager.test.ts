import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { Admission, KeyQuery } from "../association.ts";
import { conforming } from "../policy/conforming.ts";
import { KEY_MANAGER_NAME, Material, SERVER_NAME } from "../smoke/bench.ts";
import type { Issued } from "../smoke/certificates.ts";
import { type Bootstrapping, deriveKey, type StubKeyManager } from "../smoke/key-manager.ts";
import { KeyManager } from "./key-manager.ts";
import { ZnSession } from "./session.ts";

const BOUND_MS = 500;
const material = new Material();
let stub: StubKeyManager;
let user: Bootstrapping;
const opened: KeyManager[] = [];

beforeAll(async () => {
  stub = await material.startKeyManager();
});
afterAll(async () => {
  for (const keyManager of opened) keyManager.close();
  await stub.stop();
  material.remove();
});
beforeEach(() => {
  user = stub.bootstrap("user1@home1.example");
});

function open(client: Issued = material.znClient): KeyManager {
  const address = {
    url: new URL(stub.url),
    serverName: KEY_MANAGER_NAME,
    trust: material.authority.certificate,
    certificate: client.certificate,
    privateKey: client.privateKey,
  };
  const keyManager = new KeyManager(
    () => new ZnSession(address, conforming),
    BOUND_MS,
    conforming,
    () => {},
  );
  opened.push(keyManager);
  return keyManager;
}

const queryFor = (btid: string): KeyQuery => ({
  wayIn: "uc1.psk-tls",
  btid,
  nafFqdn: SERVER_NAME,
  ua: "0100000007",
});
const ask = (keyManager: KeyManager, about: Bootstrapping = user) => keyManager.obtain(queryFor(about.btid));
const UNAVAILABLE: Admission = { admitted: false, reason: "unavailable" };

async function restart(shown: Issued = material.keyManager): Promise<void> {
  await stub.stop();
  await stub.start(shown);
}

test("one connection carries all questions, and each answer reaches its own question", async () => {
  const before = stub.connections;
  const keyManager = open();
  const users = Array.from({ length: 50 }, () => stub.bootstrap());
  const admissions = await Promise.all(users.map((each) => ask(keyManager, each)));
  for (const [i, admission] of admissions.entries()) {
    const each = users[i];
    if (each === undefined || !admission.admitted) throw new Error("not admitted");
    expect(admission.association.key).toEqual(deriveKey(each, SERVER_NAME, "0100000007"));
    expect(admission.association.btid).toBe(each.btid);
  }
  expect(stub.connections).toBe(before + 1);
});

test("a key manager that comes back on its port is asked again", async () => {
  const keyManager = open();
  expect((await ask(keyManager)).admitted).toBe(true);
  await restart();
  expect((await ask(keyManager)).admitted).toBe(true);
});

test("a key manager that is away leaves no key, until it is back", async () => {
  const keyManager = open();
  await stub.stop();
  expect(await ask(keyManager)).toEqual(UNAVAILABLE);
  await stub.start(material.keyManager);
  expect((await ask(keyManager)).admitted).toBe(true);
});

test("a silent key manager is given up, and others on its connection are not", async () => {
  const keyManager = open();
  const other = stub.bootstrap();
  expect((await ask(keyManager, other)).admitted).toBe(true);
  const before = stub.connections;
  user.answer = "silent";
  const [silent, answered] = await Promise.all([ask(keyManager), ask(keyManager, other)]);
  expect(silent).toEqual(UNAVAILABLE);
  expect(answered.admitted).toBe(true);
  expect((await ask(keyManager, other)).admitted).toBe(true);
  expect(stub.connections).toBe(before);
});

test("a key manager that goes away over a question leaves no key", async () => {
  const keyManager = open();
  user.answer = "silent";
  stub.onQuestion = () => void stub.stop();
  expect(await ask(keyManager)).toEqual(UNAVAILABLE);
  stub.onQuestion = undefined;
  await restart();
});

test.each([
  ["of another name", () => material.otherName],
  ["of another authority", () => material.otherKeyManager],
])("a key manager with a certificate %s is not asked", async (_name, shown) => {
  await restart(shown());
  const asked = stub.questions.length;
  expect(await ask(open())).toEqual(UNAVAILABLE);
  expect(stub.questions).toHaveLength(asked);
  await restart();
});

test("without a certificate that the key manager trusts there is no key", async () => {
  expect(await ask(open(material.otherChain))).toEqual(UNAVAILABLE);
});

test.each([
  ["a redirect", { status: 307 }],
  ["another success", { status: 201, body: {} }],
  ["an answer of more than 64 KiB", { status: 200, body: `{"x":"${"y".repeat(70_000)}"}` }],
])("%s gives no key", async (_name, answer) => {
  user.answer = answer;
  expect(await ask(open())).toEqual(UNAVAILABLE);
});

test("a key that has expired is told as such", async () => {
  user.expiresAt = Date.now() - 1;
  expect(await ask(open())).toEqual({ admitted: false, reason: "expired" });
});

test("after it was closed nothing is asked", async () => {
  const keyManager = open();
  keyManager.close();
  expect(await ask(keyManager)).toEqual(UNAVAILABLE);
});
