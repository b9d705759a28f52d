/** The engine's server against Node's TLS client (OpenSSL), in this process: every version and suite, and what goes beyond. */
import { randomBytes, X509Certificate } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { ServerSession } from "../../protocols/tls/index.ts";
import { certificateServer, IDENTITY, KEY, NAME, server } from "../testing/tls-peers.ts";
import { suiteNamed } from "./testing/driven-client.ts";
import { ECDSA_CERTIFICATE } from "./testing/ecdsa-certificate.ts";
import {
  ask,
  ciphersOf,
  credentialOf,
  GCM,
  HASHES,
  listen,
  open,
  psk,
  RSA,
  SUITES,
} from "./testing/engine-server.ts";

const { cert, key } = certificateServer(server);

describe("every suite", () => {
  test.each(["1.0", "1.1", "1.2"] as const)("TLS %s", async (version) => {
    const rsa = await listen();
    const ec = await listen({ credential: credentialOf(ECDSA_CERTIFICATE) });
    const suites = SUITES.filter(({ versions }) => versions.includes(version));
    expect(suites.length).toBeGreaterThan(30);
    for (const suite of suites) {
      const { port, accepted } = suite.name.includes("_ECDSA_") ? ec : rsa;
      const byPsk = suite.authentication === "psk";
      const socket = await open(port, version, { ...ciphersOf(suite), ...(byPsk ? psk : {}) });
      expect([suite.name, await ask(socket, "hello")]).toEqual([suite.name, "[hello]"]);
      expect(accepted.at(-1)).toMatchObject({ version, suite, serverName: NAME, resumed: false });
      expect(accepted.at(-1)?.identity?.toString()).toBe(byPsk ? IDENTITY : undefined);
      const own = socket.exportKeyingMaterial(32, "label", Buffer.from("context"));
      expect(accepted.at(-1)?.exporter("label", Buffer.from("context"), 32)).toEqual(own);
      socket.destroy();
    }
  });

  test.each(HASHES)("TLS 1.3 $name", async (suite) => {
    const { port, accepted } = await listen();
    const ec = await listen({ credential: credentialOf(ECDSA_CERTIFICATE) });
    for (const one of [port, ec.port]) {
      const socket = await open(one, "1.3", { ciphers: suite.openssl });
      expect(await ask(socket, "hello")).toBe("[hello]");
    }
    expect(accepted.at(-1)).toMatchObject({ version: "1.3", suite, resumed: false, identity: undefined });
    if (suite.hash !== "SHA-256") return;
    const socket = await open(port, "1.3", { ciphers: suite.openssl, ...psk });
    expect(await ask(socket, "hello")).toBe("[hello]");
    expect(accepted.at(-1)?.identity?.toString()).toBe(IDENTITY);
    expect(accepted.at(-1)?.exporter("label", Buffer.alloc(0), 32)).toEqual(
      socket.exportKeyingMaterial(32, "label", Buffer.alloc(0)),
    );
  });

  test.each(["P-256", "P-384", "P-521", "X25519", "X448", "ffdhe2048"])("TLS 1.3 with %s", async (group) => {
    const { port } = await listen({
      groups: ["x448", "secp521r1", "secp384r1", "secp256r1", "x25519", "ffdhe2048"],
    });
    expect(await ask(await open(port, "1.3", { ecdhCurve: group }), "hello")).toBe("[hello]");
  });

  test("TLS 1.3 with a HelloRetryRequest, with and without a pre-shared key", async () => {
    const { port } = await listen({ groups: ["secp384r1"] });
    for (const more of [{}, { ...psk, ciphers: GCM.openssl }]) {
      const socket = await open(port, "1.3", { ecdhCurve: "X25519:P-384", ...more });
      expect(await ask(socket, "hello")).toBe("[hello]");
    }
  });
});

describe("certificates of the terminal", () => {
  const own = { cert: ECDSA_CERTIFICATE.cert, key: ECDSA_CERTIFICATE.key };

  test.each(["1.0", "1.1", "1.2", "1.3"] as const)("TLS %s", async (version) => {
    const { port, accepted, refused } = await listen({ clientCertificate: "required" });
    const ciphers = "ALL:@SECLEVEL=0";
    for (const one of [own, { cert: String(cert), key: String(key) }]) {
      expect(await ask(await open(port, version, { ...one, ciphers }), "hello")).toBe("[hello]");
      expect(accepted.at(-1)?.certificates[0]).toEqual(new X509Certificate(one.cert).raw);
    }
    const without = open(port, version, { ciphers });
    // In TLS 1.3 the client has ended its handshake before the server says no.
    await expect(without.then((socket) => ask(socket, "hello"))).rejects.toThrow();
    await expect.poll(() => refused.length).toBe(1);
  });
});

class Sessions {
  readonly #sessions = new Map<string, ServerSession>();
  keep(session: ServerSession): Buffer {
    const name = randomBytes(16);
    this.#sessions.set(name.toString("hex"), session);
    return name;
  }
  find(name: Buffer): ServerSession | undefined {
    return this.#sessions.get(name.toString("hex"));
  }
}

describe("resumption", () => {
  test.each(["1.0", "1.1", "1.2", "1.3"] as const)("TLS %s", async (version) => {
    const { port, accepted } = await listen({ sessions: new Sessions() });
    const options = { ciphers: "ALL:@SECLEVEL=0" };
    const first = await open(port, version, options);
    // A ticket of TLS 1.3 comes behind the handshake.
    const later = new Promise<Buffer>((resolve) => first.once("session", resolve));
    expect(await ask(first, "hello")).toBe("[hello]");
    const session = version === "1.3" ? await later : first.getSession();
    first.destroy();
    const again = await open(port, version, { ...options, ...(session === undefined ? {} : { session }) });
    expect(await ask(again, "again")).toBe("[again]");
    expect([again.isSessionReused(), accepted.at(-1)?.resumed]).toEqual([true, true]);
  });
});

describe("what is refused", () => {
  test.each(["1.2", "1.3"] as const)(
    "TLS %s: an identity without a key, and a wrong key",
    async (version) => {
      const suite = version === "1.3" ? GCM : suiteNamed("TLS_PSK_WITH_AES_128_GCM_SHA256");
      const { port, refused } = await listen({ credential: RSA });
      const other = { pskCallback: () => ({ identity: IDENTITY, psk: Buffer.alloc(32, 9) }) };
      await expect(open(port, version, { ...ciphersOf(suite), ...other })).rejects.toThrow();
      const unknown = { pskCallback: () => ({ identity: "nobody", psk: KEY }) };
      const visit = open(port, version, { ...ciphersOf(suite), ...unknown });
      // In TLS 1.3 the server goes on with its certificate.
      if (version === "1.3") expect((await visit).isSessionReused()).toBe(false);
      else await expect(visit).rejects.toThrow();
      await expect.poll(() => refused.length).toBeGreaterThan(0);
    },
  );

  test("a version that is not taken, and a fallback that is not needed", async () => {
    const { port } = await listen({ versions: ["1.2"] });
    await expect(open(port, "1.3", {})).rejects.toThrow(/version/);
    const all = await listen();
    await expect(
      open(all.port, "1.2", { ciphers: "ALL:@SECLEVEL=0", secureOptions: 0 }),
    ).resolves.toBeDefined();
  });
});
