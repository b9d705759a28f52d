import { fileURLToPath } from "node:url";
import type { ReferenceProfile } from "../../profiles/reference/faults.ts";
import { suiteByName } from "../protocols/tls/index.ts";
import { loadProfile, type Profile } from "../system/profile/index.ts";

const shipped = (name: string) => fileURLToPath(new URL(`../../profiles/${name}`, import.meta.url));

/** The profile of the reference system, which comes with the suite. */
export const REFERENCE_PROFILE = shipped("reference");

/** The reference system with the claims of other networks: each fault is shown by one of them. */
export const REFERENCE_PROFILES: Readonly<Record<ReferenceProfile, string>> = {
  reference: REFERENCE_PROFILE,
  "reference-diameter": shipped("reference-diameter"),
  "reference-digest": shipped("reference-digest"),
};

/** Loads a profile folder. @throws ProfileError */
export function openProfile(directory: string): Profile {
  return loadProfile(directory, {
    suiteVersions: (name) => suiteByName(name)?.versions,
  });
}
