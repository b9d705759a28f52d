import { readFileSync } from "node:fs";

/** Whether a process is there and has not ended: one that only waits for its parent to take note has. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  try {
    // The state stands behind the name, which may hold anything, in parentheses (proc(5)).
    return !/\) [ZX]/.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return true;
  }
}
