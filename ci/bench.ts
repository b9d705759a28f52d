/**
 * `npm run bench`: wall time and memory of what a user waits for, each the median of three runs in this one call.
 * Figures of different machines, or of a busy one, are not comparable.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";

const MAIN = fileURLToPath(new URL("../harness/cli/main.ts", import.meta.url));
const RUNS = 3;
/** Writes the peak resident set size of the process (KiB) to descriptor 3 when it ends. */
const TELL_MEMORY =
  "data:text/javascript,import{writeSync}from'node:fs';process.on('exit',()=>writeSync(3,String(process.resourceUsage().maxRSS)))";

interface Figures {
  readonly seconds: number;
  readonly mebibytes: number;
}

async function measure(args: readonly string[]): Promise<Figures> {
  const folder = mkdtempSync(join(tmpdir(), "seccf-bench-"));
  const began = performance.now();
  const child = spawn(process.execPath, ["--import", TELL_MEMORY, MAIN, ...args], {
    cwd: folder,
    stdio: ["ignore", "ignore", "inherit", "pipe"],
  });
  let memory = "";
  // stdio[3] is a pipe by the line above.
  (child.stdio[3] as Readable).setEncoding("utf8").on("data", (text: string) => {
    memory += text;
  });
  const [code] = await once(child, "close");
  const seconds = (performance.now() - began) / 1000;
  rmSync(folder, { recursive: true, force: true });
  if (code !== 0) throw new Error(`seccf ${args.join(" ")} ended with ${code}`);
  return { seconds, mebibytes: Number(memory) / 1024 };
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

process.stdout.write(
  `Node ${process.versions.node}, OpenSSL ${process.versions.openssl}, ${cpus().length} cores, median of ${RUNS}\n\n`,
);
process.stdout.write("| command | seconds | peak memory of the main process, MiB |\n|---|---|---|\n");
for (const args of [["list"], ["run", "--smoke"], ["run"], ["prove"]]) {
  const figures: Figures[] = [];
  for (let i = 0; i < RUNS; i++) figures.push(await measure(args));
  const seconds = median(figures.map((one) => one.seconds)).toFixed(2);
  const memory = median(figures.map((one) => one.mebibytes)).toFixed(0);
  process.stdout.write(`| \`seccf ${args.join(" ")}\` | ${seconds} | ${memory} |\n`);
}
