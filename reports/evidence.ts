import { closeSync, constants, fstatSync, openSync, readSync, realpathSync } from "node:fs";
import { extname, join, sep } from "node:path";

/** UTF-16 code units of one transcript that a report embeds: 64 Ki. */
export const TRANSCRIPT_LIMIT = 64 * 1024;

const PATH_LIMIT = 1024;

/** Kinds of evidence that are text to read. Captures and key logs are linked, never embedded. */
const READABLE: ReadonlySet<string> = new Set([".txt", ".log", ".json", ".ndjson"]);

/**
 * Whether `path` can only name something below the run directory: relative, with `/` between
 * segments, no empty, `.` or `..` segment, no backslash, drive letter or control character.
 */
export function staysInRun(path: string): boolean {
  if (path.length > PATH_LIMIT || !path.isWellFormed()) return false;
  if (/[\p{Cc}\\]/u.test(path) || /^[A-Za-z]:/.test(path)) return false;
  return path.split("/").every((segment) => segment !== "" && segment !== "." && segment !== "..");
}

/**
 * Reads text evidence below `directory`: at most a little more than {@link TRANSCRIPT_LIMIT}, so that
 * the renderer sees that there is more. Gives `undefined` for a path that leaves the directory, be it
 * by `..` or through a symbolic link, for what is no regular file or no text, and for what is not there.
 */
export function evidenceReader(directory: string): (path: string) => string | undefined {
  return (path) => {
    if (!staysInRun(path) || !READABLE.has(extname(path))) return undefined;
    try {
      const root = realpathSync(directory);
      const file = realpathSync(join(root, path));
      return file.startsWith(root + sep) ? readStart(file) : undefined;
    } catch {
      // The report is written all the same: the path stands in it, and the reader sees it was not embedded.
      return undefined;
    }
  };
}

function readStart(file: string): string | undefined {
  // O_NONBLOCK: a pipe put in the place of the file must not hang the run.
  const handle = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    if (!fstatSync(handle).isFile()) return undefined;
    // A code unit of UTF-16 takes at most three bytes of UTF-8.
    const bytes = Buffer.alloc(3 * (TRANSCRIPT_LIMIT + 1));
    const length = readSync(handle, bytes, 0, bytes.length, 0);
    return bytes.toString("utf8", 0, length).slice(0, TRANSCRIPT_LIMIT + 1);
  } finally {
    closeSync(handle);
  }
}
