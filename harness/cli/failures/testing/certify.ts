import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Report, validateReport } from "../../../../reports/index.ts";
import { readJournal } from "../../../conformance/journal.ts";

const MAIN = fileURLToPath(new URL("../../main.ts", import.meta.url));

/** A run that has ended, and all that it left. */
export interface Run {
  readonly code: number | null;
  readonly output: string;
  /** Undefined when no report was written. */
  readonly report: Report | undefined;
  readonly journal: ReturnType<typeof readJournal> | undefined;
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

/** `seccf run`, as a user starts it; its temporary folder is the run's own, so that what is left can be seen. */
export class StartedRun {
  readonly ended: Promise<Run>;
  /** The run directory. */
  readonly out: string;
  readonly #child: ChildProcess;
  #output = "";

  constructor(workplace: Workplace, name: string, args: readonly string[]) {
    const temporary = workplace.folder(`${name}-tmp`);
    this.out = join(workplace.directory, `${name}-out`);
    const child = spawn(process.execPath, [MAIN, "run", "--out", this.out, ...args], {
      env: { ...withoutVitest(process.env), NO_COLOR: "1", TMPDIR: temporary },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        this.#output += text;
        child.emit("output");
      });
    }
    this.ended = this.#end(temporary);
  }

  /** Instances whose end stands in the journal by now. */
  get endedInstances(): number {
    const journal = join(this.out, "journal.ndjson");
    return existsSync(journal) ? readFileSync(journal, "utf8").split('"case-end"').length - 1 : 0;
  }

  /** Resolves when the run has written this. */
  async says(part: string): Promise<void> {
    while (!this.#output.includes(part)) await once(this.#child, "output");
  }

  /** Ctrl-C. */
  interrupt(): void {
    this.#child.kill("SIGINT");
  }

  async #end(temporary: string): Promise<Run> {
    const closed = new Promise((resolve) => this.#child.once("close", resolve));
    const code = await new Promise<number | null>((resolve) => this.#child.once("exit", resolve));
    const processes = processesOf(temporary);
    await closed;
    const written = existsSync(join(this.out, "report.json"));
    return {
      code,
      output: this.#output,
      report: written ? valid(JSON.parse(readFileSync(join(this.out, "report.json"), "utf8"))) : undefined,
      journal: existsSync(join(this.out, "journal.ndjson")) ? readJournal(this.out) : undefined,
      read: (path) => readFileSync(join(this.out, path), "utf8"),
      processes,
      // Compiled code that Node and vite keep is no file of a run.
      temporary: readdirSync(temporary).filter((entry) => entry.startsWith("seccf")),
    };
  }
}

/** Carries out a run to its end. */
export function certify(workplace: Workplace, ...args: readonly string[]): Promise<Run> {
  return new StartedRun(workplace, "run", args).ended;
}

function valid(json: unknown): Report {
  const outcome = validateReport(json);
  if (!outcome.ok) throw new Error(`report.json is not valid: ${outcome.errors.join("; ")}`);
  return outcome.report;
}

/** The child is no test: nothing that the engine of this test set may reach its own engine. */
function withoutVitest(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(environment).filter(([name]) => !/^(VITEST|TEST$|NODE_ENV$|TINYPOOL)/.test(name)),
  );
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
