import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { Material, SERVER_NAME } from "./bench.ts";
import {
  connectHttps,
  connectPsk,
  digestExchange,
  exchange,
  httpExchange,
  nonceOf,
  pskOffer,
  type Target,
} from "./clients.ts";
import { EnablerProcess } from "./enabler-process.ts";
import { deriveKey, type StubKeyManager } from "./key-manager.ts";
import { TLS_12, TLS_13 } from "./probes/probe.ts";

const GET = { path: "/protected" };
const material = new Material();
let keyManager: StubKeyManager;
const started: EnablerProcess[] = [];

beforeAll(async () => {
  keyManager = await material.startKeyManager();
});
afterEach(async () => {
  for (const { child, ended } of started.splice(0)) {
    child.kill("SIGKILL");
    await ended;
  }
});
afterAll(async () => {
  await keyManager.stop();
  material.remove();
});

function start(...commandLine: string[]): EnablerProcess {
  const enabler = new EnablerProcess(...commandLine);
  started.push(enabler);
  return enabler;
}

async function startWith(fault: string | null): Promise<{ enabler: EnablerProcess; target: Target }> {
  const enabler = start(material.writeConfig(keyManager, fault));
  return { enabler, target: { material, endpoints: await enabler.endpoints } };
}

describe("a started enabler", () => {
  test("serves PSK-TLS 1.2 and 1.3, and HTTPS with Digest, and leaves nothing behind", async () => {
    const { enabler, target } = await startWith(null);
    const user = keyManager.bootstrap("user1@home1.example");
    for (const link of [TLS_12, TLS_13]) {
      const socket = await connectPsk(target, pskOffer(user, ...link));
      const response = await exchange(socket, { path: "/identity" });
      expect(JSON.parse(response.body)).toMatchObject({ user: "user1@home1.example", tls: link[0].slice(4) });
    }
    const socket = await connectHttps(target, "TLSv1.3");
    const nonce = nonceOf(await exchange(socket, GET));
    const key = deriveKey(user, SERVER_NAME, "0100011301");
    const response = await digestExchange(socket, GET, { user: user.btid, key, nonce });
    expect(response.body).toBe(`protected resource of ${SERVER_NAME}\n`);
    expect((await httpExchange(target.endpoints.plain, GET)).status).toBe(426);

    // Three connections of terminals and one to the key manager are still open.
    enabler.child.kill("SIGTERM");
    const { code, stdout, stderr } = await enabler.ended;
    expect(code).toBe(0);
    expect(stdout.trimEnd().split("\n")).toHaveLength(1);
    for (const key of [user.secret, deriveKey(user, SERVER_NAME, TLS_12[2])]) {
      expect(stderr).not.toContain(key.toString("hex"));
      expect(stderr).not.toContain(key.toString("base64"));
    }
    for (const { port } of Object.values(target.endpoints)) {
      const [error] = await once(connect(port, "127.0.0.1"), "error");
      expect(error.code).toBe("ECONNREFUSED");
    }
  });

  test("has the fault that its configuration names", async () => {
    const { target } = await startWith("serves-without-tls");
    expect((await httpExchange(target.endpoints.plain, GET)).body).toContain("protected resource");
  });

  test("ends when its parent is gone", async () => {
    const { enabler } = await startWith(null);
    enabler.child.stdin.end();
    expect((await enabler.ended).code).toBe(0);
  });
});

describe("a configuration that cannot be used", () => {
  async function endOf(change: (config: Record<string, never>) => void) {
    const config = JSON.parse(readFileSync(material.writeConfig(keyManager, null), "utf8"));
    change(config);
    const path = join(material.authority.directory, "changed.json");
    writeFileSync(path, JSON.stringify(config));
    return start(path).ended;
  }

  test.each([
    ["an unknown fault", { fault: "no-such-fault" }, "no-such-fault"],
    ["another version", { configVersion: 2 }, "configVersion is 2, it must be 1"],
    ["no enabler", { enabler: undefined }, "enabler is missing"],
  ])("%s", async (_name, change, sentence) => {
    const { code, stdout, stderr } = await endOf((config) => Object.assign(config, change));
    expect({ code, stdout }).toEqual({ code: 3, stdout: "" });
    expect(stderr).toContain(sentence);
  });

  test("a certificate that does not exist", async () => {
    const certificate = join(material.authority.directory, "nowhere.pem");
    const { code, stderr } = await endOf((config) => Object.assign(config["enabler"] ?? {}, { certificate }));
    expect(code).toBe(3);
    expect(stderr).toContain("enabler: certificate");
    expect(stderr).toContain("nowhere.pem");
  });

  test("no file, and no argument", async () => {
    const absent = await start("/does/not/exist.json").ended;
    expect(absent.code).toBe(3);
    expect(absent.stderr).toContain("/does/not/exist.json");
    const none = await start().ended;
    expect(none.code).toBe(3);
    expect(none.stderr).toContain("configuration file");
  });
});
