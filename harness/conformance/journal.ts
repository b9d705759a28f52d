import { createHash } from "node:crypto";
import { closeSync, fsyncSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { CaseResult, RunEvent, RunHeader } from "./run-events.ts";
import type { SanityRecord } from "./sanity.ts";

export const JOURNAL_FILE = "journal.ndjson";

/** The journal cannot be written or read; the message names the file. */
export class JournalError extends Error {
  override readonly name = "JournalError";
}

/** Everything that a report is made from. */
export interface RunRecord {
  readonly header: RunHeader;
  readonly results: readonly CaseResult[];
  readonly sanity: readonly SanityRecord[];
  /** Why the run ended early, or that the journal ends in the middle. */
  readonly interrupted?: string;
  readonly durationMs: number;
}

const KEPT_SO_FAR =
  ". What was written before stays: when there is room again, `seccf report` with this folder renders it.";

/** Appends events line by line, handed to the operating system before the next one: a crash loses nothing. */
export class Journal {
  readonly #path: string;
  readonly #file: number;
  #failure: JournalError | undefined;

  /** @throws JournalError when the file cannot be made. */
  constructor(directory: string) {
    this.#path = join(directory, JOURNAL_FILE);
    this.#file = this.#attempt(() => openSync(this.#path, "wx"));
  }

  /**
   * After a line that the disk did not take whole there is no other: it would follow half a line.
   * @throws JournalError when the disk does not take the line, and from then on.
   */
  write(event: RunEvent): void {
    if (this.#failure !== undefined) throw this.#failure;
    const { transcript: _, capture: __, ...line } = { transcript: undefined, capture: undefined, ...event };
    // Unlike writeSync this goes on until the whole line is written.
    this.#attempt(() => writeFileSync(this.#file, `${JSON.stringify(line)}\n`), KEPT_SO_FAR);
  }

  close(): void {
    this.#attempt(() => {
      fsyncSync(this.#file);
      closeSync(this.#file);
    });
  }

  #attempt<T>(action: () => T, advice = ""): T {
    try {
      return action();
    } catch (error) {
      this.#failure = new JournalError(
        `${this.#path}: ${error instanceof Error ? error.message : String(error)}${advice}`,
      );
      throw this.#failure;
    }
  }
}

/** Characters of a key that the name of its folder keeps; file systems take 255. */
const KEPT_KEY = 150;

/**
 * Folder of an instance's evidence, relative to the run directory: directly below `evidence`, and another one for
 * another key, whatever a key holds. Keys of the form of the catalogue are their own folder names.
 */
export function evidenceFolder(key: string): string {
  const plain = key
    .slice(0, KEPT_KEY)
    .replace(/[^A-Za-z0-9._=,[\]-]/g, "_")
    .replace(/^\.+/, "_");
  if (plain === key && key !== "") return join("evidence", key);
  return join("evidence", `${plain}~${createHash("sha256").update(key).digest("hex").slice(0, 16)}`);
}

/** Kinds of evidence by the name of their file. */
export type EvidenceFile = "transcript.txt" | "capture.pcapng";

/** Writes a piece of evidence and gives its path relative to the run directory. @throws JournalError */
export async function writeEvidence(
  directory: string,
  key: string,
  name: EvidenceFile,
  content: string | Uint8Array,
): Promise<string> {
  const path = join(evidenceFolder(key), name);
  const file = join(directory, path);
  try {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, content);
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    throw new JournalError(`${file}: ${text}${KEPT_SO_FAR}`);
  }
  return path;
}

/**
 * Reads a journal back. A last line that was cut by a crash is left out.
 * @throws JournalError when the file is missing or does not begin with a run.
 */
export function readJournal(directory: string): RunRecord {
  const path = join(directory, JOURNAL_FILE);
  const events = parseLines(path);
  const header = events.find((event) => event.type === "run-start")?.header;
  if (header === undefined) throw new JournalError(`${path}: it does not begin with a run-start line`);
  const end = events.find((event) => event.type === "run-end");
  const results = events.filter((event) => event.type === "case-end").map(({ result }) => result);
  const interrupted =
    events.find((event) => event.type === "interrupted")?.reason ??
    (end === undefined ? "the journal ends in the middle of the run" : unfinished(header, results));
  return {
    header,
    results,
    sanity: events.filter((event) => event.type === "sanity").map(({ record }) => record),
    durationMs: end?.durationMs ?? 0,
    ...(interrupted === undefined ? {} : { interrupted }),
  };
}

/** A run that lost instances is not complete, whatever the others say. */
function unfinished({ selected }: RunHeader, results: readonly CaseResult[]): string | undefined {
  const ended = new Set(results.map(({ key }) => key));
  const missing = selected.filter((key) => !ended.has(key));
  if (missing.length === 0) return undefined;
  return `${missing.length} of ${selected.length} instances have no result, the first is ${missing[0]}`;
}

function parseLines(path: string): readonly RunEvent[] {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    throw new JournalError(`${path}: ${error instanceof Error ? error.message : String(error)}`);
  }
  const lines = text.split("\n").filter((line) => line !== "");
  return lines.flatMap((line, i) => {
    const event = parseLine(line);
    if (event !== undefined) return [event];
    if (i === lines.length - 1) return [];
    throw new JournalError(
      `${path}:${i + 1}: not a line of a journal: the file was damaged or edited, so nothing can be reported of it`,
    );
  });
}

/** Undefined for what is no event, such as half a line. */
function parseLine(line: string): RunEvent | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null || !("type" in value)) return undefined;
  // Our own file: its lines were written by Journal.write, and the report that comes of them is validated.
  return value as RunEvent;
}
