/** The questions that every {@link SecureClient} answers in the same way, put to Node's TLS and to the engine. */
import { randomBytes } from "node:crypto";
import type { TLSSocket } from "node:tls";
import { describe, expect, onTestFinished, test } from "vitest";
import { CertificateAuthority } from "../../roles/certificate-authority/index.ts";
import { NodeSecureClient } from "../node-secure-client.ts";
import type { Ending } from "../observer.ts";
import type { Destination, Offer, SecureClient, SecureSession } from "../secure-client.ts";
import { closedPort, listenTcp, listenTls } from "../testing/loopback.ts";
import { Recorder } from "../testing/recorder.ts";
import {
  authority,
  certificateOffer,
  certificateServer,
  IDENTITY,
  KEY,
  NAME,
  PSK_12,
  PSK_13,
  pskOffer,
  pskServer,
  SHORT,
  server,
} from "../testing/tls-peers.ts";
import { EngineSecureClient } from "./engine-secure-client.ts";

const LONG = 10_000;
const GET = { method: "GET", target: "/resource", headers: [["Host", NAME]] } as const;
const PAGE = "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nserved";

const CLIENTS: readonly (readonly [string, SecureClient])[] = [
  ["Node's TLS", new NodeSecureClient()],
  ["the engine", new EngineSecureClient()],
];

