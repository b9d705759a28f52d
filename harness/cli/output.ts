import { writeSync } from "node:fs";

const STDOUT = 1;
const STDERR = 2;
/** Descriptors whose reader is gone: what is left to say goes nowhere, quietly. */
const closed = new Set<number>();

/**
 * Writes to the descriptor itself. A process.stdout whose reader has gone, such as `head`, is destroyed, and
 * Node then waits for ever for the output of worker threads to drain into it.
 */
function write(descriptor: number, text: string): void {
  let rest = Buffer.from(text);
  while (rest.length > 0 && !closed.has(descriptor)) {
    try {
      rest = rest.subarray(writeSync(descriptor, rest));
    } catch (error) {
      const code = error instanceof Error && "code" in error ? error.code : undefined;
      if (code === "EPIPE") closed.add(descriptor);
      // A slow reader of a pipe that does not block: there is nothing else to do than to wait for it.
      else if (code !== "EAGAIN") throw error;
    }
  }
}

/** Lines for people go to standard output. Whoever prints data of a SUT escapes it before. */
export function print(line: string): void {
  write(STDOUT, `${line}\n`);
}

export function printError(line: string): void {
  write(STDERR, `${line}\n`);
}
