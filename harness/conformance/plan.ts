import type { Ics, Ixit, Profile } from "../system/profile/index.ts";
import type { CaseDescriptor } from "./case.ts";
import { expand, type Instance, shareOf } from "./parameters.ts";
import type { CaseResult, CatalogueEntry } from "./run-events.ts";
import { notApplicable } from "./selection.ts";

export interface PlanOptions {
  /** Glob over ids and keys: `*` any characters, `?` one. */
  readonly only?: string;
  readonly smoke: boolean;
  readonly shard?: { readonly index: number; readonly count: number };
  readonly strength: number;
  readonly seed: number;
}

export interface Plan {
  readonly instances: readonly Instance[];
  /** Results of the cases that do not apply, with the item that decided. */
  readonly skipped: readonly CaseResult[];
  readonly scope: "full" | "partial";
}

/** What a run would do: the same for the same profile, options and version of the suite. */
export function plan(cases: Iterable<CaseDescriptor>, profile: Profile, options: PlanOptions): Plan {
  const { only, smoke, shard } = options;
  const matches = only === undefined ? () => true : globMatcher(only);
  const instances: Instance[] = [];
  const skipped: CaseResult[] = [];
  for (const one of cases) {
    if (smoke && one.smoke !== true) continue;
    const reason = whyNot(one, profile.ics, profile.ixit, options);
    if (reason !== undefined) {
      if (matches(one.id)) skipped.push(skippedResult(one, reason));
      continue;
    }
    const expanded = expand(one, profile.ics, smoke ? 1 : options.strength, options.seed);
    instances.push(...expanded.filter(({ key }) => matches(key) || matches(one.id)));
  }
  const chosen =
    shard === undefined
      ? instances
      : instances.filter(({ key }) => shareOf(key, shard.count) === shard.index);
  const partial = only !== undefined || smoke || shard !== undefined;
  return { instances: chosen, skipped, scope: partial ? "partial" : "full" };
}

function whyNot(one: CaseDescriptor, ics: Ics, ixit: Ixit, { strength, seed }: PlanOptions) {
  const reason = notApplicable(one, ics, ixit);
  if (reason !== undefined) return reason;
  if (expand(one, ics, strength, seed).length > 0) return undefined;
  const { wayIn } = one.needs;
  return {
    reason: `ICS waysIn.${wayIn} claims no TLS version and suite that the terminal can offer alone`,
    declared: false,
  };
}

function skippedResult(
  one: CaseDescriptor,
  { reason, declared }: { reason: string; declared: boolean },
): CaseResult {
  return {
    id: one.id,
    key: one.id,
    parameters: {},
    verdict: "not-applicable",
    reason,
    ...(declared ? { declared: true } : {}),
    durationMs: 0,
    checks: [],
    evidence: [],
  };
}

/** A glob, anchored at both ends; everything but `*` and `?` stands for itself. */
export function globMatcher(glob: string): (text: string) => boolean {
  const pattern = glob
    .replace(/[.+^${}()|[\]\\]/g, "\\$&")
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  const regex = new RegExp(`^${pattern}$`, "i");
  return (text) => regex.test(text);
}

export function catalogueEntry(one: CaseDescriptor): CatalogueEntry {
  const { id, purpose, requirements, clauses, polarity, needs, useCase, flow } = one;
  return {
    id,
    purpose,
    requirements,
    clauses,
    polarity,
    wayIn: needs.wayIn,
    ...(useCase === undefined ? {} : { useCase }),
    ...(flow === undefined ? {} : { flow }),
  };
}
