import { MissingChallenge } from "../roles/terminal/index.ts";
import type { TestSystem } from "../system/test-system.ts";
import type { TestCase } from "./case.ts";
import type { Instance } from "./parameters.ts";
import { rootCause } from "./root-cause.ts";
import type { CaseResult, EventSink } from "./run-events.ts";
import { boundLabels } from "./selection.ts";
import { Stage } from "./stage.ts";
import { Transcript } from "./transcript.ts";
import { Inconclusive, type Judged, judge, worst } from "./verdict.ts";
import type { Check, Verdict } from "./vocabulary.ts";

export interface InstanceRun {
  readonly instance: Instance;
  readonly testCase: TestCase;
  /** All cases: what the case depends on stands among them. */
  readonly cases: ReadonlyMap<string, TestCase>;
  readonly system: TestSystem;
  /** Times that the case is carried out; each attempt is recorded. */
  readonly repeat: number;
  readonly sink: EventSink;
}

interface AttemptRecord extends Judged {
  readonly checks: readonly Check[];
  readonly transcript: Transcript;
  readonly capture?: Uint8Array;
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
    ...(verdict === "inconclusive" ? rootCause(instance, run.cases) : {}),
    ...(decisive?.declared === true ? { declared: true as const } : {}),
    durationMs: Math.round(performance.now() - began),
    ...(run.repeat > 1 ? { attempts: attempts.map((one): Verdict => one.verdict) } : {}),
    checks: decisive?.checks ?? [],
    evidence: [],
  } satisfies CaseResult;
  sink({
    type: "case-end",
    result,
    // One capture is enough, of the attempt that decided.
    ...(decisive?.capture === undefined ? {} : { capture: decisive.capture }),
    transcript: attempts.map(({ transcript }) => transcript.toString()).join("\n"),
  });
  return result;
}

async function runAttempt(run: InstanceRun, attempt: number): Promise<AttemptRecord> {
  const { instance, testCase, system, sink } = run;
  const transcript = new Transcript();
  const checks: Check[] = [];
  let ended = false;
  const { thrown, capture } = await carryOut(run, transcript, (check) => {
    // The verdict is given: a step that the story did not await comes too late.
    if (ended) return;
    checks.push(check);
    sink({ type: "check", key: instance.key, attempt, check });
  });
  ended = true;
  const labels = boundLabels(testCase.requirements, system.profile.ics.release);
  const judged = judge(checks, labels, thrown);
  const evidence = { transcript, ...(capture === undefined ? {} : { capture }) };
  if (!explainedByDeath(judged, testCase, system)) return { ...judged, checks, ...evidence };
  const gone = system.systemGone ?? "the system under test is gone";
  return { ...judge([], [], new Inconclusive(gone)), checks: checks.map(withoutFailure), ...evidence };
}

/** What the story threw, or the end of its connections; undefined when nothing did. What its path saw. */
interface Played {
  readonly thrown: unknown;
  readonly capture: Uint8Array | undefined;
}

async function carryOut(
  { instance, testCase, system }: InstanceRun,
  transcript: Transcript,
  onCheck: (check: Check) => void,
): Promise<Played> {
  let thrown: unknown;
  let capture: Uint8Array | undefined;
  let stage: Stage | undefined;
  try {
    stage = new Stage({ instance, system, transcript, onCheck });
    await testCase.story(stage);
    if (testCase.polarity === "valid") await stage.compareViews();
  } catch (error) {
    // What the system left out is no mistake of ours.
    thrown =
      error instanceof MissingChallenge
        ? new Inconclusive(error.message)
        : (error ?? new Error("the story threw nothing"));
    transcript.note(
      `ended early: ${error instanceof Error ? error.message : "by something that is no error"}`,
    );
  }
  try {
    await stage?.close();
    capture = await stage?.capture();
  } catch (error) {
    thrown ??= error ?? new Error("closing threw nothing");
  }
  return { thrown, capture };
}

/**
 * Of a valid case only absence is seen, which the death of the SUT explains better than its conformance:
 * somebody else's case may have ended it.
 */
function explainedByDeath(judged: Judged, testCase: TestCase, system: TestSystem): boolean {
  return system.systemGone !== undefined && judged.verdict === "fail" && testCase.polarity === "valid";
}

/** A failed must check makes its label not-met: one that proves nothing must not stand as one. */
function withoutFailure(check: Check): Check {
  if (check.level !== "must" || check.outcome !== "failed") return check;
  const seen = "not so, and the system under test was gone";
  return {
    level: "observe",
    text: check.text,
    outcome: "observed",
    detail: check.detail === undefined ? seen : `${seen} (${check.detail})`,
  };
}
