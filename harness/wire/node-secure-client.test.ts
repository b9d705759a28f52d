import { randomBytes, X509Certificate } from "node:crypto";
import type { TLSSocket } from "node:tls";
import { describe, expect, test } from "vitest";
import { suitesOf } from "../protocols/tls/index.ts";
import { CertificateAuthority } from "../roles/certificate-authority/index.ts";
import { listenTls } from "./testing/loopback.ts";
import { Recorder } from "./testing/recorder.ts";
import {
  authority,
  certificateOffer,
  certificateServer,
  connect,
  ending,
  IDENTITY,
  KEY,
  NAME,
  PSK_12,
  PSK_13,
  pskOffer,
  pskServer,
  server,
  session,
} from "./testing/tls-peers.ts";

describe("pre-shared key", () => {
  test("TLS 1.2: the hint is seen, identity and server name reach the server", async () => {
    const secure: TLSSocket[] = [];
    const identities: string[] = [];
    const { at } = await listenTls(
      pskServer({
        pskIdentityHint: "3GPP-bootstrapping",
        pskCallback: (_socket, identity) => {
          identities.push(identity);
          return KEY;
        },
      }),
      (socket) => secure.push(socket),
    );
    const observer = new Recorder();
    const one = await session(at, pskOffer("1.2"), observer);
    expect(one).toMatchObject({ version: "1.2", pskInUse: true, hint: "3GPP-bootstrapping", alive: true });
    expect(one.suite).toBe(PSK_12);
    expect(one.certificate).toBeUndefined();
    expect(identities).toEqual([IDENTITY]);
    // Node types the member for servers too but has it undefined when no name was sent.
    expect(secure.map((socket) => ("servername" in socket ? socket.servername : ""))).toEqual([NAME]);
    expect(observer.ladder).toEqual([
      "terminal>enabler connection",
      "terminal>enabler handshake",
      "enabler>terminal handshake",
    ]);
    expect(JSON.stringify(observer.events)).toContain('hint \\"3GPP-bootstrapping\\"');
    expect(JSON.stringify(observer.events)).not.toContain(KEY.toString("hex"));
  });

  test("TLS 1.2 without a hint", async () => {
    const { at } = await listenTls(pskServer());
    expect(await session(at, pskOffer("1.2"))).toMatchObject({ pskInUse: true, hint: null });
  });

  test("TLS 1.3: the server took the key", async () => {
    const { at } = await listenTls(pskServer({ ...certificateServer(server) }));
    const one = await session(at, pskOffer("1.3"));
    expect(one).toMatchObject({ version: "1.3", pskInUse: true, hint: null });
    expect(one.suite).toBe(PSK_13);
    expect(one.certificate).toBeUndefined();
  });

  test("TLS 1.3: a server that falls back to its certificate did not take the key", async () => {
    const { at } = await listenTls(pskServer({ ...certificateServer(server), pskCallback: () => null }));
    const one = await session(at, pskOffer("1.3"));
    expect(one).toMatchObject({ version: "1.3", pskInUse: false });
    expect(one.certificate?.names).toEqual([NAME, "www.home1.example"]);
  });

  test.each(["1.2", "1.3"] as const)(
    "TLS %s: both ends have the same channel binding, no other connection",
    async (version) => {
      const secure: TLSSocket[] = [];
      const { at } = await listenTls(pskServer(), (socket) => secure.push(socket));
      const sessions = [await session(at, pskOffer(version)), await session(at, pskOffer(version))];
      await expect.poll(() => secure.length).toBe(2);
      const hex = (octets: Uint8Array | undefined) => Buffer.from(octets ?? []).toString("hex");
      const mine = sessions.map(({ channelBinding }) => hex(channelBinding));
      const theirs = secure.map((socket) =>
        hex(socket.exportKeyingMaterial(32, "EXPORTER-Channel-Binding", Buffer.alloc(0))),
      );
      expect(mine).toEqual(theirs);
      expect(new Set(mine).size).toBe(2);
      expect(mine[0]).toHaveLength(64);
      await sessions[0]?.close();
      expect(sessions[0]?.channelBinding).toBeUndefined();
    },
  );

  test("no server name is sent when the offer has none", async () => {
    const names: unknown[] = [];
    const { at } = await listenTls(pskServer(), (socket) =>
      names.push("servername" in socket ? socket.servername : undefined),
    );
    const { serverName: _, ...offer } = pskOffer("1.2");
    await session(at, offer);
    expect(names).toEqual([false]);
  });

  test("wrong key: bad_record_mac up to TLS 1.2, and an alert in TLS 1.3", async () => {
    const { at, allGone } = await listenTls(pskServer());
    expect(await ending(at, pskOffer("1.2", randomBytes(32)))).toEqual({ kind: "alert", alert: 20 });
    expect(await ending(at, pskOffer("1.3", randomBytes(32)))).toMatchObject({ kind: "alert" });
    await allGone();
  });

  test("unknown identity: unknown_psk_identity", async () => {
    const { at } = await listenTls(pskServer({ pskCallback: () => null }));
    expect(await ending(at, pskOffer("1.2"))).toEqual({ kind: "alert", alert: 115 });
  });

  test("every PSK suite that OpenSSL has is negotiated under its own name", async () => {
    const { at } = await listenTls(
      pskServer({ ...certificateServer(server), dhparam: "auto", ciphers: "ALL:PSK:eNULL:@SECLEVEL=0" }),
    );
    const suites = [...suitesOf("psk", true), ...suitesOf("psk", false)];
    const seen: string[] = [];
    for (const one of suites) {
      const outcome = await connect(at, { ...pskOffer("1.2"), suites: [one] });
      if (!outcome.ok) throw new Error(`${one.name}: ${JSON.stringify(outcome.ending)}`);
      seen.push(`${outcome.session.suite.name} ${outcome.session.pskInUse}`);
      await outcome.session.close();
    }
    expect(suites.length).toBeGreaterThan(30);
    expect(seen).toEqual(suites.map(({ name }) => `${name} true`));
  });

  test.each(["1.0", "1.1"] as const)(
    "TLS %s negotiates the suites that the table gives it, and no other",
    async (version) => {
      const { at } = await listenTls(
        pskServer({
          ...certificateServer(server),
          dhparam: "auto",
          ciphers: "ALL:PSK:eNULL:@SECLEVEL=0",
          minVersion: "TLSv1",
        }),
      );
      const suites = [...suitesOf("psk", true), ...suitesOf("psk", false)];
      const negotiated: string[] = [];
      for (const one of suites) {
        const outcome = await connect(at, { ...pskOffer("1.2"), version, suites: [one] });
        if (!outcome.ok) continue;
        expect(outcome.session).toMatchObject({ version, suite: one, pskInUse: true });
        negotiated.push(one.name);
        await outcome.session.close();
      }
      expect(negotiated).toEqual(
        suites.filter(({ versions }) => versions.includes(version)).map(({ name }) => name),
      );
    },
  );
});

