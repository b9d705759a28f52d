import { closeSync, fsyncSync, openSync, readFileSync, writeSync } from "node:fs";
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

/** Appends events line by line, handed to the operating system before the next one: a crash loses nothing. */
export class Journal {
  readonly #path: string;
  readonly #file: number;

  /** @throws JournalError when the file cannot be made. */
  constructor(directory: string) {
    this.#path = join(directory, JOURNAL_FILE);
    this.#file = this.#attempt(() => openSync(this.#path, "wx"));
  }

  /** @throws JournalError when the disk does not take the line. */
  write(event: RunEvent): void {
    const { transcript: _, ...line } = { transcript: undefined, ...event };
    this.#attempt(() => writeSync(this.#file, `${JSON.stringify(line)}\n`));
  }

  close(): void {
    this.#attempt(() => {
      fsyncSync(this.#file);
      closeSync(this.#file);
    });
  }

  #attempt<T>(action: () => T): T {
    try {
      return action();
    } catch (error) {
      throw new JournalError(`${this.#path}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}

/** Folder of an instance's evidence, relative to the run directory; a key holds no path separator. */
export function evidenceFolder(key: string): string {
  return join("evidence", key.replace(/[^A-Za-z0-9._=,[\]-]/g, "_"));
}

/** Writes a transcript and gives its path relative to the run directory. */
export async function writeTranscript(directory: string, key: string, transcript: string): Promise<string> {
  const path = join(evidenceFolder(key), "transcript.txt");
  await mkdir(dirname(join(directory, path)), { recursive: true });
  await writeFile(join(directory, path), transcript);
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
  const interrupted =
    events.find((event) => event.type === "interrupted")?.reason ??
    (end === undefined ? "the journal ends in the middle of the run" : undefined);
  return {
    header,
    results: events.filter((event) => event.type === "case-end").map(({ result }) => result),
    sanity: events.filter((event) => event.type === "sanity").map(({ record }) => record),
    durationMs: end?.durationMs ?? 0,
    ...(interrupted === undefined ? {} : { interrupted }),
  };
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
    try {
      // Our own file: its lines were written by Journal.write, and the report that comes of them is validated.
      return [JSON.parse(line) as RunEvent];
    } catch {
      if (i === lines.length - 1) return [];
      throw new JournalError(`${path}:${i + 1}: not a line of a journal`);
    }
  });
}
