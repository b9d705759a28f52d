import type { Fault, ReferenceProfile } from "../../../profiles/reference/faults.ts";
import { CASES } from "../../../suites/index.ts";
import { expand, type Instance } from "../../conformance/parameters.ts";
import type { CaseResult } from "../../conformance/run-events.ts";
import { notApplicable } from "../../conformance/selection.ts";
import type { Profile } from "../../system/profile/index.ts";
import { openProfile, REFERENCE_PROFILES } from "../open-profile.ts";
import type { Proof } from "../suite-identity.ts";
import { runWithFault } from "./fault-run.ts";

/** Each value of each parameter once, always the same. */
const STRENGTH = 1;
const SEED = 1;

/** Instances with which a fault is tried. */
export type Selection = (fault: Fault, every: readonly Instance[]) => readonly Instance[];

/** The reference system with one profile, and the faults that this profile shows. */
export interface Showing {
  readonly name: ReferenceProfile;
  readonly profile: Profile;
  readonly faults: readonly Fault[];
  readonly select: (fault: Fault) => readonly Instance[];
  /** Instances that any of the faults is tried with, each once. */
  readonly instances: readonly Instance[];
}

/** One for each profile that shows a fault; with `all`, also for those that show none of them. */
export function showings(faults: readonly Fault[], selection: Selection, all: boolean): readonly Showing[] {
  // The keys of a record of ours are its type's.
  const names = Object.keys(REFERENCE_PROFILES) as ReferenceProfile[];
  return names.flatMap((name) => {
    const shown = faults.filter(
      ({ shownBy = "reference", alsoShownBy }) => shownBy === name || alsoShownBy === name,
    );
    if (shown.length === 0 && !all) return [];
    const profile = openProfile(REFERENCE_PROFILES[name]);
    const every = everyInstance(profile);
    const select = (fault: Fault) => selection(fault, every);
    const instances = all ? every : unique(shown.flatMap(select));
    return [{ name, profile, faults: shown, select, instances }];
  });
}

export const everyOne: Selection = (_, every) => every;

/** Those that the proof names for the fault. */
export function namedIn(proof: Proof): Selection {
  return ({ id }, every) => every.filter(({ key }) => proof.keys[id]?.includes(key) === true);
}

/** The run without a fault: what fails with one must have passed here. */
export function withoutFault({ profile, instances }: Showing): Promise<readonly CaseResult[]> {
  return runWithFault(profile, undefined, instances);
}

function everyInstance({ ics, ixit }: Profile): readonly Instance[] {
  return [...CASES.values()]
    .filter((one) => notApplicable(one, ics, ixit) === undefined)
    .flatMap((one) => expand(one, ics, STRENGTH, SEED));
}

function unique(instances: readonly Instance[]): readonly Instance[] {
  return [...new Map(instances.map((one) => [one.key, one])).values()];
}
