import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { connect as connectH2 } from "node:http2";
import { createInterface } from "node:readline";
import { connect as connectTls } from "node:tls";
import { fileURLToPath } from "node:url";
import { describe, expect, it, onTestFinished } from "vitest";
import { MAIN, seccf, userEnvironment } from "../testing/seccf.ts";

const REFERENCE_MAIN = fileURLToPath(new URL("../../../profiles/reference/main.ts", import.meta.url));

const KEY_PATH = "/nbsp-gba/v1/bootstrapping-info-retrieval";

/** A process whose lines can be waited for, also those that came before. */
class Playing {
  readonly child: ChildProcessWithoutNullStreams;
  readonly #lines: string[] = [];
  readonly #watchers = new Set<() => void>();

  constructor(args: readonly string[]) {
    this.child = spawn(process.execPath, args, { env: userEnvironment() });
    createInterface({ input: this.child.stdout }).on("line", (line) => {
      this.#lines.push(line);
      for (const look of [...this.#watchers]) look();
    });
    this.child.stderr.resume();
    // It removes the keys that it wrote.
    onTestFinished(async () => {
      if (this.child.exitCode === null && this.child.signalCode === null) await this.end("SIGTERM");
    });
  }

  /** The first group of the first line that fits. */
  find(pattern: RegExp): Promise<string> {
    return new Promise((resolve, reject) => {
      const look = () => {
        const found = this.#lines.map((line) => pattern.exec(line)).find((match) => match !== null);
        if (found === undefined) return;
        this.#watchers.delete(look);
        resolve(found?.[1] ?? "");
      };
      this.#watchers.add(look);
      this.child.once("close", () => reject(new Error(`no ${pattern} in\n${this.#lines.join("\n")}`)));
      look();
    });
  }

  async end(signal: NodeJS.Signals): Promise<number | null> {
    const closed = once(this.child, "close");
    this.child.kill(signal);
    const [code] = await closed;
    return code;
  }
}

interface Scene {
  readonly keyManager: Playing;
  readonly config: string;
  readonly zn: URL;
  /** Arguments of a terminal of its subscriber. */
  readonly terminal: readonly string[];
}

async function keyManagerAlone(): Promise<Scene> {
  const keyManager = new Playing([MAIN, "play", "key-manager"]);
  const config = await keyManager.find(/file for the system.*: (\S+)$/);
  const zn = new URL(await keyManager.find(/Zn {3}(https:\S+)/));
  const command = await keyManager.find(/seccf play terminal (.*) --address HOST:PORT/);
  return { keyManager, config, zn, terminal: ["play", "terminal", ...command.split(" ")] };
}

async function withEnabler(scene: Scene, fault: string | null = null) {
  // What is made ready for the first request on Zn takes longer on a busy machine than the enabler waits.
  await post(scene.zn, filesOf(scene.config), KEY_PATH, "{}");
  // Written by the harness as one object; only the reference system knows faults.
  const config = JSON.parse(readFileSync(scene.config, "utf8")) as object;
  writeFileSync(scene.config, JSON.stringify({ ...config, fault }));
  const enabler = new Playing([REFERENCE_MAIN, scene.config]);
  const line: unknown = JSON.parse(await enabler.find(/^(\{"ready".*)$/));
  // The reference system's own announcement, tested elsewhere.
  const { endpoints } = line as { endpoints: Record<string, { host: string; port: number }> };
  const at = (wayIn: string) => `${endpoints[wayIn]?.host}:${endpoints[wayIn]?.port}`;
  const terminal = (wayIn: string) => [...scene.terminal, "--way-in", wayIn, "--address", at(wayIn)];
  const visit = (wayIn: string, ...more: readonly string[]) => seccf(...terminal(wayIn), ...more);
  return { terminal, visit };
}

const filesOf = (config: string) => {
  // Written by the harness; its form is tested in started-system.test.ts.
  const { keyManager } = JSON.parse(readFileSync(config, "utf8")) as {
    keyManager: { zn: { trust: string; certificate: string; privateKey: string } };
  };
  const { trust, certificate, privateKey } = keyManager.zn;
  return { ca: readFileSync(trust), cert: readFileSync(certificate), key: readFileSync(privateKey) };
};

async function post(zn: URL, credentials: object, path: string, body: string): Promise<number> {
  const session = connectH2(zn, { servername: "bsf.home1.example", ...credentials });
  try {
    const stream = session.request({ ":method": "POST", ":path": path, "content-type": "application/json" });
    stream.end(body);
    const [headers] = await once(stream, "response");
    stream.resume();
    return Number(headers[":status"]);
  } finally {
    session.close();
  }
}

describe("seccf play", () => {
  it("plays the key manager in one shell and the terminal in another, with the system between them", async () => {
    const scene = await keyManagerAlone();
    const { visit } = await withEnabler(scene);
    for (const wayIn of ["uc1.psk-tls", "uc1.https-digest"]) {
      const { code, stdout } = await visit(wayIn);
      expect({ code, wrong: stdout.match(/WRONG.*/g) }).toEqual({ code: 0, wrong: null });
      expect(stdout).toContain("served: status 200");
      expect(stdout).toContain("the application was told");
    }
    const btid = await scene.keyManager.find(/is bootstrapped as (\S+),/);
    await scene.keyManager.find(/(Zn: naf\.home1\.example asks for .*answered with key until)/);

    scene.keyManager.child.stdin.write(
      `list\nsteer ${btid.slice(0, 12)} silent\nexpire last\nsteer last nonsense\n`,
    );
    await scene.keyManager.find(/(: silent)$/);
    await scene.keyManager.find(/(: expired)$/);
    await scene.keyManager.find(/(steer takes a B-TID and one of)/);
    expect(await scene.keyManager.end("SIGINT")).toBe(0);
    expect(existsSync(scene.config)).toBe(false);
  });

  it("steers what the enabler is told, between two steps of the terminal", async () => {
    const scene = await keyManagerAlone();
    const { terminal: args } = await withEnabler(scene);
    const terminal = new Playing([MAIN, ...args("uc1.https-digest"), "--step"]);
    await terminal.find(/(-- bootstrap: Enter)/);
    terminal.child.stdin.write("\n");
    await terminal.find(/(terminal: bootstrapped)/);
    scene.keyManager.child.stdin.write("steer last not-authorised\n");
    await scene.keyManager.find(/(: not-authorised)$/);
    terminal.child.stdin.write("\n".repeat(3));
    await terminal.find(/(WRONG terminal: not served: status 403)/);
    await scene.keyManager.find(/(answered with not-authorised)/);
  });

  it("refuses nothing silently: each deviation is refused or said to be wrong", async () => {
    const { visit } = await withEnabler(await keyManagerAlone());
    const { code, stdout } = await visit("uc1.https-digest", "--deviation", "wrongResponse");
    expect(code).toBe(0);
    expect(stdout).toContain("refused with status 401: every digit of response is another one");
    for (const wayIn of ["uc1.psk-tls", "uc1.https-digest"]) {
      const liar = await visit(wayIn, "--deviation", "wrongKey");
      expect(liar.code).toBe(0);
      expect(liar.stdout).toMatch(/refused \(.*\): the name is valid and the key is another one/);
    }
  });

  it.each([
    ["psk-no-hint", "uc1.psk-tls", [], "the hint is not 3GPP-bootstrapping"],
    ["psk-truncated-key", "uc1.psk-tls", [], "no connection: alert 20 bad_record_mac"],
    [
      "digest-foreign-realm",
      "uc1.https-digest",
      [],
      "no challenge has the realm 3GPP-bootstrapping@naf.home1.example",
    ],
    ["digest-wrong-rspauth", "uc1.https-digest", [], "rspauth is not that of this key and this response"],
    [
      "digest-accepts-any-response",
      "uc1.https-digest",
      ["--deviation", "wrongResponse"],
      "served with status 200, although every digit of response is another one",
    ],
  ])("says what an enabler with the fault %s does wrong", async (fault, wayIn, more, wrong) => {
    const { visit } = await withEnabler(await keyManagerAlone(), fault);
    const { code, stdout } = await visit(wayIn, ...more);
    expect(code).toBe(1);
    expect(stdout).toContain(`WRONG terminal: ${wrong}`);
  });

  it("says what an enabler does wrong on Zn", async () => {
    const { keyManager, zn, config } = await keyManagerAlone();
    const credentials = filesOf(config);
    const request = (nafFqdn: string, uaSecProtId: string) =>
      JSON.stringify({ btId: "x@bsf.home1.example", nafId: { nafFqdn, uaSecProtId } });
    expect(await post(zn, credentials, KEY_PATH, request("naf.home1.example:8443", "01000100a8"))).toBe(400);
    await keyManager.find(/(WRONG Zn: \/nafId\/nafFqdn .*no port)/);
    expect(await post(zn, credentials, KEY_PATH, request("other.home1.example", "0100000002"))).toBe(404);
    await keyManager.find(/(WRONG Zn: NAF_Id names other\.home1\.example.*TS 33\.220 B\.2)/);
    await keyManager.find(/(WRONG Zn: the Ua identifier 0100000002.*TS 33\.220 H\.3)/);
    expect(await post(zn, credentials, "/nbsp-gba/v2/x", "")).toBe(404);
    await keyManager.find(/(WRONG Zn: POST \/nbsp-gba\/v2\/x instead of POST)/);

    const bare = connectTls({
      host: zn.hostname,
      port: Number(zn.port),
      ca: credentials.ca,
      servername: "bsf.home1.example",
      ALPNProtocols: ["h2"],
    });
    bare.on("error", () => undefined);
    onTestFinished(() => void bare.destroy());
    await keyManager.find(/(WRONG Zn: TLS without a client certificate)/);
  });

  it("says what a terminal does wrong on Ub, and lets no control character through", async () => {
    const { keyManager } = await keyManagerAlone();
    const ub = await keyManager.find(/Ub {3}(http:\S+)/);
    const authorization =
      'Digest username="\u009b31m@x", realm="bsf.home1.example", nonce="", uri="/", response=""';
    expect((await fetch(ub)).status).toBe(400);
    await keyManager.find(/(WRONG Ub: answered with 400)/);
    expect((await fetch(ub, { headers: { authorization } })).status).toBe(403);
    expect(await keyManager.find(/(WRONG Ub: answered with 403: .*)/)).toContain(
      "\\x9b31m@x is no subscriber",
    );
  });

  it("says that nobody was reached, which is no fault of the system", async () => {
    const { terminal } = await keyManagerAlone();
    const { code, stdout } = await seccf(...terminal, "--address", "127.0.0.1:1");
    expect(code).toBe(2);
    expect(stdout).toContain("no connection: not reachable");
    expect(stdout).not.toContain("WRONG");
    const astray = terminal.map((word) => (word.startsWith("http://") ? "http://127.0.0.1:1/" : word));
    const alone = await seccf(...astray, "--address", "127.0.0.1:1");
    expect(alone.code).toBe(2);
    expect(alone.stdout).toContain("not bootstrapped: Ub: not reachable");
  });

  it("ends a terminal and the system that it started when it is interrupted in the middle", async () => {
    const terminal = new Playing([MAIN, "play", "terminal", "--times", "100000"]);
    await terminal.find(/(served: status 200)/);
    expect(await terminal.end("SIGINT")).toBe(2);
  });
});
