import { once } from "node:events";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Bench, Material, SERVER_NAME } from "./bench.ts";
import { connectPsk, exchange, identityOf, type Link, type PskOffer, pskOffer } from "./clients.ts";
import { cuttingPath } from "./cutting-path.ts";
import { deriveKey } from "./key-manager.ts";

const SUITES = [
  ["TLSv1.2", "PSK-AES128-GCM-SHA256", "01000100a8"],
  ["TLSv1.2", "PSK-AES256-GCM-SHA384", "01000100a9"],
  ["TLSv1.2", "PSK-AES128-CBC-SHA256", "01000100ae"],
  ["TLSv1.2", "PSK-AES128-CBC-SHA", "010001008c"],
  ["TLSv1.2", "DHE-PSK-AES128-GCM-SHA256", "01000100aa"],
  ["TLSv1.2", "ECDHE-PSK-AES128-CBC-SHA256", "010001c037"],
  ["TLSv1.2", "ECDHE-PSK-CHACHA20-POLY1305", "010001ccac"],
  ["TLSv1.3", "TLS_AES_128_GCM_SHA256", "0100000007"],
  ["TLSv1.3", "TLS_CHACHA20_POLY1305_SHA256", "0100000007"],
] as const;

/** One link of each version. */
const LINKS = [SUITES[0], SUITES[7]] as const;

