import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { connect } from "node:net";
import { describe, expect, test } from "vitest";
import { CertificateAuthority } from "../certificate-authority/index.ts";
import { bootstrapped, enabler, hexKey } from "../testing/bootstrapped.ts";
import { BSF } from "../testing/names.ts";
import { newTerminal } from "../testing/operator.ts";
import { ZnClient } from "../testing/zn-client.ts";
import type { KeyManager } from "./index.ts";

const stranger = await CertificateAuthority.create("strange operator");

/** The error with which nobody is reached there. */
async function connectError({ zn }: KeyManager): Promise<string> {
  const [error] = await once(connect(zn), "error");
  return error.code;
}

describe("a key manager that goes away", () => {
  test("comes back on the same port with the same keys", async () => {
    const { keyManager, zn, btid, credential } = await bootstrapped();
    const { port } = keyManager.zn;
    keyManager.steer(btid, { answer: "silent" });
    const waiting = zn.ask({ btid });
    const dropped = expect(waiting).rejects.toThrow();
    await expect.poll(() => keyManager.requestsFor(btid)).toHaveLength(1);
    await keyManager.goAway();
    await dropped;
    expect(await connectError(keyManager)).toBe("ECONNREFUSED");
    // Ub is another listener: terminals bootstrap all the same.
    const later = await newTerminal(keyManager).bootstrap(keyManager);
    await keyManager.comeBack();
    expect(keyManager.zn.port).toBe(port);
    keyManager.steer(btid, { answer: "key" });
    const again = new ZnClient(keyManager, enabler);
    expect(JSON.parse((await again.ask({ btid })).body).meKeyMaterial).toBe(hexKey(credential));
    expect((await again.ask({ btid: later.btid })).status).toBe(200);
  });

  test("comes back with another certificate when it is given one", async () => {
    const { keyManager, btid } = await bootstrapped();
    await keyManager.goAway();
    await keyManager.comeBack(await stranger.issue({ commonName: BSF, names: [BSF], usage: "server" }));
    await expect(new ZnClient(keyManager, enabler).ask({ btid })).rejects.toThrow(/self-signed|verify/);
    await keyManager.goAway();
    await keyManager.comeBack();
    expect((await new ZnClient(keyManager, enabler).ask({ btid })).status).toBe(200);
  });

  test("waits for nobody: not for TCP without TLS, not for TLS without a request", async () => {
    const { keyManager, zn, btid } = await bootstrapped();
    const idle = connect(keyManager.zn);
    const half = connect(keyManager.zn);
    for (const socket of [idle, half]) socket.on("error", () => undefined);
    await Promise.all([once(idle, "connect"), once(half, "connect")]);
    half.write(Buffer.from("160301020001", "hex"));
    await zn.ask({ btid });
    const closed = Promise.all(
      [idle, half].map((socket) => new Promise((done) => socket.once("close", done))),
    );
    await keyManager.goAway();
    await closed;
    await keyManager.goAway();
  });

  test("is closed twice without harm", async () => {
    const { keyManager } = await bootstrapped();
    await Promise.all([keyManager.close(), keyManager.close()]);
    expect(await connectError(keyManager)).toBe("ECONNREFUSED");
  });
});

test("octets that are no TLS harm nobody", async () => {
  const { keyManager, zn, btid } = await bootstrapped();
  for (const octets of [randomBytes(100), Buffer.from("GET / HTTP/1.1\r\n\r\n"), Buffer.alloc(0)]) {
    const socket = connect(keyManager.zn).on("error", () => undefined);
    socket.end(octets).resume();
    await new Promise((done) => socket.once("close", done));
  }
  expect((await zn.ask({ btid })).status).toBe(200);
});
