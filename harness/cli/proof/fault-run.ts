import { cpus } from "node:os";
import { CASES } from "../../../suites/index.ts";
import type { Instance } from "../../conformance/parameters.ts";
import type { CaseResult } from "../../conformance/run-events.ts";
import { sanity } from "../../conformance/sanity.ts";
import { ShareRunner } from "../../conformance/share-runner.ts";
import { CertificateAuthority } from "../../roles/certificate-authority/index.ts";
import type { Profile } from "../../system/profile/index.ts";
import { TestSystem } from "../../system/test-system.ts";

/** Instances of one fault that may be under way at the same time. */
const CONCURRENCY = 12;

/** One for all systems of a proof: their keys are a third of what a fault costs. */
let authority: Promise<CertificateAuthority> | undefined;

/** Carries instances out against the reference system with a fault, or without one, in a test system of its own. */
export async function runWithFault(
  profile: Profile,
  fault: string | undefined,
  instances: readonly Instance[],
): Promise<readonly CaseResult[]> {
  authority ??= CertificateAuthority.create("seccf test operator");
  const system = await TestSystem.start(profile, fault, await authority);
  const runner = new ShareRunner({
    cases: CASES,
    system,
    repeat: 1,
    sink: () => undefined,
    closedWays: new Map(),
  });
  try {
    // As a run does before its first case: what the system keeps open towards the key manager is open then.
    const ways = [...new Set(instances.map(({ case: one }) => one.needs.wayIn))];
    await Promise.all(ways.map((wayIn) => sanity(system, wayIn, "first")));
    const alone = instances.filter(({ case: one }) => one.exclusive === true);
    const together = instances.filter(({ case: one }) => one.exclusive !== true);
    const results = await inParallel(together, CONCURRENCY, (instance) => runner.run(instance));
    return [...results, ...(await inParallel(alone, 1, (instance) => runner.run(instance)))];
  } finally {
    await system.close();
  }
}

/** Results in the order of the items, with at most `limit` of them under way. */
export async function inParallel<T, R>(
  items: readonly T[],
  limit: number,
  work: (item: T) => Promise<R>,
): Promise<readonly R[]> {
  const results = new Map<number, R>();
  const queue = items.entries();
  const worker = async () => {
    for (const [index, item] of queue) results.set(index, await work(item));
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
  return [...results.entries()].sort(([a], [b]) => a - b).map(([, result]) => result);
}

/** Faults that are tried at the same time: each is a process of its own beside ours. */
export function faultsAtOnce(): number {
  return cpus().length + 6;
}
