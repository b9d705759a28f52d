import { once } from "node:events";
import { connect } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import { listenTcp } from "../../wire/testing/loopback.ts";
import { enabler } from "../testing/bootstrapped.ts";
import { BSF, NAF } from "../testing/names.ts";
import { authority, newSubscriber, newTerminal, startKeyManager } from "../testing/operator.ts";
import { ZnClient } from "../testing/zn-client.ts";
import { KeyManager, randomSubscriber } from "./index.ts";

const certificate = await authority.issue({ commonName: BSF, names: [BSF], usage: "server" });

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
  const { ub, close } = await startKeyManager().then((one) => ({ ub: one.ub, close: () => one.close() }));
  await close();
  return ub.port;
}

describe("a key manager that cannot listen", () => {
  test.each(["ub", "zn"] as const)("on %s says why and keeps no port", async (taken) => {
    const { at } = await listenTcp(() => undefined);
    const other = { host: "127.0.0.1", port: await freePort() };
    const started = KeyManager.start({
      name: BSF,
      ...{ ub: other, zn: other, [taken]: at },
      ...certificate,
      trust: authority.certificate,
      authorisedNafs: [NAF],
    });
    await expect(started).rejects.toMatchObject({ code: "EADDRINUSE", port: at.port });
    const [error] = await once(connect(other), "error");
    expect(error.code).toBe("ECONNREFUSED");
  });
});

describe("user security settings", () => {
  test("go with every key when they are to, unless others are steered or the user is anonymous", async () => {
    const keyManager = await KeyManager.start({
      name: BSF,
      ub: { host: "127.0.0.1", port: 0 },
      zn: { host: "127.0.0.1", port: 0 },
      ...certificate,
      trust: authority.certificate,
      authorisedNafs: [NAF],
      settingsOf: ({ impus }) => [{ gsId: 7, gsType: 1, ueIds: impus, flags: [] }],
    });
    onTestFinished(() => keyManager.close());
    const zn = new ZnClient(keyManager, enabler);
    const given = async (steering: Parameters<KeyManager["steer"]>[1]) => {
      const terminal = newTerminal(keyManager);
      const { btid } = await terminal.bootstrap(keyManager);
      keyManager.steer(btid, steering);
      return JSON.parse((await zn.ask({ btid })).body).ussList;
    };
    const [{ uss }] = await given({});
    expect(uss).toMatchObject({ gsId: 7, gsType: 1 });
    expect(keyManager.identities()).toContain(uss.ueIds[0].ueId);
    expect(await given({ identity: "withheld" })).toBeUndefined();
    const steered = [{ gsId: 1, gsType: 1, ueIds: ["sip:a@b"], flags: [] }];
    expect(await given({ uss: steered })).toMatchObject([{ uss: { ueIds: [{ ueId: "sip:a@b" }] } }]);
  });
});

describe("subscribers", () => {
  test("are known by all their identities, and added once", async () => {
    const keyManager = await startKeyManager();
    const [one, two] = [newSubscriber(), newSubscriber()];
    expect(keyManager.addSubscriber(one)).toBe(one);
    keyManager.addSubscriber(two);
    // The vendor's own subscribers come again and again; the first secrets stay.
    expect(keyManager.addSubscriber(newSubscriberNamed(one.impi))).toBe(one);
    expect(keyManager.identities()).toEqual([one.impi, ...one.impus, two.impi, ...two.impus]);
  });

  test("are made at random, in the operator's domain", () => {
    const [one, two] = [randomSubscriber("home1.example"), randomSubscriber("home1.example")];
    expect(one.impi).toMatch(/^user-[0-9a-f]{12}_private@home1\.example$/);
    expect(one.impus).toEqual([`sip:${one.impi.replace("_private", "")}`]);
    expect([one.k.length, one.opc.length]).toEqual([16, 16]);
    expect(one.impi).not.toBe(two.impi);
    expect(one.k).not.toEqual(two.k);
  });
});

test("a B-TID that was chosen is given out once, in place of the one of RAND", async () => {
  const keyManager = await startKeyManager();
  const terminal = newTerminal(keyManager);
  const chosen = `${"x".repeat(200)}@elsewhere.example`;
  keyManager.chooseBTid(terminal.impi, chosen);
  expect((await terminal.bootstrap(keyManager)).btid).toBe(chosen);
  expect((await terminal.bootstrap(keyManager)).btid).toMatch(/^[A-Za-z0-9+/]{22}==@bsf\.home1\.example$/);
  expect(() => keyManager.chooseBTid(terminal.impi, "no domain")).toThrow(/name@domain/);
});

function newSubscriberNamed(impi: string) {
  return { ...newSubscriber(), impi };
}
