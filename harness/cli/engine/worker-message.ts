import type { RunEvent } from "../../conformance/run-events.ts";

/** What a worker posts to the main process. */
export type WorkerMessage =
  | { readonly kind: "event"; readonly event: RunEvent }
  | { readonly kind: "start-failed"; readonly name: string; readonly message: string }
  | { readonly kind: "done"; readonly share: number }
  /** The worker hears from now on: an order that was given before must be given again. */
  | { readonly kind: "listening" };

/** What the main process posts. */
export type EngineMessage =
  /** What has not begun shall not begin, sanity checks too. */
  | { readonly kind: "stop" }
  /** To itself, when all workers have ended: it arrives behind everything that they posted. */
  | { readonly kind: "all-posted" };