describe("PSK-TLS", () => {
  const material = new Material();
  let bench: Bench;
  beforeAll(async () => {
    bench = await Bench.start(material);
  });
  afterAll(async () => {
    await bench.stop();
    material.remove();
  });

  const questionsFor = (btid: string) => bench.keyManager.questions.filter(({ btId }) => btId === btid);

  test.each(SUITES)("%s %s is served with the key for %s", async (version, cipher, ua) => {
    const user = bench.keyManager.bootstrap("user1@home1.example");
    const socket = await connectPsk(bench, pskOffer(user, version, cipher, ua));
    const response = await exchange(socket, { path: "/identity" });
    expect(response.status).toBe(200);
    expect(JSON.parse(response.body)).toEqual({
      user: "user1@home1.example",
      form: "IMPI",
      btid: user.btid,
      tls: version.slice(4),
      suite: socket.getCipher().standardName,
    });
    expect(questionsFor(user.btid)).toEqual([{ btId: user.btid, nafFqdn: SERVER_NAME, uaSecProtId: ua }]);
    socket.destroy();
  });

  test("several requests share a connection, and a counter keeps its state", async () => {
    const user = bench.keyManager.bootstrap();
    const socket = await connectPsk(bench, pskOffer(user, ...LINKS[0]));
    const post = { method: "POST", path: "/counters/one", body: "x" };
    expect(JSON.parse((await exchange(socket, post)).body)).toEqual({ count: 1 });
    expect(JSON.parse((await exchange(socket, post)).body)).toEqual({ count: 2 });
    expect(JSON.parse((await exchange(socket, { path: "/counters/one" })).body)).toEqual({ count: 2 });
    expect((await exchange(socket, { path: "/protected" })).body).toBe(
      `protected resource of ${SERVER_NAME}\n`,
    );
    expect((await exchange(socket, { path: "/elsewhere" })).status).toBe(404);
    socket.destroy();
  });

  test("a body of more than 64 KiB is refused and does not act", async () => {
    const user = bench.keyManager.bootstrap();
    const socket = await connectPsk(bench, pskOffer(user, ...LINKS[0]));
    const post = { method: "POST", path: "/counters/large", body: "x".repeat(65_537) };
    expect((await exchange(socket, post)).status).toBe(413);
    const other = await connectPsk(bench, pskOffer(user, ...LINKS[0]));
    expect(JSON.parse((await exchange(other, { path: "/counters/large" })).body)).toEqual({ count: 0 });
    other.destroy();
  });

  test("an anonymous user is told by the B-TID", async () => {
    const user = bench.keyManager.bootstrap();
    const socket = await connectPsk(bench, pskOffer(user, ...LINKS[0]));
    const response = await exchange(socket, { path: "/identity" });
    expect(JSON.parse(response.body)).toMatchObject({ user: user.btid, form: "B-TID" });
    socket.destroy();
  });

  test("the own name in other letters is the same name", async () => {
    const user = bench.keyManager.bootstrap();
    const offer = { ...pskOffer(user, ...LINKS[0]), serverName: SERVER_NAME.toUpperCase() };
    (await connectPsk(bench, offer)).destroy();
    expect(questionsFor(user.btid)[0]?.nafFqdn).toBe(SERVER_NAME);
  });

  describe.each(LINKS)("%s refuses", (version, cipher, ua) => {
    const alertOf = async (offer: PskOffer): Promise<string> => {
      try {
        (await connectPsk(bench, offer)).destroy();
        return "accepted";
      } catch (error) {
        return /alert number (\d+)/.exec(String(error))?.[1] ?? String(error);
      }
    };
    const offerOf = (impi?: string) => {
      const user = bench.keyManager.bootstrap(impi);
      return { user, offer: pskOffer(user, version, cipher, ua) };
    };

    test("another server name, without asking", async () => {
      const { user, offer } = offerOf();
      expect(await alertOf({ ...offer, serverName: "other.home1.example" })).toBe("112");
      expect(questionsFor(user.btid)).toEqual([]);
    });

    test("a hello without server name, without asking", async () => {
      const { user, offer } = offerOf();
      expect(await alertOf({ ...offer, serverName: "" })).toBe(version === "TLSv1.3" ? "109" : "40");
      expect(questionsFor(user.btid)).toEqual([]);
    });

    test("an unknown identity", async () => {
      const { offer } = offerOf();
      expect(await alertOf({ ...offer, identity: "3GPP-bootstrapping;bm9ib2R5@bsf.home1.example" })).toBe(
        "115",
      );
    });

    test.each(["", ".", " ;"])("a B-TID after the separator %j, without asking", async (separator) => {
      const { user, offer } = offerOf();
      expect(await alertOf({ ...offer, identity: `3GPP-bootstrapping${separator}${user.btid}` })).toBe("115");
      expect(questionsFor(user.btid)).toEqual([]);
    });

    test("a wrong key", async () => {
      const { offer } = offerOf();
      const alert = await alertOf({ ...offer, key: Buffer.alloc(32, 7) });
      expect(alert).toBe(version === "TLSv1.3" ? "51" : "20");
    });

    test("the key for another Ua security protocol identifier", async () => {
      const { user, offer } = offerOf();
      expect(await alertOf({ ...offer, key: deriveKey(user, SERVER_NAME, "0100000002") })).not.toBe(
        "accepted",
      );
    });

    test("a key that has expired", async () => {
      const { user, offer } = offerOf();
      user.expiresAt = Date.now() - 1_000;
      expect(await alertOf(offer)).toBe("115");
    });

    test.each([
      ["not authorised", { status: 403 }, "49"],
      ["busy", { status: 429 }, "80"],
      ["broken", { status: 503 }, "80"],
      ["nonsense", { status: 200, body: "<html>" }, "80"],
      ["silent", "silent", "80"],
    ] as const)("while the key manager is %s", async (_name, answer, alert) => {
      const { user, offer } = offerOf();
      user.answer = answer;
      expect(await alertOf(offer)).toBe(alert);
      user.answer = "key";
      expect(await alertOf(offer)).toBe("accepted");
    });

    test("an established connection after the key has expired, and ends it", async () => {
      const { user, offer } = offerOf();
      user.expiresAt = Date.now() + 600;
      const socket = await connectPsk(bench, offer);
      const ended = once(socket, "end");
      expect((await exchange(socket, { path: "/protected" })).status).toBe(200);
      await ended;
      expect(Date.now()).toBeGreaterThanOrEqual(user.expiresAt);
      socket.destroy();
    });
  });

  test.each([
    ["NULL suites", "PSK-NULL-SHA256"],
    ["anonymous suites", "ADH-AES128-GCM-SHA256"],
    ["certificate suites", "ECDHE-RSA-AES128-GCM-SHA256"],
  ])("%s are not negotiated", async (_name, cipher) => {
    const user = bench.keyManager.bootstrap();
    await expect(connectPsk(bench, pskOffer(user, "TLSv1.2", cipher, "01000100b0"))).rejects.toThrow(
      /alert number 40/,
    );
  });

  test("TLS 1.3 with only a suite of SHA-384 is refused: the PSK is one of SHA-256", async () => {
    const user = bench.keyManager.bootstrap();
    const offer = pskOffer(user, "TLSv1.3", "TLS_AES_256_GCM_SHA384", "0100000007");
    await expect(connectPsk(bench, offer)).rejects.toThrow(/alert number 40/);
  });

  test("fifty terminals at once each get their own identity", async () => {
    const told = await Promise.all(
      Array.from({ length: 50 }, async (_, i) => {
        const link: Link = SUITES[i % SUITES.length] ?? SUITES[0];
        const user = bench.keyManager.bootstrap(`user${i}@home1.example`);
        const socket = await connectPsk(bench, pskOffer(user, ...link));
        const response = await exchange(socket, { path: "/identity" });
        socket.destroy();
        return JSON.parse(response.body).user;
      }),
    );
    expect(told).toEqual(Array.from({ length: 50 }, (_, i) => `user${i}@home1.example`));
  });

  test.each(LINKS)("%s: an identity of 128 octets works", async (version, cipher, ua) => {
    const user = bench.keyManager.bootstrap(undefined, `${"A".repeat(91)}@bsf.home1.example`);
    expect(identityOf(user)).toHaveLength(128);
    (await connectPsk(bench, pskOffer(user, version, cipher, ua))).destroy();
  });

  test.each(LINKS)(
    "%s: it does not matter how the client cuts its first records",
    async (version, cipher, ua) => {
      const user = bench.keyManager.bootstrap("user1@home1.example");
      const path = await cuttingPath(bench.endpoints["uc1.psk-tls"].port);
      const socket = await connectPsk(bench, pskOffer(user, version, cipher, ua), path.port);
      expect((await exchange(socket, { path: "/protected" })).status).toBe(200);
      socket.destroy();
      path.close();
    },
  );
});
