import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { connect as connectRaw } from "node:net";
import { describe, expect, test } from "vitest";
import { GET, page } from "./testing/http-peer.ts";
import { closedPort, listenTcp, listenTls } from "./testing/loopback.ts";
import { Recorder } from "./testing/recorder.ts";
import {
  authority,
  certificateOffer,
  certificateServer,
  connect,
  ending,
  IDENTITY,
  KEY,
  PSK_12,
  pskOffer,
  pskServer,
  SHORT,
  server,
  session,
} from "./testing/tls-peers.ts";

describe("how a handshake ends", () => {
  test("alert: no suite in common, no version in common", async () => {
    const { at } = await listenTls(pskServer({ ciphers: "PSK-AES256-CBC-SHA", maxVersion: "TLSv1.2" }));
    expect(await ending(at, pskOffer("1.2"))).toEqual({ kind: "alert", alert: 40 });
    expect(await ending(at, pskOffer("1.3"))).toEqual({ kind: "alert", alert: 70 });
  });

  test("closed", async () => {
    const { at, allGone } = await listenTcp((socket) => socket.once("data", () => socket.end()));
    expect(await ending(at, pskOffer("1.2"))).toEqual({ kind: "closed" });
    await allGone();
  });

  test("closed without a single octet", async () => {
    const { at } = await listenTcp((socket) => socket.end());
    expect(await ending(at, pskOffer("1.3"))).toEqual({ kind: "closed" });
  });

  test("reset", async () => {
    const { at } = await listenTcp((socket) => socket.once("data", () => socket.resetAndDestroy()));
    expect(await ending(at, pskOffer("1.2"))).toEqual({ kind: "reset" });
  });

  test("timeout: a server that accepts TCP and says nothing", async () => {
    const { at, allGone } = await listenTcp((socket) => socket.resume());
    expect(await ending(at, pskOffer("1.2"), SHORT)).toEqual({ kind: "timeout", ms: SHORT });
    await allGone();
  });

  test("timeout: a server that drips a handshake that never ends", async () => {
    const { at, allGone } = await listenTcp((socket) => {
      // A handshake record of 16,384 octets of which one comes every 10 ms.
      socket.write(Buffer.from("1603034000020000", "hex"));
      const drip = setInterval(() => socket.write(Buffer.of(0)), 10);
      socket.once("close", () => clearInterval(drip)).resume();
    });
    expect(await ending(at, pskOffer("1.2"), SHORT)).toEqual({ kind: "timeout", ms: SHORT });
    await allGone();
  });

  test.each([
    ["HTTP instead of TLS", Buffer.from("HTTP/1.1 400 Bad Request\r\n\r\n")],
    ["random octets", Buffer.from("80ff00aa5511ee0123456789", "hex")],
    ["a record of type 23", Buffer.from("1703030001aa", "hex")],
  ])("garbage: %s", async (_, octets) => {
    const { at, allGone } = await listenTcp((socket) => socket.once("data", () => socket.write(octets)));
    const seen = await ending(at, pskOffer("1.2"));
    expect(seen.kind).toBe("protocol-error");
    expect(seen.kind === "protocol-error" && seen.text).toMatch(/^ERR_SSL_/);
    await allGone();
  });

  test("unreachable: nobody listens", async () => {
    const at = await closedPort();
    const observer = new Recorder();
    const outcome = await connect(at, pskOffer("1.2"), observer);
    expect(outcome).toMatchObject({ ok: false, tcpConnected: false, ending: { kind: "unreachable" } });
    expect(observer.ladder).toEqual(["enabler>terminal ending"]);
    expect(JSON.stringify(outcome)).toContain("ECONNREFUSED");
  });

  test("unreachable: a name that does not exist", async () => {
    const outcome = await connect({ host: "nowhere.invalid", port: 443 }, pskOffer("1.2"));
    expect(outcome).toMatchObject({ tcpConnected: false, ending: { kind: "unreachable" } });
    expect(JSON.stringify(outcome)).toContain("nowhere.invalid");
  });
});

