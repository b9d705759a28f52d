import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { connectTcp } from "../../harness/wire/tcp.ts";

/** Milliseconds that a product may take to become ready, or to end when it is asked to. */
const BOUND_MS = 20_000;
/** Lines of output that are kept. */
const KEPT_LINES = 2_000;
const NOBODY = 65_534;

const IS_ROOT = process.getuid?.() === 0;

/** The user under which products run when the tests run as root; undefined: the user of the tests. */
export const PRODUCT_USER = IS_ROOT ? NOBODY : undefined;

/** A product did not do what it was started for; the message has the end of its output. */
export class ProductError extends Error {
  override readonly name = "ProductError";
  /** Everything that the product wrote. */
  readonly output: string;

  constructor(message: string, lines: readonly string[] = []) {
    super(lines.length === 0 ? message : `${message}. Its last output:\n${lines.slice(-20).join("\n")}`);
    this.output = lines.join("\n");
  }
}

/** The command as an unprivileged user, which the kernel ends when the tests end without having stopped it. */
export function unprivileged(command: readonly string[]): readonly string[] {
  const user = IS_ROOT ? [`--reuid=${NOBODY}`, `--regid=${NOBODY}`, "--clear-groups", "--no-new-privs"] : [];
  return ["setpriv", ...user, "--pdeathsig=KILL", ...command];
}

/** A program of somebody else that runs until it is stopped. */
export class Product {
  readonly #child: ChildProcess;
  readonly #name: string;
  readonly #lines: string[] = [];
  readonly #watchers = new Set<() => void>();
  readonly #gone: Promise<string>;
  #exit: string | undefined;

  constructor(command: readonly string[]) {
    const [program = "", ...args] = command;
    this.#name = command.join(" ");
    this.#child = spawn(program, args, { stdio: ["pipe", "pipe", "pipe"] });
    this.#gone = new Promise((resolve) => {
      this.#child.once("error", (error) => resolve(`could not be started: ${error.message}`));
      this.#child.once("close", (code, signal) => resolve(`ended with ${signal ?? `exit code ${code}`}`));
    });
    this.#gone.then((how) => {
      this.#exit = how;
      this.#tell();
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) if (stream !== null) this.#read(stream);
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /**
   * Waits for a line on stdout or stderr, also one that has come already, for which `read` gives a value.
   * @throws ProductError when the product ends or 20 s pass before.
   */
  line<T>(read: (line: string) => T | undefined): Promise<T> {
    return this.lines((all) => {
      for (const line of all) {
        const found = read(line);
        if (found !== undefined) return found;
      }
      return undefined;
    });
  }

  /** As {@link line}, for a value that several lines give together. @throws ProductError as {@link line}. */
  lines<T>(read: (lines: readonly string[]) => T | undefined): Promise<T> {
    return new Promise((resolve, reject) => {
      const end = (act: () => void) => {
        clearTimeout(timer);
        this.#watchers.delete(look);
        act();
      };
      const look = () => {
        const found = read(this.#lines);
        if (found !== undefined) end(() => resolve(found));
        else if (this.#exit !== undefined) end(() => reject(this.#error(this.#exit ?? "")));
      };
      const timer = setTimeout(
        () => end(() => reject(this.#error(`did not write what was waited for within ${BOUND_MS} ms`))),
        BOUND_MS,
      );
      this.#watchers.add(look);
      look();
    });
  }

  /** Waits until a connection to this port of 127.0.0.1 succeeds. @throws ProductError as {@link line}. */
  async untilListening(port: number): Promise<void> {
    const deadline = performance.now() + BOUND_MS;
    for (;;) {
      const outcome = await connectTcp({ host: "127.0.0.1", port }, BOUND_MS);
      if (outcome.ok) return void outcome.socket.destroy();
      if (this.#exit !== undefined) throw this.#error(this.#exit);
      if (performance.now() > deadline) throw this.#error(`does not listen within ${BOUND_MS} ms`);
      // A port says nothing when it begins to listen: asking again is the only way to know.
      await once(AbortSignal.timeout(20), "abort");
    }
  }

  /** Ends the product; SIGKILL when it does not end by itself. Never throws. */
  async stop(): Promise<void> {
    this.#child.kill("SIGTERM");
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), BOUND_MS);
    await this.#gone;
    clearTimeout(timer);
  }

  #error(what: string): ProductError {
    return new ProductError(`${this.#name}: ${what}`, this.#lines);
  }

  #read(stream: Readable): void {
    createInterface({ input: stream }).on("line", (line) => {
      if (this.#lines.length < KEPT_LINES) this.#lines.push(line);
      this.#tell();
    });
  }

  #tell(): void {
    for (const look of [...this.#watchers]) look();
  }
}

/** A port of 127.0.0.1 that was free a moment ago, for products that cannot tell which one they got. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (typeof address !== "object" || address === null) throw new Error("a TCP server has a port");
  return address.port;
}
