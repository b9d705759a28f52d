import { readFileSync, writeFileSync } from "node:fs";
import { afterAll, expect, onTestFinished, test } from "vitest";
import { readConfig } from "../config.ts";
import { startEnabler } from "../enabler.ts";
import { policyOf } from "../faults.ts";
import { Material, SERVER_NAME } from "./bench.ts";
import { connectHttps, connectPsk, exchange, type Link, pskOffer } from "./clients.ts";
import { deriveKey } from "./key-manager.ts";

const material = new Material();
afterAll(() => material.remove());

const OLD = ["TLSv1", "TLSv1.1"] as const;

/** An enabler that is configured for TLS 1.0 to 1.2 on both ways in. */
async function startOld(fault: string | null) {
  const keyManager = await material.startKeyManager();
  const path = material.writeConfig(keyManager, fault);
  const config = JSON.parse(readFileSync(path, "utf8"));
  const versions = ["1.0", "1.1", "1.2"];
  config.enabler.tls = { "uc1.psk-tls": versions, "uc1.https-digest": versions };
  writeFileSync(path, JSON.stringify(config));
  const policy = policyOf(fault);
  if (policy === undefined) throw new Error(`no fault ${fault}`);
  const enabler = await startEnabler(readConfig(path), policy, () => {});
  onTestFinished(async () => {
    enabler.close();
    await keyManager.stop();
  });
  return { material, endpoints: enabler.endpoints, keyManager };
}

const SHA_1 = ["PSK-AES128-CBC-SHA", "010001008c"] as const;
const SHA_256 = ["PSK-AES128-CBC-SHA256", "01000100ae"] as const;

test.each(OLD)("%s is served with suites of both hashes, each with the key for it", async (version) => {
  const target = await startOld(null);
  for (const [cipher, ua] of [SHA_1, SHA_256]) {
    const link: Link = [version, cipher, ua];
    const socket = await connectPsk(target, pskOffer(target.keyManager.bootstrap(), ...link));
    expect(socket.getProtocol()).toBe(version);
    expect((await exchange(socket, { path: "/protected" })).status).toBe(200);
    socket.destroy();
  }
});

test.each(OLD)("%s challenges over a connection with the certificate", async (version) => {
  const target = await startOld(null);
  const socket = await connectHttps(target, version, "ECDHE-RSA-AES128-SHA:@SECLEVEL=0");
  expect((await exchange(socket, { path: "/protected" })).status).toBe(401);
  socket.destroy();
});

test("psk-old-version-key shows before TLS 1.2 only, and only when it is started with it", async () => {
  const served = async (fault: string | null, version: Link[0]) => {
    const target = await startOld(fault);
    const user = target.keyManager.bootstrap();
    const offer = pskOffer(user, version, ...SHA_256);
    const [, ua] = fault === null ? SHA_256 : SHA_1;
    const key = version === "TLSv1.2" ? offer.key : deriveKey(user, SERVER_NAME, ua);
    return connectPsk(target, { ...offer, key }).then(
      (socket) => void socket.destroy(),
      (error: Error) => error.message,
    );
  };
  for (const version of [...OLD, "TLSv1.2"] as const) {
    expect(await served(null, version)).toBeUndefined();
    expect(await served("psk-old-version-key", version)).toBeUndefined();
  }
});

test("TLS 1.3 is not accepted where it is not configured", async () => {
  const target = await startOld(null);
  const offer = pskOffer(target.keyManager.bootstrap(), "TLSv1.3", "TLS_AES_128_GCM_SHA256", "0100000007");
  await expect(connectPsk(target, offer)).rejects.toThrow();
});
