import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { expect, onTestFinished, test } from "vitest";
import { DeathWatch } from "./death-watch.ts";
import { isRunning } from "./testing/processes.ts";
import { newDirectory } from "./testing/profiles.ts";

/** A process group of its own that takes no notice of anything, and its id. */
async function stubbornGroup(): Promise<number> {
  const script = 'process.on("SIGTERM", () => {}); console.log("up"); setInterval(() => {}, 1000);';
  const child = spawn(process.execPath, ["--eval", script], {
    detached: true,
    stdio: ["ignore", "pipe", "ignore"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  await once(child.stdout, "data");
  if (child.pid === undefined) throw new Error("not started");
  return child.pid;
}

const own = JSON.stringify(new URL("death-watch.ts", import.meta.url).href);

test("what a killed process leaves is killed and removed, whatever the folder is called", async () => {
  const group = await stubbornGroup();
  const folder = join(newDirectory(), '-rf it\'s $(a) "name"\n');
  mkdirSync(folder);
  writeFileSync(join(folder, "private.key"), "");
  const script = `
    const { DeathWatch } = await import(${own});
    new DeathWatch("a process group").guard(${group});
    new DeathWatch({ folder: ${JSON.stringify(folder)} });
    console.log("watched");
    setInterval(() => {}, 1000);`;
  const harness = spawn(process.execPath, ["--input-type=module", "--eval", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(createInterface({ input: harness.stdout }), "line");
  expect([isRunning(group), existsSync(folder)]).toEqual([true, true]);
  harness.kill("SIGKILL");
  await expect
    .poll(() => [isRunning(group), existsSync(folder)], { timeout: 20_000 })
    .toEqual([false, false]);
});

test("a watch that was dismissed does nothing, and dismissing it again neither", async () => {
  const group = await stubbornGroup();
  const watch = new DeathWatch("a process group");
  watch.guard(group);
  await watch.dismiss();
  await watch.dismiss();
  expect(isRunning(group)).toBe(true);
});
