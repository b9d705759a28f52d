import { FAULTS } from "../../profiles/reference/faults.ts";
import type { Profile } from "../system/profile/index.ts";
import { REFERENCE_PROFILES } from "./open-profile.ts";
import { UsageError } from "./usage-error.ts";

/** @throws UsageError for an id that no fault has, and for a system that is not the reference system. */
export function knownFault(id: string, profile: Profile): string {
  if (!Object.values(REFERENCE_PROFILES).includes(profile.directory)) {
    throw new UsageError("--fault is for the reference system only: leave --profile away");
  }
  if (!FAULTS.some((fault) => fault.id === id)) {
    throw new UsageError(`no fault has the id ${JSON.stringify(id)}; \`seccf list --faults\` shows them`);
  }
  return id;
}
