/**
 * The one entry file of every worker: it turns the instances of its share into tests.
 * Vitest is the engine; verdicts and checks come from harness/conformance.
 */
import { BroadcastChannel } from "node:worker_threads";
import { afterAll, beforeAll, describe, inject, test } from "vitest";
import { CASES } from "../../../suites/index.ts";
import { expand, type Instance } from "../../conformance/parameters.ts";
import type { RunEvent } from "../../conformance/run-events.ts";
import { sanity } from "../../conformance/sanity.ts";
import { ShareRunner } from "../../conformance/share-runner.ts";
import type { WayIn } from "../../conformance/vocabulary.ts";
import { isPerToken } from "../../system/profile/index.ts";
import { TestSystem } from "../../system/test-system.ts";
import { openProfile } from "../open-profile.ts";
import type { WorkerMessage } from "./worker-message.ts";

const order = inject("order");
const channel = new BroadcastChannel(order.channel);
const post = (message: WorkerMessage) => channel.postMessage(message);
const sink = (event: RunEvent) => post({ kind: "event", event });

const profile = openProfile(order.profile);
const wanted = new Set(order.keys);
const instances = [...CASES.values()]
  .flatMap((one) => expand(one, profile.ics, order.strength, order.seed))
  .filter(({ key }) => wanted.has(key));
const ways = [...new Set(instances.map((instance) => instance.case.needs.wayIn))];
const runsAlone = ({ case: { exclusive, needs } }: Instance) =>
  exclusive === true || (needs.observes?.includes("state") === true && !isPerToken(profile.ixit));

let system: TestSystem | undefined;
let runner: ShareRunner | undefined;
const underWay = new Set<Promise<unknown>>();

beforeAll(async () => {
  try {
    const started = await TestSystem.start(profile, order.fault ?? undefined);
    system = started;
    const closedWays = new Map<WayIn, string>();
    for (const record of await Promise.all(ways.map((wayIn) => sanity(started, wayIn, "first")))) {
      sink({ type: "sanity", record });
      if (!record.ok) closedWays.set(record.wayIn, record.detail ?? "not served");
    }
    runner = new ShareRunner({ cases: CASES, system, repeat: order.repeat, sink, closedWays });
  } catch (error) {
    const { name, message } = error instanceof Error ? error : new Error(String(error));
    post({ kind: "start-failed", name, message });
    throw error;
  }
});

afterAll(async () => {
  // Vitest does not wait for them when the run is stopped, but the report of what was run does.
  await Promise.allSettled(underWay);
  if (system !== undefined) {
    const alive = system;
    for (const record of await Promise.all(ways.map((wayIn) => sanity(alive, wayIn, "last")))) {
      sink({ type: "sanity", record });
    }
    await system.close();
  }
  post({ kind: "done", share: order.share });
  channel.close();
});

async function carryOut(instance: Instance): Promise<void> {
  if (runner === undefined) throw new Error("the system under test was not started");
  const running = runner.run(instance);
  underWay.add(running);
  const { verdict, reason } = await running.finally(() => underWay.delete(running));
  if (verdict !== "pass" && verdict !== "not-applicable") throw new Error(`${verdict}: ${reason}`);
}

describe("side by side", () => {
  for (const instance of instances.filter((one) => !runsAlone(one))) {
    test.concurrent(instance.key, () => carryOut(instance));
  }
});

describe("alone", () => {
  for (const instance of instances.filter(runsAlone)) test(instance.key, () => carryOut(instance));
});
