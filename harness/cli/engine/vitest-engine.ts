import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { BroadcastChannel } from "node:worker_threads";
import { startVitest, type Vitest } from "vitest/node";
import type { RunEvent } from "../../conformance/run-events.ts";
import { atSuddenEnd } from "../../system/sudden-end.ts";
import type { ShareOrder } from "./share-order.ts";
import type { WorkerMessage } from "./worker-message.ts";

const HERE = dirname(fileURLToPath(import.meta.url));
const ENTRY = ["share.conformance.ts", "share.conformance.js"].find((name) => existsSync(join(HERE, name)));

/** Cases of one worker that may be under way at the same time. */
const CONCURRENCY = 16;

/** Milliseconds for the last messages of workers that have ended. */
const LAST_MESSAGE_MS = 5_000;

export interface EngineOptions {
  /** One order for each worker. */
  readonly orders: readonly ShareOrder[];
  readonly channel: string;
  readonly onEvent: (event: RunEvent) => void;
  readonly onStartFailed: (failure: { readonly name: string; readonly message: string }) => void;
  /** Aborted: cases that have not begun are not begun any more. */
  readonly signal: AbortSignal;
}

/**
 * Runs every share in a vitest worker of its own; resolves when all have ended and posted everything. Gives the
 * shares whose worker ended without its last message: what it did at the end is not known.
 */
export async function runShares(options: EngineOptions): Promise<readonly number[]> {
  if (ENTRY === undefined) throw new Error(`${HERE} has no entry file for workers`);
  const cache = mkdtempSync(join(tmpdir(), "seccf-vitest-"));
  const removeCache = () => rmSync(cache, { recursive: true, force: true });
  const forgetCache = atSuddenEnd(removeCache);
  const channel = new BroadcastChannel(options.channel);
  const open = new Set(options.orders.map(({ share }) => share));
  const done = listen(channel, open, options);
  let vitest: Vitest | undefined;
  const cancel = () => void vitest?.cancelCurrentRun("keyboard-input");
  options.signal.addEventListener("abort", cancel);
  const exitCode = process.exitCode;
  const removeForeign = foreignSignalListeners();
  try {
    vitest = await startVitest(
      "test",
      [],
      {
        watch: false,
        config: false,
        root: HERE,
        reporters: [
          {
            onInit: (instance) => {
              vitest = instance;
              removeForeign();
            },
          },
        ],
        maxWorkers: options.orders.length,
        fileParallelism: true,
        projects: options.orders.map((order) => project(order, ENTRY, cache)),
      },
      { logLevel: "silent", cacheDir: cache },
    );
    // A worker that died without its last message must not keep the report waiting.
    await Promise.race([done, new Promise((resolve) => setTimeout(resolve, LAST_MESSAGE_MS).unref())]);
    return [...open];
  } finally {
    options.signal.removeEventListener("abort", cancel);
    await vitest?.close();
    channel.close();
    // Vitest says 1 when a case failed; what our exit code is, the verdicts say.
    process.exitCode = exitCode;
    removeCache();
    forgetCache();
  }
}

/** Vitest ends the process at once when it is interrupted; here the report of what was run comes first. */
function foreignSignalListeners(): () => void {
  const signals = ["SIGINT", "SIGTERM"] as const;
  const ours = signals.map((signal) => process.listeners(signal));
  return () => {
    signals.forEach((signal, index) => {
      for (const listener of process.listeners(signal)) {
        if (ours[index]?.includes(listener) === false) process.off(signal, listener);
      }
    });
  };
}

function project(order: ShareOrder, entry: string, cacheDir: string) {
  return {
    extends: false as const,
    root: HERE,
    cacheDir,
    logLevel: "silent" as const,
    test: {
      name: `share-${order.share}`,
      include: [entry],
      // In an installed package the entry stands below node_modules, which vitest leaves out by default.
      exclude: [],
      provide: { order },
      pool: "threads" as const,
      isolate: false,
      maxConcurrency: CONCURRENCY,
      // Every wait of a case has a bound of its own, from the profile.
      testTimeout: 0,
      hookTimeout: 0,
      // Node runs our modules itself: nothing but the entry has to pass through vite.
      server: { deps: { external: [/\/(harness|suites|profiles)\/(?!.*share\.conformance)/] } },
    },
  };
}

/** Resolves when every worker has posted that it is done: what it posted before has arrived then. */
function listen(channel: BroadcastChannel, open: Set<number>, options: EngineOptions): Promise<void> {
  return new Promise((resolve) => {
    channel.onmessage = ({ data }: { data: unknown }) => {
      // Only our own workers know the channel's random name.
      const message = data as WorkerMessage;
      if (message.kind === "event") options.onEvent(message.event);
      else if (message.kind === "start-failed") options.onStartFailed(message);
      else open.delete(message.share);
      if (open.size === 0) resolve();
    };
  });
}