describe("certificate", () => {
  test.each(["1.2", "1.3"] as const)("TLS %s: trusted, right name", async (version) => {
    const { at } = await listenTls(certificateServer(server));
    const one = await session(at, certificateOffer(version));
    expect(one).toMatchObject({ version, pskInUse: false, hint: null });
    expect(one.certificate).toEqual({
      subject: `certificate of "${NAME}"`,
      names: [NAME, "www.home1.example"],
      chain: [server.certificate, authority.certificate].map((pem) => new X509Certificate(pem).raw),
    });
  });

  test("another authority: the chain is not believed, the name is right", async () => {
    const stranger = await CertificateAuthority.create("strange operator");
    const { at } = await listenTls(certificateServer(server));
    const offer = certificateOffer("1.3", {
      authentication: { kind: "certificate", trust: stranger.certificate },
    });
    const { certificate } = await session(at, offer);
    expect(certificate?.chainError).toMatch(/^[A-Z_]+$/);
    expect(certificate?.nameError).toBeUndefined();
  });

  test("another name: the chain is believed, the name is named", async () => {
    const { at } = await listenTls(certificateServer(server));
    const { certificate } = await session(at, certificateOffer("1.2", { serverName: "other.home1.example" }));
    expect(certificate?.chainError).toBeUndefined();
    expect(certificate?.nameError).toContain("other.home1.example");
  });

  test("a certificate for clients is not believed of a server", async () => {
    const forClients = await authority.issue({ commonName: NAME, names: [NAME], usage: "client" });
    const { at } = await listenTls(certificateServer(forClients));
    const { certificate } = await session(at, certificateOffer("1.3"));
    expect(certificate?.chainError).toBe("INVALID_PURPOSE");
  });

  test("a name that looks like a list of names stays one name", async () => {
    const sly = await authority.issue({
      commonName: "sly",
      names: [`x, DNS:${NAME}, DNS:y`, "z.example"],
      usage: "server",
    });
    const { at } = await listenTls(certificateServer(sly));
    const { certificate } = await session(at, certificateOffer("1.3"));
    expect(certificate?.names).toHaveLength(2);
    expect(certificate?.names).not.toContain(NAME);
    expect(certificate?.nameError).toContain(NAME);
  });
});
