import { describe, expect, onTestFinished, test } from "vitest";
import { SutProcess, SystemStartError, untilListening } from "./sut-process.ts";
import { isRunning } from "./testing/processes.ts";

const LONG = 20_000;

/** A process of this Node that carries out a script, for one test. */
function start(
  script: string,
  { stopMs = LONG, command = [process.execPath, "-e", script] } = {},
): SutProcess {
  const sut = new SutProcess({
    command,
    directory: process.cwd(),
    environment: { SECCF_TEST: "from the IXIT" },
    stopMs,
  });
  onTestFinished(() => sut.stop());
  return sut;
}

/** The rest of a line that begins with a word. */
const restOf = (word: string) => (line: string) =>
  line.startsWith(word) ? line.slice(word.length) : undefined;
const pid = async (sut: SutProcess) => Number(await sut.line(restOf("pid "), LONG));

/** The error of a process that must not become ready. */
async function startError(ready: Promise<unknown>): Promise<string> {
  const outcome = await ready.then(
    () => new Error("it became ready"),
    (error: unknown) => error,
  );
  if (!(outcome instanceof SystemStartError)) throw outcome;
  return outcome.message;
}

const STAYS = "setInterval(() => {}, 1000);";
const SAYS_PID = 'console.log("pid " + process.pid);';
const IGNORES_SIGTERM = 'process.on("SIGTERM", () => {});';

describe("a process that becomes ready", () => {
  test("is heard on stdout, in its folder and with its environment", async () => {
    const sut = start(
      `console.log("first"); console.log("ready " + process.cwd() + " " + process.env.SECCF_TEST); ${STAYS}`,
    );
    expect(await sut.line(restOf("ready "), LONG)).toBe(`${process.cwd()} from the IXIT`);
    expect(sut.unexpectedExit).toBeUndefined();
    expect(sut.lastOutput).toContain("first\n");
  });

  test("is heard between garbage, in pieces, and before megabytes that follow at once", async () => {
    const sut = start(`
      const { writeSync } = require("node:fs");
      writeSync(1, Buffer.from([0xff, 0xfe, 0x00, 0x0a, 0x1b, 0x5b, 0x32, 0x4a]));
      process.stdout.write("\\nready");
      setTimeout(() => process.stdout.write(" yes\\n" + "x".repeat(4_000_000) + "\\n" + "later\\n".repeat(100_000)), 20);
      ${STAYS}`);
    expect(await sut.line(restOf("ready "), LONG)).toBe("yes");
    await expect.poll(() => sut.lastOutput).toContain("later");
    expect(sut.lastOutput.length).toBeLessThanOrEqual(8 * 1024);
  });

  test("is heard behind a line that is longer than what is kept, which is not heard itself", async () => {
    const sut = start(`process.stdout.write("ready " + "x".repeat(5_000_000) + "\\nready yes\\n"); ${STAYS}`);
    expect(await sut.line(restOf("ready "), LONG)).toBe("yes");
  });

  test("is not heard on stderr", async () => {
    const sut = start(`console.error("ready no"); console.log("ready yes"); ${STAYS}`);
    expect(await sut.line(restOf("ready "), LONG)).toBe("yes");
    await expect.poll(() => sut.lastOutput).toContain("ready no");
  });
});

describe("a process that does not become ready", () => {
  test("by its bound: the message says the bound, the command, what it wrote last, and what to do", async () => {
    const sut = start(`console.log("starting"); console.error("licence is missing"); ${STAYS}`);
    await expect.poll(() => sut.lastOutput).toContain("licence");
    const message = await startError(sut.line(restOf("ready "), 100));
    expect(message).toContain("did not announce itself on stdout within 100 ms (IXIT bounds.startMs)");
    expect(message).toContain(process.execPath);
    expect(message).toContain("system.command");
    expect(message).toContain("licence is missing");
    expect(message.length).toBeLessThan(10_000);
  });

  test("because it ended at once: with its exit code and all that it wrote", async () => {
    for (const code of [0, 7]) {
      const sut = start(`console.error("no port 443 for you"); process.exitCode = ${code};`);
      const message = await startError(sut.line(restOf("ready "), LONG));
      expect(message).toContain(`ended with exit code ${code} before it was ready`);
      expect(message).toContain("no port 443 for you");
      expect(sut.unexpectedExit).toBe(`the system under test ended with exit code ${code}`);
    }
  });

  test("because a signal ended it", async () => {
    const message = await startError(
      start('process.kill(process.pid, "SIGKILL");').line(restOf("ready "), LONG),
    );
    expect(message).toContain("ended with SIGKILL before it was ready. ");
    expect(message).toContain("It wrote nothing.");
  });

  test("because there is no such program", async () => {
    const sut = start("", { command: ["/nowhere/enabler", "--port", "443"] });
    const message = await startError(sut.line(restOf("ready "), LONG));
    expect(message).toContain("(/nowhere/enabler --port 443) could not be started");
    expect(message).toContain("ENOENT");
    await sut.stop();
  });

  test("although what it started holds its output", async () => {
    const sut = start(`
      require("node:child_process").spawn(process.execPath, ["-e", ${JSON.stringify(STAYS)}], { stdio: "inherit" });
      console.log("leaving"); process.exit(3);`);
    expect(await startError(sut.line(restOf("ready "), LONG))).toContain("ended with exit code 3");
  });

  test("because it never accepts connections", async () => {
    const sut = start(STAYS);
    const stop = new AbortController();
    let asked = 0;
    const ready = untilListening(async () => {
      asked += 1;
      return false;
    }, stop.signal);
    expect(await startError(sut.until(ready, 120))).toContain("did not accept connections within 120 ms");
    stop.abort();
    await ready;
    expect(asked).toBeGreaterThan(1);
  });
});

