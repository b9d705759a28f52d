import { once } from "node:events";
import { connect } from "node:net";
import { describe, expect, test } from "vitest";
import { closedPort, listenTcp } from "../wire/testing/loopback.ts";
import { ListenError } from "./listen-error.ts";
import type { Profile } from "./profile/index.ts";
import { SystemStartError } from "./sut-process.ts";
import { TestSystem } from "./test-system.ts";
import { isRunning } from "./testing/processes.ts";
import { type IxitParts, ownTemporaryFolder, profileOf } from "./testing/profiles.ts";

const STAYS = "setInterval(() => {}, 1000);";
/** Announces an address that tells the test its process id. */
const ANNOUNCES = `
  console.log(JSON.stringify({ ready: true, endpoints: { "uc1.psk-tls": { host: "127.0.0.1", port: process.pid } } }));
  ${STAYS}`;

/** Starts a test system, and closes it whatever the test found: nothing may be left then. */
async function running(profile: Profile, look: (system: TestSystem) => Promise<void> | void): Promise<void> {
  const left = ownTemporaryFolder();
  const system = await TestSystem.start(profile);
  try {
    expect(left()).toEqual([expect.stringMatching(/^seccf-/)]);
    await look(system);
  } finally {
    await system.close();
  }
  expect(left()).toEqual([]);
  await refuses(system.keyManager.ub);
  await refuses(system.keyManager.zn);
}

/** The error of a start that must fail, after which nothing may be left. */
async function failure<E extends Error>(
  profile: Profile,
  kind: new (...given: never[]) => E,
): Promise<string> {
  const left = ownTemporaryFolder();
  const outcome = await TestSystem.start(profile).then(
    async (system) => {
      await system.close();
      return new Error("it was started");
    },
    (error: unknown) => error,
  );
  if (!(outcome instanceof kind)) throw outcome;
  expect(left()).toEqual([]);
  return outcome.message;
}

async function refuses(at: { host: string; port: number }): Promise<void> {
  const [error] = await once(connect(at), "error");
  expect(error.code).toBe("ECONNREFUSED");
}

describe("a test system", () => {
  test("starts what announces itself, and leaves nothing when it is closed", async () => {
    let pid = 0;
    await running(profileOf(ANNOUNCES), (system) => {
      pid = system.endpoints["uc1.psk-tls"]?.port ?? 0;
      expect(isRunning(pid)).toBe(true);
      expect(system.systemGone).toBeUndefined();
      expect(system.trust).toBe(system.authority?.certificate);
    });
    expect(isRunning(pid)).toBe(false);
  });

  test("speaks Diameter on Zn when the ICS says so", async () => {
    await running(profileOf(ANNOUNCES, { binding: "diameter" }), async ({ keyManager }) => {
      keyManager.steer("x@bsf.home1.example", { deviation: "two-keys" });
      const socket = connect({ host: "127.0.0.1", port: keyManager.zn.port }).resume();
      // No TLS: nothing is said, and the connection ends. HTTP/2 would not know the deviation.
      socket.end("no TLS");
      await once(socket, "close");
    });
  });

  test("restarts what it started, and follows it to where it listens then", async () => {
    await running(profileOf(ANNOUNCES), async (system) => {
      const before = system.endpoints["uc1.psk-tls"]?.port ?? 0;
      await system.restart();
      const after = system.endpoints["uc1.psk-tls"]?.port ?? 0;
      expect(after).not.toBe(before);
      expect([before, after].map(isRunning)).toEqual([false, true]);
      expect(system.systemGone).toBeUndefined();
    });
  });

  test("says that the SUT is gone when it does not come back from a restart", async () => {
    // The first start leaves a mark in the folder of the generated file, which the second one finds.
    const once = `
      const mark = require("node:path").join(require("node:path").dirname(process.argv[1]), "mark");
      if (require("node:fs").existsSync(mark)) process.exit(7);
      require("node:fs").writeFileSync(mark, "");
      ${ANNOUNCES}`;
    await running(profileOf(once), async (system) => {
      await expect(system.restart()).rejects.toThrow(SystemStartError);
      expect(system.systemGone).toMatch(/ended with exit code 7 before it was ready/);
    });
  });

  test("is closed twice without harm", async () => {
    await running(profileOf(ANNOUNCES), (system) => system.close());
  });

  test("hands the SUT one file that it can read, and its own folder", async () => {
    const script = `
      const config = JSON.parse(require("node:fs").readFileSync(process.argv[1], "utf8"));
      const port = Number(new URL(config.keyManager.zn.url).port);
      const host = Buffer.from(process.cwd()).toString("hex");
      console.log(JSON.stringify({ ready: true, endpoints: { plain: { host, port } } }));
      ${STAYS}`;
    await running(profileOf(script), ({ endpoints, profile, keyManager }) => {
      const folder = Buffer.from(profile.directory).toString("hex");
      expect(endpoints.plain).toEqual({ host: folder, port: keyManager.zn.port });
    });
  });

  test("waits for the addresses of the IXIT to answer where nothing is announced", async () => {
    const at = await closedPort();
    const addresses = { "uc1.psk-tls": at };
    const listens = `setTimeout(() => require("node:net").createServer().listen(${at.port}, "127.0.0.1"), 100);`;
    await running(profileOf(listens, connecting(addresses)), async ({ endpoints }) => {
      expect(endpoints).toEqual(addresses);
      const socket = connect(at);
      await once(socket, "connect");
      socket.destroy();
    });
    await refuses(at);
  });

  test("notices that the SUT ended, with its last words in one line", async () => {
    const dies = `process.on("SIGUSR2", () => { console.error("out of\\n\\tmemory"); process.exit(9); }); ${ANNOUNCES}`;
    await running(profileOf(dies), async (system) => {
      process.kill(system.endpoints["uc1.psk-tls"]?.port ?? 0, "SIGUSR2");
      const gone = expect.poll(() => system.systemGone);
      await gone.toMatch(/ended with exit code 9; its last output: .*out of memory$/);
    });
  });

  test("gives a new subscriber each time, or the vendor's own in turn", async () => {
    await running(profileOf(ANNOUNCES), (system) => {
      const [one, two] = [system.subscriber(), system.subscriber()];
      expect(one.impi).not.toBe(two.impi);
      expect(one.impi).toMatch(/@home1\.example$/);
    });
    const own = ["a", "b"].map((name) => ({
      impi: `${name}@home1.example`,
      impus: [`sip:${name}@home1.example`],
      k: "00112233445566778899aabbccddeeff",
      opc: "ffeeddccbbaa99887766554433221100",
    }));
    await running(profileOf(ANNOUNCES, { subscribers: own }), (system) => {
      const taken = [1, 2, 3].map(() => system.subscriber());
      expect(taken.map(({ impi }) => impi)).toEqual([
        "a@home1.example",
        "b@home1.example",
        "a@home1.example",
      ]);
      expect(Buffer.from(taken[0]?.k ?? []).toString("hex")).toBe("00112233445566778899aabbccddeeff");
    });
  });
});

