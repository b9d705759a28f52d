import type { Policy } from "../policy/policy.ts";

/** Folders below `profiles/` that start this system, each with other claims. */
export type ReferenceProfile = "reference" | "reference-diameter" | "reference-digest";

/** A named defect that the reference system can be started with. */
export interface Fault {
  /** Stable for ever. */
  readonly id: string;
  /** What is wrong, as one sentence about the enabler. */
  readonly title: string;
  /** Requirement labels of which a check has to fail; empty when the defect only breaks a clause of a binding. */
  readonly requirements: readonly string[];
  /** Clauses of bindings of which a check has to fail. */
  readonly clauses?: readonly string[];
  /** The profile whose run shows the defect, where it is not `reference`. */
  readonly shownBy?: ReferenceProfile;
  /** A further profile, whose run has cases that no other defect makes fail. */
  readonly alsoShownBy?: ReferenceProfile;
  /** The replaced members of the policy, anew for each start since some defects remember. */
  readonly change: () => Partial<Policy>;
}