describe.each(CLIENTS)("%s", (_name, client) => {
  const connect = (at: Destination, offer: Offer, observer = new Recorder(), responseMs = LONG) =>
    client.connect(at, offer, { connectMs: LONG, responseMs }, observer);

  async function session(at: Destination, offer: Offer, observer?: Recorder): Promise<SecureSession> {
    const outcome = await connect(at, offer, observer);
    if (!outcome.ok) throw new Error(`no session: ${JSON.stringify(outcome.ending)}`);
    onTestFinished(() => outcome.session.close());
    return outcome.session;
  }

  async function ending(at: Destination, offer: Offer, responseMs = LONG): Promise<Ending> {
    const outcome = await connect(at, offer, new Recorder(), responseMs);
    if (outcome.ok) throw new Error("the handshake was completed");
    expect(outcome.tcpConnected).toBe(true);
    return outcome.ending;
  }

  test("a pre-shared key in TLS 1.2: identity, server name, hint, and events without the key", async () => {
    const names: unknown[] = [];
    const identities: string[] = [];
    const options = pskServer({
      pskIdentityHint: "3GPP-bootstrapping",
      pskCallback: (_socket, identity) => {
        identities.push(identity);
        return KEY;
      },
    });
    const { at } = await listenTls(options, (socket) =>
      names.push("servername" in socket && socket.servername),
    );
    const observer = new Recorder();
    const one = await session(at, pskOffer("1.2"), observer);
    expect(one).toMatchObject({ version: "1.2", pskInUse: true, hint: "3GPP-bootstrapping", alive: true });
    expect(one.suite).toBe(PSK_12);
    expect(one.certificate).toBeUndefined();
    expect([identities, names]).toEqual([[IDENTITY], [NAME]]);
    expect(observer.ladder).toEqual([
      "terminal>enabler connection",
      "terminal>enabler handshake",
      "enabler>terminal handshake",
    ]);
    expect(JSON.stringify(observer.events)).not.toContain(KEY.toString("hex"));
  });

  test("no hint is null, and no server name is not sent", async () => {
    const names: unknown[] = [];
    const { at } = await listenTls(pskServer(), (socket) =>
      names.push("servername" in socket && socket.servername),
    );
    const { serverName: _, ...offer } = pskOffer("1.2");
    expect(await session(at, offer)).toMatchObject({ pskInUse: true, hint: null });
    expect(names).toEqual([false]);
  });

  test("TLS 1.3: the server took the key, or fell back to its certificate", async () => {
    const { at } = await listenTls(pskServer({ ...certificateServer(server) }));
    const one = await session(at, pskOffer("1.3"));
    expect(one).toMatchObject({ version: "1.3", pskInUse: true, hint: null, suite: PSK_13 });
    expect(one.certificate).toBeUndefined();
    const other = await listenTls(pskServer({ ...certificateServer(server), pskCallback: () => null }));
    const fallen = await session(other.at, pskOffer("1.3"));
    expect(fallen.pskInUse).toBe(false);
    expect(fallen.certificate?.names).toEqual([NAME, "www.home1.example"]);
  });

  test.each(["1.2", "1.3"] as const)("TLS %s: both ends have the same channel binding", async (version) => {
    const secure: TLSSocket[] = [];
    const { at } = await listenTls(pskServer(), (socket) => secure.push(socket));
    const one = await session(at, pskOffer(version));
    await expect.poll(() => secure.length).toBe(1);
    const theirs = secure[0]?.exportKeyingMaterial(32, "EXPORTER-Channel-Binding", Buffer.alloc(0));
    expect(Buffer.from(one.channelBinding ?? []).toString("hex")).toBe(theirs?.toString("hex"));
    await one.close();
    expect(one.channelBinding).toBeUndefined();
  });

  test.each(["1.2", "1.3"] as const)("TLS %s: one request, then many in one flight", async (version) => {
    const { at } = await listenTls(pskServer(), (socket) => {
      socket.setEncoding("latin1").on("data", (text: string) => {
        for (const _ of text.matchAll(/^GET /gm)) socket.write(PAGE);
      });
    });
    const one = await session(at, pskOffer(version));
    expect(await one.exchange(GET)).toMatchObject({ ok: true, response: { status: 200 } });
    const outcomes = await one.pipeline([GET, GET, GET]);
    expect(outcomes.map(({ ok }) => ok)).toEqual([true, true, true]);
    expect(one.alive).toBe(true);
    await one.close();
    expect(one.alive).toBe(false);
  });

  test("refusals are alerts: wrong key, unknown identity, no common suite or version", async () => {
    const { at, allGone } = await listenTls(pskServer());
    expect(await ending(at, pskOffer("1.2", randomBytes(32)))).toEqual({ kind: "alert", alert: 20 });
    expect(await ending(at, pskOffer("1.3", randomBytes(32)))).toMatchObject({ kind: "alert" });
    const nobody = await listenTls(pskServer({ pskCallback: () => null }));
    expect(await ending(nobody.at, pskOffer("1.2"))).toEqual({ kind: "alert", alert: 115 });
    expect(await ending(at, certificateOffer("1.2"))).toEqual({ kind: "alert", alert: 40 });
    const newest = await listenTls(pskServer({ minVersion: "TLSv1.3" }));
    expect(await ending(newest.at, pskOffer("1.2"))).toEqual({ kind: "alert", alert: 70 });
    await allGone();
  });

  test("a server that says nothing, one that closes, and one that is not there", async () => {
    const silent = await listenTcp(() => undefined);
    expect(await ending(silent.at, pskOffer("1.2"), SHORT)).toEqual({ kind: "timeout", ms: SHORT });
    const closing = await listenTcp((socket) => socket.end());
    expect(["closed", "reset"]).toContain((await ending(closing.at, pskOffer("1.3"))).kind);
    const web = await listenTcp((socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"));
    expect((await ending(web.at, pskOffer("1.2"))).kind).toBe("protocol-error");
    expect(await connect(await closedPort(), pskOffer("1.2"))).toMatchObject({
      ok: false,
      tcpConnected: false,
    });
  });

  test.each(["1.2", "1.3"] as const)(
    "TLS %s: a certificate that is believed, and for the name",
    async (version) => {
      const { at } = await listenTls(certificateServer(server));
      const one = await session(at, certificateOffer(version));
      expect(one).toMatchObject({ version, pskInUse: false, hint: null });
      expect(one.certificate).toMatchObject({
        subject: `certificate of "${NAME}"`,
        names: [NAME, "www.home1.example"],
      });
      expect(one.certificate).not.toHaveProperty("chainError");
      expect(one.certificate).not.toHaveProperty("nameError");
    },
  );

  test("another authority, another name, another usage, a sly name", async () => {
    const stranger = await CertificateAuthority.create("strange operator");
    const { at } = await listenTls(certificateServer(server));
    const unknown = { authentication: { kind: "certificate", trust: stranger.certificate } } as const;
    const believed = (await session(at, certificateOffer("1.3", unknown))).certificate;
    expect(believed?.chainError).toMatch(/^[A-Z_]+$/);
    expect(believed?.nameError).toBeUndefined();
    const named = (await session(at, certificateOffer("1.2", { serverName: "other.home1.example" })))
      .certificate;
    expect(named?.chainError).toBeUndefined();
    expect(named?.nameError).toContain("other.home1.example");
    const forClients = await authority.issue({ commonName: NAME, names: [NAME], usage: "client" });
    const clients = await listenTls(certificateServer(forClients));
    expect((await session(clients.at, certificateOffer("1.3"))).certificate?.chainError).toBe(
      "INVALID_PURPOSE",
    );
    const names = [`x, DNS:${NAME}, DNS:y`, "z.example"];
    const sly = await listenTls(
      certificateServer(await authority.issue({ commonName: "sly", names, usage: "server" })),
    );
    const { certificate } = await session(sly.at, certificateOffer("1.3"));
    expect(certificate?.names).not.toContain(NAME);
    expect(certificate?.nameError).toContain(NAME);
  });
});
