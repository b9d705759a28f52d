import { availableParallelism } from "node:os";
import type { CaseDescriptor } from "../../conformance/case.ts";
import { type Ixit, isPerToken, type Profile } from "../../system/profile/index.ts";

/** Cases of one worker that may be under way at the same time. */
export const CONCURRENCY = 16;

/** True for a case that concerns a whole listener, or a state that others would change too. */
export function runsAlone({ exclusive, needs }: CaseDescriptor, ixit: Ixit): boolean {
  return exclusive === true || (needs.observes?.includes("state") === true && !isPerToken(ixit));
}

/** An external SUT, or one with fixed ports, has exactly one worker: there is only one of it. */
export function workerCount({ ixit }: Profile, instances: number): number {
  const { system, keyManager } = ixit;
  const alone =
    system.kind === "external" ||
    system.ready === "connect" ||
    keyManager.zn.port !== 0 ||
    keyManager.ub.port !== 0;
  // Starting a second system costs more than a handful of cases.
  return alone || instances < 30 ? 1 : Math.min(2, availableParallelism());
}
