import { readdirSync, readFileSync } from "node:fs";
import { join, normalize } from "node:path";
import { type Report, validateReport } from "../../../reports/index.ts";
import type { Profile } from "../../system/profile/index.ts";

/** What an earlier run of the same profile measured. */
export interface EarlierRun {
  readonly id: string;
  readonly durationMs: number;
  /** By key of the instance. */
  readonly instances: ReadonlyMap<string, Measured>;
}

export interface Measured {
  readonly durationMs: number;
  /** TCP connections to the enabler. */
  readonly connections: number;
  /** Key requests that an enabler would make that keeps no keys: one for each handshake with a PSK or request with credentials. */
  readonly keyRequests: number;
}

/** Newest runs that are looked at. */
const MAX_RUNS = 50;

/**
 * The newest whole run of this profile (same hashes of ICS and IXIT, no fault) among the run directories below
 * `directory`; undefined when there is none. What cannot be read is no such run.
 */
export function earlierRun(directory: string, { hashes }: Profile): EarlierRun | undefined {
  for (const name of newestFirst(directory)) {
    const report = readReport(join(directory, name));
    if (report === undefined) continue;
    const { run, profile } = report;
    const sameProfile = profile.ics === hashes.ics && profile.ixit === hashes.ixit;
    const whole = run.scope === "full" && run.fault === undefined && run.interrupted === undefined;
    if (sameProfile && whole) return measured(join(directory, name), report);
  }
  return undefined;
}

/** Ids of runs begin with their date. */
function newestFirst(directory: string): readonly string[] {
  try {
    return readdirSync(directory).sort().reverse().slice(0, MAX_RUNS);
  } catch {
    return [];
  }
}

function readReport(directory: string): Report | undefined {
  try {
    const validation = validateReport(JSON.parse(readFileSync(join(directory, "report.json"), "utf8")));
    return validation.ok ? validation.report : undefined;
  } catch {
    return undefined;
  }
}

function measured(directory: string, { run, cases }: Report): EarlierRun {
  const instances = cases
    .filter(({ verdict }) => verdict !== "not-applicable")
    .map(({ key, durationMs, evidence }) => [key, { durationMs, ...traffic(directory, evidence) }] as const);
  return { id: run.id, durationMs: run.durationMs, instances: new Map(instances) };
}

/** Counted in the transcript, where each connection and request to the enabler is a line. */
function traffic(directory: string, evidence: readonly string[]) {
  const texts = evidence.filter((path) => path.endsWith(".txt"));
  const text = texts.map((path) => transcript(directory, path)).join("");
  const handshakes = text.match(/^ *[\d.]+ {2}terminal -> enabler: TCP to /gm)?.length ?? 0;
  const psk = text.match(/^ *[\d.]+ {2}terminal -> enabler: TLS .*PSK identity/gm)?.length ?? 0;
  const credentials = text.match(/^ +Authorization: Digest .*realm="3GPP-bootstrapping/gm)?.length ?? 0;
  return { connections: handshakes, keyRequests: psk + credentials };
}

function transcript(directory: string, path: string): string {
  if (normalize(path).startsWith("..")) return "";
  try {
    return readFileSync(join(directory, path), "utf8");
  } catch {
    return "";
  }
}
