import { describe, expect, test } from "vitest";
import { connectionKeys, extendedMasterSecret, masterSecret, prf, verifyData } from "./prf.ts";

const octets = (hex: string) => Buffer.from(hex.replaceAll(" ", ""), "hex");
const SECRET = octets("0102030405060708090a0b0c0d0e0f101112131415");
const SEED = octets("a0a1a2a3a4a5a6a7");

/** From `openssl kdf -kdfopt digest:… TLS1-PRF` (OpenSSL 3.0), 21 octets of secret: an odd number has its middle octet in both halves. */
const OPENSSL = [
  [
    "1.0",
    "sha256",
    "e0aca076edb5401ee41f79393708ed5a527f9535d9f8f28e5e6c168a49cd3ccb0a6143b5e3b3ed66aa89d2739ad0db464c4fe91b679f13c1a36393019546e285",
  ],
  [
    "1.1",
    "sha384",
    "e0aca076edb5401ee41f79393708ed5a527f9535d9f8f28e5e6c168a49cd3ccb0a6143b5e3b3ed66aa89d2739ad0db464c4fe91b679f13c1a36393019546e285",
  ],
  [
    "1.2",
    "sha256",
    "5972d3bfc2dc9d282ceae1d1a7434fefcc06879800a0b67ef4ae07fd2da7f9fb10be454ab25a073fbc17fbeeb18e1f35849a8e0d34dd90d119a3ca9defe6e1fe",
  ],
  [
    "1.2",
    "sha384",
    "581cf94546b1fb2668c6769e3dc7e5f36f9cab5aad7a28160c4f2b17a2122c090b694183d96d995c66d196061a63512cf7ac31365beca3ca378fb598ab1ece5b",
  ],
] as const;

describe("PRF", () => {
  test.each(OPENSSL)("TLS %s with %s gives what OpenSSL gives", (version, hash, right) => {
    const value = prf(version, hash, { secret: SECRET, label: "master secret", seed: SEED, octets: 64 });
    expect(value.toString("hex")).toBe(right);
  });

  test("the vector for SHA-256 that the TLS working group published", () => {
    const value = prf("1.2", "sha256", {
      secret: octets("9bbe436ba940f017b17652849a71db35"),
      label: "test label",
      seed: octets("a0ba9f936cda311827a6f796ffd5198c"),
      octets: 100,
    });
    expect(value.toString("hex")).toBe(
      "e3f229ba727be17b8d122620557cd453c2aab21d07c3d495329b52d4e61edb5a6b301791e90d35c9c9a46b4e14baf9af" +
        "0fa022f7077def17abfd3797c0564bab4fbc91666e9def9b97fce34f796789baa48082d122ee42c5a72e5a5110fff701" +
        "87347b66",
    );
  });
});

describe("what is derived", () => {
  const terms = { version: "1.2", hash: "sha256" } as const;
  const randoms = { client: Buffer.alloc(32, 1), server: Buffer.alloc(32, 2) };

  test("the master secret takes the client's random first, the key block the server's", () => {
    const premaster = Buffer.alloc(48, 3);
    const seed = Buffer.concat([randoms.client, randoms.server]);
    expect(masterSecret(terms, premaster, randoms)).toEqual(
      prf("1.2", "sha256", { secret: premaster, label: "master secret", seed, octets: 48 }),
    );
    const keys = connectionKeys(terms, premaster, randoms, { mac: 20, key: 16, iv: 4 });
    const { client, server } = keys;
    const block = Buffer.concat([client.macKey, server.macKey, client.key, server.key, client.iv, server.iv]);
    const other = Buffer.concat([randoms.server, randoms.client]);
    expect(block).toEqual(
      prf("1.2", "sha256", { secret: premaster, label: "key expansion", seed: other, octets: 80 }),
    );
  });

  test("Finished of both ends differ, and have 12 octets", () => {
    const [client, server] = (["client", "server"] as const).map((end) =>
      verifyData(terms, SECRET, end, SEED),
    );
    expect(client).toHaveLength(12);
    expect(client).not.toEqual(server);
  });

  test("an extended master secret depends on the handshake", () => {
    const [one, other] = [Buffer.alloc(32), Buffer.alloc(32, 1)].map((hash) =>
      extendedMasterSecret(terms, SECRET, hash),
    );
    expect(one).toHaveLength(48);
    expect(one).not.toEqual(other);
  });
});