describe("a session", () => {
  test("speaks HTTP, on IPv6 too", async () => {
    const { at } = await listenTls(
      certificateServer(server),
      (socket) => socket.once("data", () => socket.write(page("six"))),
      "::1",
    );
    const one = await session(at, certificateOffer("1.3"));
    const outcome = await one.exchange(GET);
    expect(outcome.ok && outcome.response.body.toString()).toBe("six");
  });

  test("TLS 1.3: an alert that comes after the handshake ends the first exchange", async () => {
    const { at } = await listenTls({
      ...certificateServer(server),
      ca: authority.certificate,
      requestCert: true,
    });
    const one = await session(at, certificateOffer("1.3"));
    // certificate_required: the server misses what this client never sends.
    expect(await one.exchange(GET)).toEqual({ ok: false, ending: { kind: "alert", alert: 116 } });
    expect(one.alive).toBe(false);
  });

  test("is not alive when the peer has closed", async () => {
    const { at, allGone } = await listenTls(certificateServer(server), (socket) => socket.end());
    const one = await session(at, certificateOffer("1.3"));
    await allGone();
    await expect.poll(() => one.alive).toBe(false);
    expect(await one.exchange(GET)).toEqual({ ok: false, ending: { kind: "closed" } });
  });

  test("altered octets on the path end it", async () => {
    const enabler = await listenTls(certificateServer(server), (socket) =>
      socket.once("data", () => socket.write(page("altered"))),
    );
    let alter = false;
    const path = await listenTcp((socket) => {
      const onward = connectRaw(enabler.at).on("error", () => undefined);
      socket.on("data", (octets) => onward.write(octets)).once("close", () => onward.destroy());
      onward.on("data", (octets: Buffer) => {
        const last = octets.length - 1;
        if (alter) octets.writeUInt8(octets.readUInt8(last) ^ 1, last);
        socket.write(octets);
      });
    });
    const one = await session(path.at, certificateOffer("1.2"));
    alter = true;
    const outcome = await one.exchange(GET);
    expect(outcome).toMatchObject({ ok: false, ending: { kind: "protocol-error" } });
    expect(JSON.stringify(outcome)).toContain("ERR_SSL_");
    expect(one.alive).toBe(false);
  });

  test("leaves no socket open after close, whatever it was used for", async () => {
    const { at, open, allGone } = await listenTls(certificateServer(server), (socket) =>
      socket.once("data", () => socket.write(page("x"))),
    );
    const unused = await session(at, certificateOffer("1.3"));
    const used = await session(at, certificateOffer("1.3"));
    await used.exchange(GET);
    expect(open()).toBe(2);
    await Promise.all([unused.close(), used.close()]);
    await allGone();
    await used.close();
    expect(await used.exchange(GET)).toMatchObject({ ok: false });
    expect([unused.alive, used.alive]).toEqual([false, false]);
    await expect.poll(openSockets).toEqual([]);
  });

  test("leaves no socket open after a refusal", async () => {
    const { at, allGone } = await listenTls(pskServer());
    await ending(at, pskOffer("1.2", randomBytes(32)));
    await allGone();
    await expect.poll(openSockets).toEqual([]);
  });

  test("keeps no process alive: no socket and no timer", async () => {
    const { at } = await listenTls(pskServer(), (socket) => socket.on("data", () => socket.write(page("x"))));
    const own = (file: string) => JSON.stringify(new URL(file, import.meta.url).href);
    const script = `
      import { NodeSecureClient } from ${own("node-secure-client.ts")};
      import { suiteByName } from ${own("../protocols/tls/index.ts")};
      const offer = {
        version: "1.2", suites: [suiteByName("${PSK_12.name}")],
        authentication: { kind: "psk", identity: "${IDENTITY}", key: Buffer.from("${KEY.toString("hex")}", "hex") },
      };
      const bounds = { connectMs: 600_000, responseMs: 600_000 };
      const { session } = await new NodeSecureClient().connect(${JSON.stringify(at)}, offer, bounds, { event() {} });
      const { response } = await session.exchange({ method: "GET", target: "/", headers: [["Host", "x"]] });
      await session.close();
      process.stdout.write(String(response.status));`;
    const child = spawn(process.execPath, ["--input-type=module", "--eval", script]);
    let written = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => (written += text));
    const [code] = await once(child, "close");
    expect({ code, written }).toEqual({ code: 0, written: "200" });
  });
});

function openSockets(): readonly string[] {
  return process.getActiveResourcesInfo().filter((name) => /TCPSocket|TCPConnect|TLS/.test(name));
}
