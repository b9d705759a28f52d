import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { connect as connectHttp2 } from "node:http2";
import { connect } from "node:net";
import { request } from "undici";
import { describe, expect, onTestFinished, test } from "vitest";
import { CertificateAuthority } from "../certificate-authority/index.ts";
import { bootstrapped, enabler, hexKey } from "../testing/bootstrapped.ts";
import { BSF, NAF } from "../testing/names.ts";
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

  test("stands aside: nobody is at its place, it answers elsewhere, and comes back", async () => {
    const { keyManager, btid } = await bootstrapped();
    const { zn } = keyManager;
    const secrets: string[] = [];
    const behind = await keyManager.standAside((line) => secrets.push(line));
    expect(keyManager.zn).toEqual(zn);
    expect(behind.port).not.toBe(zn.port);
    expect(await connectError(keyManager)).toBe("ECONNREFUSED");
    expect((await new ZnClient({ zn: behind }, enabler).ask({ btid })).status).toBe(200);
    expect(secrets.join("")).toContain("SERVER_TRAFFIC_SECRET_0 ");
    await keyManager.goAway();
    await keyManager.comeBack();
    expect((await new ZnClient(keyManager, enabler).ask({ btid })).status).toBe(200);
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

describe("a key manager without TLS", () => {
  const path = "/nbsp-gba/v1/bootstrapping-info-retrieval";
  const body = (btId: string) => JSON.stringify({ btId, nafId: { nafFqdn: NAF, uaSecProtId: "01000100a8" } });

  /** Goes away, and comes back on the same port without TLS. */
  async function unprotected() {
    const one = await bootstrapped();
    await one.keyManager.goAway();
    await one.keyManager.comeBack("unprotected");
    return one;
  }

  test("answers HTTP/2 with prior knowledge", async () => {
    const { keyManager, btid } = await unprotected();
    const { host, port } = keyManager.zn;
    const session = connectHttp2(`http://${host}:${port}`);
    onTestFinished(() => session.destroy());
    const stream = session.request({ ":method": "POST", ":path": path });
    stream.end(body(btid));
    const [headers] = await once(stream, "response");
    expect(headers[":status"]).toBe(200);
    expect(keyManager.requestsFor(btid)).toMatchObject([{ client: "" }]);
  });

  test("answers HTTP/1.1", async () => {
    const { keyManager, btid } = await unprotected();
    const { host, port } = keyManager.zn;
    const response = await request(`http://${host}:${port}${path}`, { method: "POST", body: body(btid) });
    expect(response.statusCode).toBe(200);
    expect(await response.body.json()).toMatchObject({ gbaType: "3G_GBA" });
    expect(keyManager.requestsFor(btid)).toMatchObject([{ client: "" }]);
  });

  test("gives nothing to who speaks TLS, and has TLS again afterwards", async () => {
    const { keyManager, zn, btid } = await unprotected();
    await expect(zn.ask({ btid })).rejects.toThrow();
    expect(keyManager.requestsFor(btid)).toEqual([]);
    await keyManager.goAway();
    await keyManager.comeBack();
    expect((await new ZnClient(keyManager, enabler).ask({ btid })).status).toBe(200);
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
