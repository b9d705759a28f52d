import type { RunEvent } from "../../conformance/run-events.ts";

/** What a worker posts to the main process. */
export type WorkerMessage =
  | { readonly kind: "event"; readonly event: RunEvent }
  | { readonly kind: "start-failed"; readonly name: string; readonly message: string }
  | { readonly kind: "done"; readonly share: number };
