import { suddenEnd } from "../system/sudden-end.ts";
import { printError } from "./output.ts";

/** Ctrl-C, a supervisor, and the end of the terminal. */
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
/** Milliseconds for busy workers to end what they have started. */
const LAST_MOMENT_MS = 2_000;

/**
 * The first SIGINT, SIGTERM or SIGHUP aborts the signal, so that the report of what was run is finished; the second ends
 * every system that was started and then the process, the third only the process.
 */
export function interruption(): { readonly signal: AbortSignal; dispose(): void } {
  const controller = new AbortController();
  let ending = false;
  const onSignal = () => {
    if (ending) process.exit(2);
    if (controller.signal.aborted) {
      ending = true;
      suddenEnd();
      setTimeout(() => process.exit(2), LAST_MOMENT_MS).unref();
      return;
    }
    printError(
      "\nstopping: cases under way end within their bounds, then the report is written (again to stop at once)",
    );
    controller.abort();
  };
  for (const name of SIGNALS) process.on(name, onSignal);
  return {
    signal: controller.signal,
    dispose: () => {
      for (const name of SIGNALS) process.off(name, onSignal);
    },
  };
}

/** For a command without a report of what was done so far: SIGINT, SIGTERM or SIGHUP ends the process and what it started. */
export function endWhenInterrupted(): void {
  for (const name of SIGNALS) {
    process.once(name, () => {
      suddenEnd();
      process.exit(2);
    });
  }
}
