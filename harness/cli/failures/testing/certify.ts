import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { type Report, validateReport } from "../../../../reports/index.ts";
import { JournalError, readJournal } from "../../../conformance/journal.ts";
import { MAIN, userEnvironment } from "../../testing/seccf.ts";

const MEASURES = new URL("peak-memory.mjs", import.meta.url).href;
/** Milliseconds for what is ended from outside to be gone; what stays is still there then. */
const LINGER_MS = 5_000;

/** A run that has ended, and all that it left. */
export interface Run {
  readonly code: number | null;
  readonly output: string;
  /** Undefined when no report was written. */
  readonly report: Report | undefined;
  /** Undefined when none was begun. */
  readonly journal: ReturnType<typeof readJournal> | undefined;
  /** KiB that the process of seccf had in memory at most; undefined when it was killed. */
  readonly peakMemory: number | undefined;
  /** Text of a file in the run directory. */
  readonly read: (path: string) => string;
  /** Command lines of processes that the run started and that are still there. */
  readonly processes: readonly string[];
  /** What is left in the temporary folder. */
  readonly temporary: readonly string[];
}

/** A folder for one test, with everything in it that the test makes; `using` it removes it. */
export class Workplace implements Disposable {
  readonly directory = mkdtempSync(join(tmpdir(), "test-of-seccf-"));

  folder(name: string): string {
    const path = join(this.directory, name);
    mkdirSync(path, { recursive: true });
    return path;
  }

  [Symbol.dispose](): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}

export interface Surroundings {
  /** Octets that a file may have at most, as a disk that becomes full: a multiple of 512. */
  readonly fileSize?: number;
  /** Where standard output goes; read here when it is left out. */
  readonly stdout?: "nobody reads" | "/dev/full";
}

/** `seccf run`, as a user starts it; its temporary folder is the run's own, so that what is left can be seen. */
export class StartedRun {
  readonly ended: Promise<Run>;
  /** The run directory. */
  readonly out: string;
  readonly #child: ChildProcess;
  #output = "";

  constructor(workplace: Workplace, name: string, args: readonly string[], surroundings: Surroundings = {}) {
    const temporary = workplace.folder(`${name}-tmp`);
    this.out = join(workplace.directory, `${name}-out`);
    const peak = join(workplace.directory, `${name}-peak`);
    const command = [process.execPath, "--import", MEASURES, MAIN, "run", "--out", this.out, ...args];
    const child = spawn("/bin/sh", ["-c", shellScript(surroundings), "sh", ...command], {
      env: { ...userEnvironment(), TMPDIR: temporary, SECCF_TEST_PEAK: peak },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#child = child;
    if (surroundings.stdout === "nobody reads") child.stdout.destroy();
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        this.#output += text;
        child.emit("output");
      });
    }
    this.ended = this.#end(temporary, peak);
  }

  /** Instances that were carried out and whose end stands in the journal by now. */
  get endedInstances(): number {
    const journal = join(this.out, "journal.ndjson");
    if (!existsSync(journal)) return 0;
    const lines = readFileSync(journal, "utf8").split("\n");
    return lines.filter((line) => line.includes('"case-end"') && !line.includes('"verdict":"not-applicable"'))
      .length;
  }

  /** Resolves when the run has written this. */
  async says(part: string): Promise<void> {
    while (!this.#output.includes(part)) await once(this.#child, "output");
  }

  /** Sends a signal, Ctrl-C when none is named, to seccf alone. */
  interrupt(signal: NodeJS.Signals = "SIGINT"): void {
    this.#child.kill(signal);
  }

  async #end(temporary: string, peak: string): Promise<Run> {
    const closed = new Promise((resolve) => this.#child.once("close", resolve));
    const code = await new Promise<number | null>((resolve) => this.#child.once("exit", resolve));
    const { processes, files } = await leftIn(temporary);
    await closed;
    const written = existsSync(join(this.out, "report.json"));
    return {
      code,
      output: this.#output,
      report: written ? valid(JSON.parse(readFileSync(join(this.out, "report.json"), "utf8"))) : undefined,
      journal: journalIn(this.out),
      peakMemory: existsSync(peak) ? Number(readFileSync(peak, "utf8")) : undefined,
      read: (path) => readFileSync(join(this.out, path), "utf8"),
      processes,
      temporary: files,
    };
  }
}

/** Carries out a run to its end. */
export function certify(workplace: Workplace, ...args: readonly string[]): Promise<Run> {
  return new StartedRun(workplace, "run", args).ended;
}

/** `seccf report` of a run directory: its exit code and all that it said. */
export async function renderAgain(directory: string): Promise<{ code: number | null; output: string }> {
  const child = spawn(process.execPath, [MAIN, "report", directory], {
    env: { ...userEnvironment() },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  }
  const [code] = await once(child, "close");
  return { code, output };
}

function journalIn(directory: string): ReturnType<typeof readJournal> | undefined {
  if (!existsSync(join(directory, "journal.ndjson"))) return undefined;
  try {
    return readJournal(directory);
  } catch (error) {
    if (error instanceof JournalError && error.message.includes("does not begin")) return undefined;
    throw error;
  }
}

/** The shell becomes the command, so that a signal reaches it. */
function shellScript({ fileSize, stdout }: Surroundings): string {
  const limit = fileSize === undefined ? "" : `ulimit -f ${fileSize / 512} && `;
  return `${limit}exec "$@"${stdout === "/dev/full" ? " >/dev/full" : ""}`;
}

/** What is still there when it had time to go. */
async function leftIn(temporary: string) {
  const end = performance.now() + LINGER_MS;
  for (;;) {
    const processes = processesOf(temporary);
    // Compiled code that Node and vite keep is no file of a run.
    const files = readdirSync(temporary).filter((entry) => entry.startsWith("seccf"));
    if (processes.length + files.length === 0 || performance.now() > end) return { processes, files };
    await wait(20);
  }
}

function valid(json: unknown): Report {
  const outcome = validateReport(json);
  if (!outcome.ok) throw new Error(`report.json is not valid: ${outcome.errors.join("; ")}`);
  return outcome.report;
}

/** Every process inherits its environment: that of the run names a folder that nobody else has (Linux only). */
function processesOf(temporary: string): readonly string[] {
  if (!existsSync("/proc/self/environ")) return [];
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const mine = readFileSync(`/proc/${pid}/environ`, "latin1").includes(`TMPDIR=${temporary}\0`);
        const command = readFileSync(`/proc/${pid}/cmdline`, "latin1").replaceAll("\0", " ");
        // A process that has ended and only waits for its parent has no command line any more.
        return mine && command !== "" ? [`${pid} ${command}`] : [];
      } catch {
        return [];
      }
    });
}