const connecting = (addresses: NonNullable<IxitParts["addresses"]>, startMs = 10_000): IxitParts => ({
  system: { ready: "connect" },
  addresses,
  bounds: { startMs, connectMs: 100 },
});

describe("a SUT that is not started", () => {
  test("in time: the bound, the command and its last output, and no process", async () => {
    const message = await failure(
      profileOf(`console.log("pid " + process.pid); ${STAYS}`, { bounds: { startMs: 400 } }),
      SystemStartError,
    );
    expect(message).toContain("within 400 ms (IXIT bounds.startMs)");
    const pid = Number(/pid (\d+)/.exec(message)?.[1]);
    expect(isRunning(pid)).toBe(false);
  });

  test("in time, without a single answer at its address", async () => {
    const { port } = await closedPort();
    const parts = connecting({ "uc1.psk-tls": { host: "127.0.0.1", port } }, 250);
    const message = await failure(profileOf(STAYS, parts), SystemStartError);
    expect(message).toContain("did not accept connections within 250 ms");
  });

  test("because it ends at once", async () => {
    const message = await failure(profileOf('throw new Error("no licence")'), SystemStartError);
    expect(message).toContain("ended with exit code 1 before it was ready");
    expect(message).toContain("no licence");
  });

  test("because it does not exist", async () => {
    const parts = { system: { command: ["./no-such-enabler", "{config}"] } };
    const message = await failure(profileOf("", parts), SystemStartError);
    expect(message).toContain("./no-such-enabler");
    expect(message).toContain("could not be started");
  });

  test("because it speaks nonsense until its time is over", async () => {
    const noise = `setInterval(() => process.stdout.write(Buffer.alloc(300_000, "\\x1b]0;{\\"ready\\":true}\\n")), 1);`;
    const message = await failure(
      profileOf(noise, { bounds: { startMs: 500, stopMs: 1_000 } }),
      SystemStartError,
    );
    expect(message).toContain("did not announce itself");
    expect(message.length).toBeLessThan(10_000);
  });
});

describe("a key manager that cannot listen", () => {
  const taken = async () => (await listenTcp(() => undefined)).at;

  test.each(["ub", "zn"] as const)(
    "on %s: the file, the field and the fix, and no process",
    async (listener) => {
      const profile = profileOf(ANNOUNCES, { keyManager: { [listener]: await taken() } });
      const message = await failure(profile, ListenError);
      expect(message).toContain(`${profile.directory}/ixit.yaml: keyManager.${listener}: `);
      expect(message).toContain("EADDRINUSE");
      expect(message).toContain("Free the port");
    },
  );

  test.each([
    ["an address of another machine", "192.0.2.1", "EADDRNOTAVAIL"],
    ["a name that leads nowhere", "nowhere.invalid", "getaddrinfo"],
  ])("at %s", async (_, host, code) => {
    const profile = profileOf(ANNOUNCES, { keyManager: { zn: { host, port: 0 } } });
    const message = await failure(profile, ListenError);
    expect(message).toContain("ixit.yaml: keyManager.zn: ");
    expect(message).toContain(code);
    expect(message).toContain("Name an address of this machine");
  });
});
