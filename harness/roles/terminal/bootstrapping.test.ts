import { randomBytes } from "node:crypto";
import { describe, expect, test } from "vitest";
import { uaFromHex } from "../../protocols/gba/index.ts";
import { closedPort, listenTcp } from "../../wire/testing/loopback.ts";
import { BSF, NAF, UA } from "../testing/names.ts";
import { authority, newSubscriber, newTerminal, startKeyManager, terminalOf } from "../testing/operator.ts";
import { ZnClient } from "../testing/zn-client.ts";
import { BootstrappingError } from "./ub-client.ts";

const BTID = /^[A-Za-z0-9+/]{22}==@bsf\.home1\.example$/;
const enabler = await authority.issue({ commonName: NAF, names: [NAF], usage: "client" });
const HOUR_MS = 3_600_000;

function use(nafFqdn = NAF, ua = UA) {
  return { nafFqdn, ua: uaFromHex(ua) };
}

function startLines(observer: ReturnType<typeof terminalOf>["observer"]): readonly string[] {
  return observer.events.map((event) => (event.kind === "http" ? event.startLine : event.kind));
}

/** The error of a bootstrapping that must not succeed. */
async function failure(bootstrapping: Promise<unknown>): Promise<Error> {
  const outcome = await bootstrapping.then(
    () => new Error("the terminal was bootstrapped"),
    (error: unknown) => error,
  );
  if (!(outcome instanceof BootstrappingError)) throw outcome;
  return outcome;
}

describe("Ub", () => {
  test("a terminal gets a B-TID and a lifetime, and both ends derive the same Ks_NAF", async () => {
    const keyManager = await startKeyManager();
    const { terminal, observer } = terminalOf(keyManager.addSubscriber(newSubscriber()));
    const before = Date.now();
    const association = await terminal.bootstrap(keyManager);
    expect(association.btid).toMatch(BTID);
    expect(association.lifetime.getMilliseconds()).toBe(0);
    expect(association.lifetime.getTime()).toBeGreaterThanOrEqual(before + HOUR_MS);
    expect(startLines(observer)).toEqual([
      "GET / HTTP/1.1",
      "HTTP/1.1 401",
      "GET / HTTP/1.1",
      "HTTP/1.1 200",
    ]);

    const zn = new ZnClient(keyManager, enabler);
    for (const ua of [UA, "0100000007", "0100011302"]) {
      const { status, body } = await zn.ask({ btid: association.btid, ua });
      expect(status).toBe(200);
      const { meKeyMaterial, impi, keyExpiryTime } = JSON.parse(body);
      const mine = association.credential.key(use(NAF, ua));
      expect(Buffer.from(mine).toString("hex")).toBe(meKeyMaterial);
      expect(impi).toBe(terminal.impi);
      expect(new Date(keyExpiryTime)).toEqual(association.lifetime);
    }
  });

  test("each bootstrapping has a key of its own, and neither ends the other", async () => {
    const keyManager = await startKeyManager();
    const terminal = newTerminal(keyManager);
    const first = await terminal.bootstrap(keyManager);
    const second = await terminal.bootstrap(keyManager);
    expect(second.btid).not.toBe(first.btid);
    const zn = new ZnClient(keyManager, enabler);
    const keys = await Promise.all(
      [first, second].map(async ({ btid }) => JSON.parse((await zn.ask({ btid })).body).meKeyMaterial),
    );
    expect(keys).toEqual(
      [first, second].map(({ credential }) => Buffer.from(credential.key(use())).toString("hex")),
    );
    expect(keys[0]).not.toBe(keys[1]);
  });

  test("many terminals at once are not mixed up", async () => {
    const keyManager = await startKeyManager();
    const zn = new ZnClient(keyManager, enabler);
    const terminals = Array.from({ length: 25 }, () => newTerminal(keyManager));
    await Promise.all(
      terminals.map(async (terminal) => {
        const { btid, credential } = await terminal.bootstrap(keyManager);
        const { meKeyMaterial, impi } = JSON.parse((await zn.ask({ btid })).body);
        expect(impi).toBe(terminal.impi);
        expect(meKeyMaterial).toBe(Buffer.from(credential.key(use())).toString("hex"));
      }),
    );
  });

  test.each([
    ["by one", "000000000001"],
    ["by a million", "0000000f4240"],
  ])("an identity module that is ahead %s is resynchronised through AUTS", async (_, sqn) => {
    const keyManager = await startKeyManager();
    const subscriber = keyManager.addSubscriber(newSubscriber());
    const { terminal, observer } = terminalOf(subscriber, { sqn: Buffer.from(sqn, "hex") });
    const { btid, credential } = await terminal.bootstrap(keyManager);
    expect(startLines(observer).filter((line) => line.endsWith("401"))).toHaveLength(2);
    const sent = JSON.stringify(observer.events.filter(({ from }) => from === "terminal"));
    expect(sent.match(/auts=/g)).toHaveLength(1);
    const { body } = await new ZnClient(keyManager, enabler).ask({ btid });
    expect(JSON.parse(body).meKeyMaterial).toBe(Buffer.from(credential.key(use())).toString("hex"));

    // The authentication centre has taken the number over: the next time is plain.
    await terminal.bootstrap(keyManager);
    expect(startLines(observer).filter((line) => line.endsWith("401"))).toHaveLength(3);
  });

  test("K that is not the subscriber's: AUTN does not authenticate the network", async () => {
    const keyManager = await startKeyManager();
    const subscriber = keyManager.addSubscriber(newSubscriber());
    for (const other of [{ k: randomBytes(16) }, { opc: randomBytes(16) }]) {
      const { terminal, observer } = terminalOf({ ...subscriber, ...other });
      expect((await failure(terminal.bootstrap(keyManager))).message).toContain("AUTN");
      // It tells nothing: neither RES nor AUTS.
      expect(startLines(observer)).toEqual(["GET / HTTP/1.1", "HTTP/1.1 401"]);
    }
  });

  test("an IMPI that is no subscriber's: the answer is named", async () => {
    const keyManager = await startKeyManager();
    const { terminal } = terminalOf(newSubscriber());
    expect((await failure(terminal.bootstrap(keyManager))).message).toBe("Ub: 403 instead of a challenge");
  });

  test("a key manager of another name is not this one", async () => {
    const keyManager = await startKeyManager();
    const terminal = newTerminal(keyManager);
    const error = await failure(terminal.bootstrap({ name: "bsf.other.example", ub: keyManager.ub }));
    expect(error.message).toBe("Ub 401: the realm is not bsf.other.example");
  });

  test("nobody listens, or nobody answers", async () => {
    const { terminal } = terminalOf(newSubscriber(), { responseMs: 80 });
    const gone = await failure(terminal.bootstrap({ name: BSF, ub: await closedPort() }));
    expect(gone.message).toMatch(/^Ub: not reachable: .*ECONNREFUSED/);
    const { at, allGone } = await listenTcp((socket) => socket.resume());
    const silent = await failure(terminal.bootstrap({ name: BSF, ub: at }));
    expect(silent.message).toBe("Ub: no answer within 80 ms");
    await allGone();
  });

  test("no connection is left open", async () => {
    const keyManager = await startKeyManager();
    await newTerminal(keyManager).bootstrap(keyManager);
    const sockets = () => process.getActiveResourcesInfo().filter((name) => name === "TCPSocketWrap");
    await expect.poll(sockets).toEqual([]);
  });
});
