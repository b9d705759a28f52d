import type { TestSystem } from "../system/test-system.ts";
import type { TestCase } from "./case.ts";
import { type Instance, instanceKey } from "./parameters.ts";
import type { CaseResult, EventSink } from "./run-events.ts";
import { boundLabels } from "./selection.ts";
import { Stage } from "./stage.ts";
import { Transcript } from "./transcript.ts";
import { Inconclusive, type Judged, judge, worst } from "./verdict.ts";
import type { Check, Verdict } from "./vocabulary.ts";

export interface InstanceRun {
  readonly instance: Instance;
  readonly testCase: TestCase;
  readonly system: TestSystem;
  /** Times that the case is carried out; each attempt is recorded. */
  readonly repeat: number;
  readonly sink: EventSink;
}

interface AttemptRecord extends Judged {
  readonly checks: readonly Check[];
  readonly transcript: Transcript;
}

/** Carries a case out and posts what happens, check by check. Never throws. */
export async function runInstance(run: InstanceRun): Promise<CaseResult> {
  const { instance, sink } = run;
  const began = performance.now();
  sink({ type: "case-start", key: instance.key, at: Date.now() });
  const attempts: AttemptRecord[] = [];
  for (let attempt = 1; attempt <= run.repeat; attempt++) attempts.push(await runAttempt(run, attempt));
  const verdict = worst(attempts.map((one) => one.verdict));
  const decisive = attempts.find((one) => one.verdict === verdict) ?? attempts[0];
  const result = {
    id: instance.case.id,
    key: instance.key,
    parameters: instance.parameters,
    verdict,
    ...(decisive?.reason === undefined ? {} : { reason: decisive.reason }),
    ...(verdict === "inconclusive" ? rootCause(instance) : {}),
    ...(decisive?.declared === true ? { declared: true as const } : {}),
    durationMs: Math.round(performance.now() - began),
    ...(run.repeat > 1 ? { attempts: attempts.map((one): Verdict => one.verdict) } : {}),
    checks: decisive?.checks ?? [],
    evidence: [],
  } satisfies CaseResult;
  sink({
    type: "case-end",
    result,
    transcript: attempts.map(({ transcript }) => transcript.toString()).join("\n"),
  });
  return result;
}

/** The case that shows plain access over the same way in, with as many of the same parameters as it has. */
function rootCause(instance: Instance): { rootCause?: string } {
  const { dependsOn } = instance.case;
  if (dependsOn === undefined) return {};
  const { tls, suite } = instance.parameters;
  return {
    rootCause: tls === undefined || suite === undefined ? dependsOn : instanceKey(dependsOn, { tls, suite }),
  };
}

async function runAttempt(
  { instance, testCase, system, sink }: InstanceRun,
  attempt: number,
): Promise<AttemptRecord> {
  const transcript = new Transcript();
  const checks: Check[] = [];
  const stage = new Stage({
    instance,
    system,
    transcript,
    onCheck: (check) => {
      checks.push(check);
      sink({ type: "check", key: instance.key, attempt, check });
    },
  });
  let thrown: unknown;
  try {
    await testCase.story(stage);
  } catch (error) {
    thrown = error ?? new Error("the story threw nothing");
    transcript.note(`ended early: ${error instanceof Error ? error.message : String(error)}`);
  } finally {
    await stage.close();
  }
  const labels = boundLabels(testCase.requirements, system.profile.ics.release);
  return { ...withDeath(judge(checks, labels, thrown), testCase, system), checks, transcript };
}

/**
 * Of a valid case only absence is seen, which the death of the SUT explains better than its conformance:
 * somebody else's case may have ended it.
 */
function withDeath(judged: Judged, testCase: TestCase, system: TestSystem): Judged {
  const gone = system.systemGone;
  if (gone === undefined || judged.verdict !== "fail" || testCase.polarity !== "valid") return judged;
  return judge([], [], new Inconclusive(gone));
}
