import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { DeathWatch } from "./death-watch.ts";
import { atSuddenEnd } from "./sudden-end.ts";

/** Octets of the SUT's output that are kept for messages. */
const KEPT_OUTPUT = 8 * 1024;
/** Milliseconds for what a process wrote just before its end: what it started itself may hold its pipes longer. */
const LAST_OUTPUT_MS = 200;

/** The SUT could not be started, or was not ready within its bound. The message says what to do next. */
export class SystemStartError extends Error {
  override readonly name = "SystemStartError";
}

export interface ProcessOptions {
  readonly command: readonly string[];
  readonly directory: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly stopMs: number;
}

/**
 * A SUT that the harness started. It gets a process group of its own, so that what it starts itself
 * ends with it, and a pipe as stdin that closes when the harness dies. One that does not care about its
 * stdin is killed then ({@link DeathWatch}).
 */
export class SutProcess {
  readonly #child: ChildProcess;
  readonly #stopMs: number;
  readonly #command: string;
  #output = "";
  #lines = "";
  #onLine: ((line: string) => void) | undefined;
  #stopping = false;
  /** Resolves with a sentence when the process is gone, whoever ended it, and its output was read. */
  readonly gone: Promise<string>;
  #exit: string | undefined;
  readonly #watch = new DeathWatch("a process group");
  readonly #forget: () => void;

  constructor(options: ProcessOptions) {
    const [program = "", ...args] = options.command;
    this.#command = options.command.join(" ");
    this.#stopMs = options.stopMs;
    this.#child = spawn(program, args, {
      cwd: options.directory,
      env: { ...process.env, ...options.environment },
      stdio: ["pipe", "pipe", "pipe"],
      detached: true,
    });
    if (this.#child.pid !== undefined) this.#watch.guard(this.#child.pid);
    this.#child.stdout?.setEncoding("utf8").on("data", (text: string) => this.#readLines(text));
    this.#child.stderr?.setEncoding("utf8").on("data", (text: string) => this.#keep(text));
    this.gone = new Promise((resolve) => {
      const end = (how: string) => {
        this.#exit = how;
        const timer = setTimeout(() => resolve(how), LAST_OUTPUT_MS);
        this.#child.once("close", () => {
          clearTimeout(timer);
          resolve(how);
        });
      };
      this.#child.once("error", (error) => end(`could not be started: ${error.message}`));
      this.#child.once("exit", (code, signal) => end(`ended with ${signal ?? `exit code ${code}`}`));
    });
    this.#forget = atSuddenEnd(() => this.#signal("SIGKILL"));
  }

  /** What the process last wrote, for messages. Data of the SUT: escape it where it is shown. */
  get lastOutput(): string {
    return this.#output;
  }

  /** A sentence when the process has ended without being asked to. */
  get unexpectedExit(): string | undefined {
    return this.#stopping || this.#exit === undefined ? undefined : `the system under test ${this.#exit}`;
  }

  /**
   * Waits for a line on stdout for which `read` gives a value.
   * @throws SystemStartError when the process ends or `boundMs` milliseconds pass before, and what `read` throws.
   */
  async line<T>(read: (line: string) => T | undefined, boundMs: number): Promise<T> {
    const value = new Promise<T>((resolve, reject) => {
      const done = (finish: () => void) => {
        this.#onLine = undefined;
        finish();
      };
      this.#onLine = (line) => {
        try {
          const found = read(line);
          if (found !== undefined) done(() => resolve(found));
        } catch (error) {
          done(() => reject(error));
        }
      };
    });
    return this.#beforeGone(value, boundMs, "did not announce itself on stdout");
  }

  /** Waits for `ready`. @throws SystemStartError as {@link line} does. */
  async until(ready: Promise<void>, boundMs: number): Promise<void> {
    await this.#beforeGone(ready, boundMs, "did not accept connections");
  }

  async #beforeGone<T>(wanted: Promise<T>, boundMs: number, what: string): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(
        () => reject(this.#startError(`${what} within ${boundMs} ms (IXIT bounds.startMs)`)),
        boundMs,
      );
    });
    const ended = this.gone.then((how): never => {
      throw this.#startError(`${how} before it was ready`);
    });
    try {
      return await Promise.race([wanted, late, ended]);
    } finally {
      clearTimeout(timer);
      ended.catch(() => undefined);
    }
  }

  #startError(what: string): SystemStartError {
    const output = this.#output.trim();
    const said = output === "" ? "It wrote nothing." : `Its last output:\n${output}`;
    return new SystemStartError(
      `the system under test (${this.#command}) ${what}. Check system.command in the IXIT by running it by hand. ${said}`,
    );
  }

  #readLines(text: string): void {
    this.#keep(text);
    const parts = (this.#lines + text).split("\n");
    // Only a line without end can grow.
    this.#lines = (parts.pop() ?? "").slice(-KEPT_OUTPUT);
    for (const part of parts) this.#onLine?.(part);
  }

  #keep(text: string): void {
    this.#output = (this.#output + text).slice(-KEPT_OUTPUT);
  }

  #signal(signal: NodeJS.Signals): void {
    const { pid } = this.#child;
    if (pid === undefined) return;
    try {
      process.kill(-pid, signal);
    } catch {
      // The group is gone already: that is what was wanted.
    }
  }

  /** SIGTERM, and SIGKILL to the whole group when that did not end it within the bound. */
  async stop(): Promise<void> {
    this.#stopping = true;
    if (this.#exit === undefined) {
      this.#signal("SIGTERM");
      const timer = setTimeout(() => this.#signal("SIGKILL"), this.#stopMs);
      await this.gone;
      clearTimeout(timer);
    }
    this.#signal("SIGKILL");
    this.#forget();
    if (this.#child.stdout?.readableEnded === false) this.#child.stdout.destroy();
    this.#child.stderr?.destroy();
    this.#child.stdin?.destroy();
    await this.#watch.dismiss();
  }
}

/** Polls by connecting: a product with fixed ports announces nothing. */
export async function untilListening(connects: () => Promise<boolean>, signal: AbortSignal): Promise<void> {
  while (!signal.aborted && !(await connects())) {
    await once(AbortSignal.any([signal, AbortSignal.timeout(50)]), "abort");
  }
}
