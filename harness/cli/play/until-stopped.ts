import { createInterface } from "node:readline";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Until Ctrl-C, or until {@link Stop.stop}. */
export interface Stop {
  readonly signal: AbortSignal;
  readonly stop: () => void;
  /** Gives the signals back. */
  readonly dispose: () => void;
}

export function untilStopped(): Stop {
  const controller = new AbortController();
  const stop = () => controller.abort();
  for (const name of SIGNALS) process.on(name, stop);
  const dispose = () => {
    for (const name of SIGNALS) process.off(name, stop);
  };
  return { signal: controller.signal, stop, dispose };
}

/**
 * Hands each line of standard input to `take`, one after the other, until the signal is aborted. The end of standard
 * input ends nothing: a role may play in the background.
 */
export function onEachLine(signal: AbortSignal, take: (line: string) => Promise<void>): () => void {
  const lines = createInterface({ input: process.stdin, terminal: false });
  let before = Promise.resolve();
  lines.on("line", (line) => {
    before = before.then(() => (signal.aborted ? undefined : take(line)));
  });
  return () => {
    lines.close();
    process.stdin.destroy();
  };
}
