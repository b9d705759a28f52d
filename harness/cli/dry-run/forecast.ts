import type { Observation } from "../../conformance/case.ts";
import type { Instance } from "../../conformance/parameters.ts";
import type { Plan } from "../../conformance/plan.ts";
import type { Profile } from "../../system/profile/index.ts";
import { CONCURRENCY, runsAlone, workerCount } from "../engine/side-by-side.ts";
import type { EarlierRun, Measured } from "./earlier-run.ts";

/** What a run would do, for `run --dry-run`; `--json` prints just this. */
export interface Forecast {
  readonly scope: "full" | "partial";
  readonly seed: number;
  readonly strength: number;
  readonly repeat: number;
  readonly cases: readonly ForecastCase[];
  readonly notApplicable: readonly { readonly id: string; readonly reason: string }[];
  readonly estimate: Estimate;
  readonly hooks: readonly { readonly item: string; readonly use: string; readonly changes: boolean }[];
  readonly load: Load;
}

interface ForecastCase {
  readonly id: string;
  readonly purpose: string;
  /** Runs while nothing else does. */
  readonly alone: boolean;
  readonly instances: readonly string[];
}

/** `seconds` is absent when nothing was measured. */
interface Estimate {
  readonly seconds?: number;
  readonly from: string;
}

interface Load {
  readonly workers: number;
  readonly sideBySide: number;
  /** Instances that run alone: what they do to the key manager or to the system reaches everybody. */
  readonly alone: number;
  /** As an earlier run counted them; absent when there is none. */
  readonly connections?: number;
  /** At most: an enabler that keeps no keys asks once for each PSK handshake and each request with credentials. */
  readonly keyRequestsAtMost?: number;
}

export interface ForecastInput {
  readonly plan: Plan;
  readonly profile: Profile;
  readonly seed: number;
  readonly strength: number;
  readonly repeat: number;
  readonly earlier: EarlierRun | undefined;
}

export function forecast(input: ForecastInput): Forecast {
  const { plan, profile, seed, strength, repeat } = input;
  return {
    scope: plan.scope,
    seed,
    strength,
    repeat,
    cases: casesOf(plan.instances, profile),
    notApplicable: plan.skipped.map(({ id, reason = "" }) => ({ id, reason })),
    estimate: estimate(input),
    hooks: hooks(plan.instances, profile),
    load: load(input),
  };
}

function casesOf(instances: readonly Instance[], { ixit }: Profile): readonly ForecastCase[] {
  const keys = Map.groupBy(instances, (instance) => instance.case);
  return [...keys].map(([one, own]) => ({
    id: one.id,
    purpose: one.purpose,
    alone: runsAlone(one, ixit),
    instances: own.map(({ key }) => key),
  }));
}

/**
 * What runs side by side takes as long as it took, in proportion to its share; what runs alone adds up, divided
 * among the workers. The first figure holds the start of the system too.
 */
function estimate({ plan, profile, repeat, earlier }: ForecastInput): Estimate {
  if (earlier === undefined) {
    return {
      from:
        "unknown: no whole run of this profile stands in conformance-results. Each instance that runs alone waits at " +
        `most bounds.keyManagerMs (${profile.ixit.bounds.keyManagerMs} ms) for each refusal that it asks for`,
    };
  }
  const sum = (keys: Iterable<string>, alone: boolean) =>
    [...keys]
      .filter((key) => isAlone(key) === alone)
      .reduce((total, key) => total + measuredOf(earlier, key).durationMs, 0);
  const aloneKeys = new Set(plan.instances.filter((one) => runsAlone(one.case, profile.ixit)).map(caseId));
  const isAlone = (key: string) => aloneKeys.has(key.replace(/\[.*$/, ""));
  const selected = plan.instances.map(({ key }) => key);
  const workersThen = workerCount(profile, earlier.instances.size);
  const workers = workerCount(profile, selected.length);
  const rest = Math.max(earlier.durationMs - sum(earlier.instances.keys(), true) / workersThen, 0);
  const share = sum(selected, false) / Math.max(sum(earlier.instances.keys(), false), 1);
  const ms = (sum(selected, true) / workers + rest * share) * repeat;
  return { seconds: Math.max(1, Math.round(ms / 1000)), from: `measured by run ${earlier.id}` };
}

const caseId = (instance: Instance) => instance.case.id;

/** An instance that the earlier run did not have is taken for an average one. */
function measuredOf({ instances }: EarlierRun, key: string): Measured {
  const known = instances.get(key);
  if (known !== undefined) return known;
  const mean = (read: (one: Measured) => number) =>
    [...instances.values()].reduce((total, one) => total + read(one), 0) / Math.max(instances.size, 1);
  return {
    durationMs: mean((one) => one.durationMs),
    connections: mean((one) => one.connections),
    keyRequests: mean((one) => one.keyRequests),
  };
}

function load({ plan, profile, repeat, earlier }: ForecastInput): Load {
  const workers = workerCount(profile, plan.instances.length);
  const total = (read: (one: Measured) => number) =>
    earlier === undefined
      ? 0
      : Math.ceil(plan.instances.reduce((sum, { key }) => sum + read(measuredOf(earlier, key)), 0) * repeat);
  return {
    workers,
    sideBySide: CONCURRENCY,
    alone: plan.instances.filter((one) => runsAlone(one.case, profile.ixit)).length * repeat,
    ...(earlier === undefined
      ? {}
      : {
          connections: total((one) => one.connections),
          keyRequestsAtMost: total((one) => one.keyRequests),
        }),
  };
}

/** What of the IXIT the selected instances use: the protected resource always, the others where a case observes them. */
function hooks(instances: readonly Instance[], { ixit }: Profile): Forecast["hooks"] {
  const { resources, enabler, system } = ixit;
  const observed = new Set<Observation>(instances.flatMap((one) => one.case.needs.observes ?? []));
  const visitors = instances.some((one) => one.case.needs.wayIn === "server-only");
  const { identity, state, open, view } = resources;
  const refusals = instances.length > 0 && state?.change.path.includes("{token}") === true;
  const started =
    system.kind === "process" ? [hook("system.command", `runs ${system.command.join(" ")}`, true)] : [];
  return [
    ...started,
    hook("resources.protected", `GET ${resources.protected.path}`),
    ...(visitors && open !== undefined ? [hook("resources.open", `GET ${open.path}`)] : []),
    ...(observed.has("identity") && identity !== undefined
      ? [hook("resources.identity", `GET ${identity.url}`)]
      : []),
    ...(observed.has("view") && view !== undefined ? [hook("resources.view", `GET ${view.path}`)] : []),
    ...((observed.has("state") || refusals) && state !== undefined
      ? [
          hook("resources.state.change", `${state.change.method} ${state.change.path}`, true),
          hook("resources.state.read", `GET ${state.read.url}`),
        ]
      : []),
    ...Object.entries(enabler.addresses).map(([name, { host, port }]) =>
      hook(`enabler.addresses.${name}`, `connects to ${host}:${port}`),
    ),
  ];
}

function hook(item: string, use: string, changes = false): Forecast["hooks"][number] {
  return { item, use, changes };
}
