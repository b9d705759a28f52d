import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";

const MAIN = fileURLToPath(new URL("../../harness/cli/main.ts", import.meta.url));
/** Writes the peak resident set size of the process (KiB) to descriptor 3 when it ends. */
const TELL_MEMORY =
  "data:text/javascript,import{writeSync}from'node:fs';process.on('exit',()=>writeSync(3,String(process.resourceUsage().maxRSS)))";

/** What one run of a command took. */
export interface CommandFigures {
  readonly seconds: number;
  /** Peak resident set size of the main process, with its workers and without the system under test. */
  readonly mebibytes: number;
  readonly stdout: string;
}

/** Runs `seccf` with these arguments in a folder of its own. @throws Error when it does not end with 0 */
export async function measureCommand(args: readonly string[]): Promise<CommandFigures> {
  const folder = mkdtempSync(join(tmpdir(), "seccf-bench-"));
  const began = performance.now();
  const child = spawn(process.execPath, ["--import", TELL_MEMORY, MAIN, ...args], {
    cwd: folder,
    stdio: ["ignore", "pipe", "inherit", "pipe"],
  });
  const texts = { stdout: "", memory: "" };
  // stdio[1] and stdio[3] are pipes by the line above.
  for (const [index, name] of [
    [1, "stdout"],
    [3, "memory"],
  ] as const) {
    (child.stdio[index] as Readable).setEncoding("utf8").on("data", (text: string) => {
      texts[name] += text;
    });
  }
  const [code] = await once(child, "close");
  const seconds = (performance.now() - began) / 1000;
  rmSync(folder, { recursive: true, force: true });
  if (code !== 0) throw new Error(`seccf ${args.join(" ")} ended with ${code}: ${texts.stdout.slice(-500)}`);
  return { seconds, mebibytes: Number(texts.memory) / 1024, stdout: texts.stdout };
}
