import { mkdirSync, statSync } from "node:fs";
import { dirname, parse, resolve } from "node:path";

/**
 * Makes a folder and those above it that are missing. Node's own recursive form tries for ever where a file system
 * denies that a folder is there which it does not let anybody make, as below /proc.
 * @throws the error of the file system, ENOTDIR where a file is in the way
 */
export function makeDirectory(path: string): void {
  const wanted = resolve(path);
  if (isDirectory(wanted)) return;
  if (wanted !== parse(wanted).root) makeDirectory(dirname(wanted));
  try {
    mkdirSync(wanted);
  } catch (error) {
    // Another run may have made it meanwhile.
    if (isDirectory(wanted)) return;
    throw isCode(error, "EEXIST") ? new Error(`ENOTDIR: ${wanted} is in the way and no folder`) : error;
  }
}

const isCode = (error: unknown, code: string): boolean =>
  error instanceof Error && "code" in error && error.code === code;

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
