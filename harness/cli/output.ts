import { writeSync } from "node:fs";

const STDOUT = 1;
const STDERR = 2;
const RETRY_MS = 5;
const NOBODY_WAKES = new Int32Array(new SharedArrayBuffer(4));
/** Descriptors whose reader or terminal is gone: what is left to say goes nowhere, quietly. */
const closed = new Set<number>();
/** A file takes no more: the disk, the quota or the limit on the size of a file. A reader that is gone is none of these. */
const NO_ROOM = new Set<unknown>(["ENOSPC", "EDQUOT", "EFBIG"]);
let lost: string | undefined;

/** Output went to a file that takes no more, and is incomplete: whoever reads it later has to be told. The error code. */
export function outputLost(): string | undefined {
  return lost;
}

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
      // A slow reader of a pipe that does not block: there is nothing else to do than to wait for it.
      if (code === "EAGAIN") Atomics.wait(NOBODY_WAKES, 0, 0, RETRY_MS);
      else closed.add(descriptor);
      if (NO_ROOM.has(code)) lost = String(code);
    }
  }
}

/** Lines for people go to standard output. Whoever prints data of a SUT escapes it before. */
export function print(line: string): void {
  write(STDOUT, `${line}\n`);
}

/** Nobody reads standard output any more: what only tells can end. */
export function readerGone(): boolean {
  return closed.has(STDOUT);
}

export function printError(line: string): void {
  write(STDERR, `${line}\n`);
}
