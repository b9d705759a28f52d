import type { TestSystem } from "../../system/test-system.ts";
import { type CaseDescriptor, type CaseStory, testCase } from "../case.ts";
import { runInstance } from "../instance-runner.ts";
import { instanceKey, type ParameterValues } from "../parameters.ts";
import type { CaseResult, RunEvent } from "../run-events.ts";
import { descriptor } from "./reference-profile.ts";

export interface CarriedOut {
  readonly result: CaseResult;
  readonly events: readonly RunEvent[];
  readonly transcript: string;
}

interface How {
  readonly system: TestSystem;
  readonly fields?: Partial<CaseDescriptor>;
  readonly parameters?: ParameterValues;
  readonly repeat?: number;
}

/** One small case against a system, as a worker carries it out. */
export async function carryOut(
  { system, fields = {}, parameters = {}, repeat = 1 }: How,
  story: CaseStory,
): Promise<CarriedOut> {
  const one = testCase(descriptor({ dependsOn: "UC1-PSK-BV-01", ...fields }), story);
  const root = testCase(descriptor({ id: "UC1-PSK-BV-01", parameters: ["tls", "suite"] }), story);
  const events: RunEvent[] = [];
  const result = await runInstance({
    instance: { case: one, parameters, key: instanceKey(one.id, parameters) },
    testCase: one,
    cases: new Map([root, one].map((each) => [each.id, each])),
    system,
    repeat,
    sink: (event) => events.push(event),
  });
  const end = events.find((event) => event.type === "case-end");
  return { result, events, transcript: end?.transcript ?? "" };
}
