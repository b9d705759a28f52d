import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { BroadcastChannel } from "node:worker_threads";
import { startVitest, type Vitest } from "vitest/node";
import type { RunEvent } from "../../conformance/run-events.ts";
import { TemporaryDirectory } from "../../system/temporary-directory.ts";
import { type AllureOptions, AllureReporter } from "./allure-reporter.ts";
import type { ShareOrder } from "./share-order.ts";
import { CONCURRENCY } from "./side-by-side.ts";
import type { EngineMessage, WorkerMessage } from "./worker-message.ts";

const HERE = dirname(fileURLToPath(import.meta.url));
const ENTRY = ["share.conformance.ts", "share.conformance.js"].find((name) => existsSync(join(HERE, name)));

export interface EngineOptions {
  /** One order for each worker. */
  readonly orders: readonly ShareOrder[];
  readonly channel: string;
  readonly onEvent: (event: RunEvent) => void;
  readonly onStartFailed: (failure: { readonly name: string; readonly message: string }) => void;
  /** Aborted: cases that have not begun are not begun any more. */
  readonly signal: AbortSignal;
  /** Absent: no results for Allure. */
  readonly allure?: AllureOptions;
}

/**
 * Runs every share in a vitest worker of its own; resolves when all have ended and posted everything. Gives the
 * shares whose worker ended without its last message: what it did at the end is not known.
 */
export async function runShares(options: EngineOptions): Promise<readonly number[]> {
  if (ENTRY === undefined) throw new Error(`${HERE} has no entry file for workers`);
  const cache = new TemporaryDirectory("seccf-vitest-");
  const channel = new BroadcastChannel(options.channel);
  const open = new Set(options.orders.map(({ share }) => share));
  const allPosted = listen(channel, open, options);
  let vitest: Vitest | undefined;
  const cancel = () => {
    stopWorkers(channel);
    void vitest?.cancelCurrentRun("keyboard-input");
  };
  options.signal.addEventListener("abort", cancel);
  const exitCode = process.exitCode;
  const allowForeign = refuseSignalListeners();
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
            },
          },
          ...(options.allure === undefined ? [] : [new AllureReporter(options.allure)]),
        ],
        maxWorkers: options.orders.length,
        fileParallelism: true,
        projects: options.orders.map((order) => project(order, ENTRY, cache.path)),
      },
      { logLevel: "silent", cacheDir: cache.path },
    );
    // Every worker has ended, with its last message or without.
    postToOurselves(options.channel);
    await allPosted;
    return [...open];
  } finally {
    options.signal.removeEventListener("abort", cancel);
    await vitest?.close();
    allowForeign();
    channel.close();
    // Vitest says 1 when a case failed; what our exit code is, the verdicts say.
    process.exitCode = exitCode;
    await cache.remove();
  }
}

/**
 * Vitest and what it loads end the process at once when it is interrupted; here the report of what was run comes first.
 * Whoever begins to listen meanwhile is taken off before the next signal can arrive. Gives the function that ends this.
 */
function refuseSignalListeners(): () => void {
  const onNewListener = (event: string | symbol, listener: () => void) => {
    if (event === "SIGINT" || event === "SIGTERM" || event === "SIGHUP") {
      queueMicrotask(() => process.off(event, listener));
    }
  };
  process.on("newListener", onNewListener);
  return () => process.off("newListener", onNewListener);
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

/** Takes what workers post; resolves at the message behind which nothing comes. */
function listen(channel: BroadcastChannel, open: Set<number>, options: EngineOptions): Promise<void> {
  return new Promise((resolve) => {
    channel.onmessage = ({ data }: { data: unknown }) => {
      // Only this process and its workers know the channel's random name.
      const message = data as WorkerMessage | EngineMessage;
      if (message.kind === "event") options.onEvent(message.event);
      else if (message.kind === "start-failed") options.onStartFailed(message);
      else if (message.kind === "done") open.delete(message.share);
      else if (message.kind === "listening" && options.signal.aborted) stopWorkers(channel);
      else if (message.kind === "all-posted") resolve();
    };
  });
}

function stopWorkers(channel: BroadcastChannel): void {
  channel.postMessage({ kind: "stop" } satisfies EngineMessage);
}

/** A channel does not hear itself, but another one of the same name; the messages of all have one order. */
function postToOurselves(name: string): void {
  const other = new BroadcastChannel(name);
  other.postMessage({ kind: "all-posted" } satisfies EngineMessage);
  other.close();
}
