import { readFileSync, statSync } from "node:fs";

const LARGEST_KIB = 256;

/**
 * The octets of a regular file of at most 256 KiB, or the reason why there are none.
 * Anything but a regular file is refused before it is opened: reading a pipe would wait for ever.
 */
export function readBounded(
  path: string,
): { readonly bytes: Buffer } | { readonly reason: string; readonly missing: boolean } {
  try {
    const status = statSync(path);
    if (!status.isFile()) return { reason: "is not a file", missing: false };
    if (status.size > LARGEST_KIB * 1024) {
      return { reason: `has ${status.size} octets, more than ${LARGEST_KIB} KiB`, missing: false };
    }
    return { bytes: readFileSync(path) };
  } catch (error) {
    const code = systemErrorCode(error);
    if (code === undefined) throw error;
    const missing = code === "ENOENT" || code === "ENOTDIR";
    return { reason: missing ? "does not exist" : `cannot be read (${code})`, missing };
  }
}

/** `ENOENT`, `EACCES`, …; undefined for an error that the operating system did not give. */
export function systemErrorCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error) || !("syscall" in error)) return undefined;
  return String(error.code);
}
