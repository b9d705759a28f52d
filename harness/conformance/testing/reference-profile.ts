import { fileURLToPath } from "node:url";
import { suiteByName } from "../../protocols/tls/index.ts";
import { type Ics, type Ixit, loadProfile, type Profile } from "../../system/profile/index.ts";
import type { CaseDescriptor } from "../case.ts";

const DIRECTORY = fileURLToPath(new URL("../../../profiles/reference", import.meta.url));

/** The profile of the reference system, with other claims or another way to reach it. */
export function referenceProfile(changes: { ics?: Partial<Ics>; ixit?: Partial<Ixit> } = {}): Profile {
  const profile = openDirectory(DIRECTORY);
  return {
    ...profile,
    ics: { ...profile.ics, ...changes.ics },
    ixit: { ...profile.ixit, ...changes.ixit },
  };
}

export function openDirectory(directory: string): Profile {
  return loadProfile(directory, {
    suiteVersions: (name) => suiteByName(name)?.versions,
  });
}

/** A case about PSK-TLS that every profile of this file can be asked. */
export function descriptor(fields: Partial<CaseDescriptor> = {}): CaseDescriptor {
  return {
    id: "UC1-PSK-BV-90",
    purpose: "A case of a test",
    requirements: ["1.1"],
    clauses: ["RD 6 1.1"],
    polarity: "valid",
    needs: { role: "enabler", wayIn: "uc1.psk-tls" },
    parameters: [],
    steps: ["one step"],
    ...fields,
  };
}
