import { fileURLToPath } from "node:url";
import { suiteByName } from "../protocols/tls/index.ts";
import { loadProfile, type Profile } from "../system/profile/index.ts";

/** The profile of the reference system, which comes with the suite. */
export const REFERENCE_PROFILE = fileURLToPath(new URL("../../profiles/reference", import.meta.url));

/** Loads a profile folder. @throws ProfileError */
export function openProfile(directory: string): Profile {
  return loadProfile(directory, {
    suiteVersions: (name) => {
      const suite = suiteByName(name);
      return suite && [suite.version];
    },
  });
}