test("a process that ends later without being asked is noticed", async () => {
  const sut = start(`${SAYS_PID} ${STAYS}`);
  process.kill(await pid(sut), "SIGABRT");
  expect(await sut.gone).toBe("ended with SIGABRT");
  expect(sut.unexpectedExit).toBe("the system under test ended with SIGABRT");
});

describe("stopping", () => {
  test("ends it with SIGTERM, which is no unexpected end", async () => {
    const sut = start(
      `process.on("SIGTERM", () => { console.log("goodbye"); process.exit(0); }); ${SAYS_PID} ${STAYS}`,
    );
    const own = await pid(sut);
    await sut.stop();
    expect(isRunning(own)).toBe(false);
    expect(await sut.gone).toBe("ended with exit code 0");
    expect(sut.unexpectedExit).toBeUndefined();
    expect(sut.lastOutput).toContain("goodbye");
    await sut.stop();
  });

  test("ends one that ignores SIGTERM, after its bound, and what that started", async () => {
    const child = `${IGNORES_SIGTERM} console.log("pid " + process.pid); ${STAYS}`;
    const sut = start(
      `${IGNORES_SIGTERM}
       require("node:child_process").spawn(process.execPath, ["-e", ${JSON.stringify(child)}], { stdio: "inherit" });
       console.log("own " + process.pid); ${STAYS}`,
      { stopMs: 80 },
    );
    const own = Number(await sut.line(restOf("own "), LONG));
    const grandchild = await pid(sut);
    expect([own, grandchild].every(isRunning)).toBe(true);
    await sut.stop();
    expect(await sut.gone).toBe("ended with SIGKILL");
    await expect.poll(() => [own, grandchild].some(isRunning)).toBe(false);
  });

  test("ends what a process left that is gone already", async () => {
    const child = `${IGNORES_SIGTERM} console.log("pid " + process.pid); ${STAYS}`;
    const sut = start(`
      const child = require("node:child_process").spawn(process.execPath, ["-e", ${JSON.stringify(child)}], { stdio: ["ignore", "pipe", "ignore"] });
      child.stdout.once("data", (text) => process.stdout.write(text, () => process.exit(0)));`);
    const grandchild = await pid(sut);
    await sut.gone;
    expect(isRunning(grandchild)).toBe(true);
    await sut.stop();
    await expect.poll(() => isRunning(grandchild)).toBe(false);
  });
});

test("a process sees the end of its input when the harness is gone", async () => {
  const sut = new URL("sut-process.ts", import.meta.url).href;
  const enabler = `process.stdin.once("end", () => process.exit(0)).resume(); ${SAYS_PID} ${STAYS}`;
  const harness = start(`import(${JSON.stringify(sut)}).then(async ({ SutProcess }) => {
    const sut = new SutProcess({
      command: [process.execPath, "-e", ${JSON.stringify(enabler)}], directory: ".", environment: {}, stopMs: 1,
    });
    console.log(await sut.line((line) => line, 20_000));
  });`);
  const enablerPid = await pid(harness);
  expect(isRunning(enablerPid)).toBe(true);
  await harness.stop();
  await expect.poll(() => isRunning(enablerPid)).toBe(false);
});

test("polling by connecting ends when somebody answers", async () => {
  const answers = [false, false, true, false];
  await untilListening(async () => answers.shift() ?? false, new AbortController().signal);
  expect(answers).toEqual([false]);
  await untilListening(async () => false, AbortSignal.abort());
});
