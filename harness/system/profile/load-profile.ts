import { statSync } from "node:fs";
import { resolve } from "node:path";
import { systemErrorCode } from "./bounded-file.ts";
import { checkClaims, type SuiteVersions } from "./check-claims.ts";
import { checkConsistency } from "./check-consistency.ts";
import type { FieldSchema } from "./field-schema.ts";
import icsSchema from "./ics.schema.json" with { type: "json" };
import ixitSchema from "./ixit.schema.json" with { type: "json" };
import { checkPemFiles, withAbsolutePaths } from "./pem-files.ts";
import { type Outcome, ProfileError } from "./problem.ts";
import type { Ics, Ixit, Profile } from "./profile.ts";
import { validate } from "./validate.ts";
import { readYamlFile, type YamlFile } from "./yaml-file.ts";

export interface LoadOptions {
  readonly suiteVersions: SuiteVersions;
}

/**
 * Reads `ics.yaml` and `ixit.yaml` (at most 256 KiB each) of a folder, holds them against their schemas, fills in the
 * defaults, and checks what the schemas cannot say, up to the PEM files that the IXIT names.
 *
 * @throws ProfileError with every problem that was found: file, line, field, what is allowed and what to do. Problems
 * between the two files are looked for when each file alone is right.
 */
export function loadProfile(directory: string, { suiteVersions }: LoadOptions): Profile {
  const folder = resolve(directory);
  requireFolder(folder);
  const ics = load<Ics>(folder, "ics.yaml", icsSchema);
  const ixit = load<Ixit>(folder, "ixit.yaml", ixitSchema);
  if (!ics.ok || !ixit.ok) {
    throw new ProfileError(folder, [
      ...(ics.ok ? checkClaims(normalised(ics.value.content), ics.value.file, suiteVersions) : ics.problems),
      ...(ixit.ok
        ? checkPemFiles(withAbsolutePaths(ixit.value.content, folder), ixit.value.file)
        : ixit.problems),
    ]);
  }
  const profile: Profile = {
    directory: folder,
    ics: normalised(ics.value.content),
    ixit: withAbsolutePaths(ixit.value.content, folder),
    hashes: { ics: ics.value.file.sha256, ixit: ixit.value.file.sha256 },
  };
  const problems = [
    ...checkClaims(profile.ics, ics.value.file, suiteVersions),
    ...checkConsistency(profile.ics, profile.ixit, ixit.value.file),
    ...checkPemFiles(profile.ixit, ixit.value.file),
  ];
  if (problems.length > 0) throw new ProfileError(folder, problems);
  return profile;
}

/** Hex digits of the Ua identifier may be written in either case; from here on they are lower case. */
function normalised(ics: Ics): Ics {
  return { ...ics, ua: { identifier: ics.ua.identifier.toLowerCase() } };
}

function load<T>(
  folder: string,
  name: string,
  schema: FieldSchema,
): Outcome<{ readonly file: YamlFile; readonly content: T }> {
  const read = readYamlFile(folder, name);
  if (!read.ok) return read;
  const file = read.value;
  const valid = validate<T>(schema, file);
  return valid.ok ? { ok: true, value: { file, content: valid.value } } : valid;
}

function requireFolder(folder: string): void {
  const reason = whyNoFolder(folder);
  if (reason === undefined) return;
  throw new ProfileError(folder, [
    {
      file: folder,
      line: 0,
      column: 0,
      field: "",
      message: `the profile ${reason}`,
      allowed: "a folder with ics.yaml and ixit.yaml",
      fix: "Give a folder with ics.yaml (what the system claims) and ixit.yaml (how to reach it); seccf profile new DIR writes one.",
    },
  ]);
}

function whyNoFolder(folder: string): string | undefined {
  try {
    return statSync(folder).isDirectory() ? undefined : "is a file, not a folder";
  } catch (error) {
    const code = systemErrorCode(error);
    if (code === undefined) throw error;
    return code === "ENOENT" ? "folder does not exist" : `folder cannot be read (${code})`;
  }
}
