/**
 * The one entry file of every worker: it turns the instances of its share into tests.
 * Vitest is the engine; verdicts and checks come from harness/conformance.
 */
import { once } from "node:events";
import { BroadcastChannel } from "node:worker_threads";
import { afterAll, beforeAll, describe, inject, type TestContext, test } from "vitest";
import { CASES } from "../../../suites/index.ts";
import { expand, type Instance } from "../../conformance/parameters.ts";
import type { RunEvent } from "../../conformance/run-events.ts";
import { type SanityRecord, sanity } from "../../conformance/sanity.ts";
import { ShareRunner } from "../../conformance/share-runner.ts";
import type { WayIn } from "../../conformance/vocabulary.ts";
import { TestSystem } from "../../system/test-system.ts";
import { openProfile } from "../open-profile.ts";
import { describeCase, InstanceEvents, tellNotApplicable, tellOutcome } from "./allure-instance.ts";
import { runsAlone } from "./side-by-side.ts";
import type { EngineMessage, WorkerMessage } from "./worker-message.ts";

const order = inject("order");
const channel = new BroadcastChannel(order.channel);
const post = (message: WorkerMessage) => channel.postMessage(message);
const stop = new AbortController();
const stopped = once(stop.signal, "abort").then(() => undefined);
channel.onmessage = ({ data }: { data: unknown }) => {
  // Only the main process and its workers know the channel's random name.
  if ((data as WorkerMessage | EngineMessage).kind === "stop") stop.abort();
};
post({ kind: "listening" });
const events = order.allure === undefined ? undefined : new InstanceEvents();
const sink = (event: RunEvent) => {
  events?.take(event);
  post({ kind: "event", event });
};
// A selection made for Allure's own re-runs would leave instances without a result: --only selects here.
delete process.env["ALLURE_TESTPLAN_PATH"];

const profile = openProfile(order.profile);
const wanted = new Set(order.keys);
const instances = [...CASES.values()]
  .flatMap((one) => expand(one, profile.ics, order.strength, order.seed))
  .filter(({ key }) => wanted.has(key));
const ways = [...new Set(instances.map((instance) => instance.case.needs.wayIn))];
const isAlone = (instance: Instance) => runsAlone(instance.case, profile.ixit);

let system: TestSystem | undefined;
let runner: ShareRunner | undefined;
const underWay = new Set<Promise<unknown>>();

beforeAll(async () => {
  if (instances.length === 0) return;
  try {
    const started = await TestSystem.start(profile, order.fault ?? undefined);
    system = started;
    const closedWays = new Map<WayIn, string>();
    for (const { wayIn, ok, detail } of await askAll(started, "first")) {
      if (!ok) closedWays.set(wayIn, detail ?? "not served");
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
    await askAll(system, "last");
    await system.close();
  }
  post({ kind: "done", share: order.share });
  channel.close();
});

/** One sanity check for each way in; none when the run is stopped first, since a silent system takes its time. */
async function askAll(asked: TestSystem, when: SanityRecord["when"]): Promise<readonly SanityRecord[]> {
  if (stop.signal.aborted) return [];
  const all = Promise.all(ways.map((wayIn) => sanity(asked, wayIn, when)));
  const records = (await Promise.race([all, stopped])) ?? [];
  for (const record of records) sink({ type: "sanity", record });
  return records;
}

async function carryOut(instance: Instance, { skip }: TestContext): Promise<void> {
  if (stop.signal.aborted) throw new Error("not run: the run was stopped");
  if (runner === undefined) throw new Error("the system under test was not started");
  if (order.allure !== undefined) describeCase(instance.case, instance.parameters);
  const running = runner.run(instance);
  underWay.add(running);
  const result = await running.finally(() => underWay.delete(running));
  if (events !== undefined) tellOutcome(result, events.release(instance.key));
  const { verdict, reason } = result;
  if (verdict === "not-applicable") skip(reason);
  if (verdict !== "pass") throw new Error(`${verdict}: ${reason}`);
}

describe("side by side", () => {
  for (const instance of instances.filter((one) => !isAlone(one))) {
    test.concurrent(instance.key, (context) => carryOut(instance, context));
  }
});

describe("alone", () => {
  for (const instance of instances.filter(isAlone)) {
    test(instance.key, (context) => carryOut(instance, context));
  }
});

// Already in the journal: these tests are for Allure alone.
describe("not applicable", () => {
  for (const { id, reason } of order.allure?.notApplicable ?? []) {
    test(id, ({ skip }) => {
      const one = CASES.get(id);
      if (one !== undefined) describeCase(one, {});
      tellNotApplicable(reason);
      skip(reason);
    });
  }
});
