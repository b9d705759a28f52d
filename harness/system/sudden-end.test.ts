import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, rmSync } from "node:fs";
import { createInterface } from "node:readline";
import { expect, test } from "vitest";
import { atSuddenEnd, suddenEnd } from "./sudden-end.ts";
import { TemporaryDirectory } from "./temporary-directory.ts";
import { isRunning } from "./testing/processes.ts";

test("everything that was registered is removed once, and what was taken back is not", () => {
  const removed: string[] = [];
  const forget = atSuddenEnd(() => removed.push("taken back"));
  atSuddenEnd(() => removed.push("left"));
  forget();
  suddenEnd();
  suddenEnd();
  expect(removed).toEqual(["left"]);
});

test("a temporary directory is one of them, until it is removed", async () => {
  const [left, removed] = [new TemporaryDirectory(), new TemporaryDirectory()];
  await removed.remove();
  expect([left, removed].map(({ path }) => existsSync(path))).toEqual([true, false]);
  suddenEnd();
  expect(existsSync(left.path)).toBe(false);
});

const own = (file: string) => JSON.stringify(new URL(file, import.meta.url).href);
const STUBBORN = 'process.on("SIGTERM", () => {}); console.log(process.pid); setInterval(() => {}, 1000);';
/** Starts a system that takes no notice of anything, tells its process id and a directory. */
const HARNESS = `
  import { isMainThread, parentPort, Worker } from "node:worker_threads";
  import { SutProcess } from ${own("sut-process.ts")};
  import { suddenEnd } from ${own("sudden-end.ts")};
  import { TemporaryDirectory } from ${own("temporary-directory.ts")};
  async function startSystem() {
    const { path } = new TemporaryDirectory();
    const command = [process.execPath, "--eval", ${JSON.stringify(STUBBORN)}];
    const sut = new SutProcess({ command, directory: ".", environment: {}, stopMs: 60_000 });
    return { path, pid: Number(await sut.line((line) => line, 20_000)) };
  }`;

/** The process id and the directory of a system, and whether they are there when its harness has ended. */
async function leftBy(script: string) {
  const child = spawn(process.execPath, ["--input-type=module", "--eval", `${HARNESS}\n${script}`], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = await once(createInterface({ input: child.stdout }), "line");
  const { path, pid } = JSON.parse(line);
  expect({ path: existsSync(path), pid: isRunning(pid) }).toEqual({ path: true, pid: true });
  child.kill("SIGUSR2");
  await once(child, "exit");
  try {
    await expect.poll(() => isRunning(pid)).toBe(false);
    expect(existsSync(path)).toBe(false);
  } finally {
    if (isRunning(pid)) process.kill(pid, "SIGKILL");
    rmSync(path, { recursive: true, force: true });
  }
}

test("a harness that ends leaves neither its system nor its directory", async () => {
  await leftBy(`
    process.once("SIGUSR2", () => process.exit(0));
    console.log(JSON.stringify(await startSystem()));`);
});

test("a harness that ends leaves nothing of its worker threads either, when they have a moment", async () => {
  const worker = `${HARNESS}\nparentPort.postMessage(await startSystem()); setInterval(() => {}, 1000);`;
  await leftBy(`
    process.once("SIGUSR2", () => {
      suddenEnd();
      setTimeout(() => process.exit(0), 300);
    });
    const code = ${JSON.stringify(worker)};
    const worker = new Worker(new URL("data:text/javascript," + encodeURIComponent(code)));
    worker.on("message", (system) => console.log(JSON.stringify(system)));`);
});
