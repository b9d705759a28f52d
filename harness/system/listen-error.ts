import type { Profile } from "./profile/index.ts";

/** Nobody can listen where the IXIT wants our key manager. The message names the file and the field. */
export class ListenError extends Error {
  override readonly name = "ListenError";
  /** Dotted path of the field; two of them, joined by `or`, when it can be either. */
  readonly field: string;
  readonly reason: string;
  readonly advice: string;

  constructor(directory: string, parts: { field: string; reason: string; advice: string }) {
    const { field, reason, advice } = parts;
    super(`${directory}/ixit.yaml: ${field}: our key manager cannot listen there (${reason}). ${advice}`);
    this.field = field;
    this.reason = reason;
    this.advice = advice;
  }
}

/** What to do about the errors of a listener that a profile can cause. */
const ADVICE: Readonly<Record<string, string>> = {
  EADDRINUSE: "Free the port, or name another one here and in the system under test.",
  EACCES: "Name a port above 1023 here and in the system under test, or run with the right to use this one.",
  EADDRNOTAVAIL: "Name an address of this machine.",
  ENOTFOUND: "Name an address of this machine, or a name that leads to one.",
  EAI_AGAIN: "Name an address of this machine: the name server does not answer.",
};

interface SystemError extends Error {
  readonly code: string;
  readonly port?: number;
  readonly address?: string;
  readonly hostname?: string;
}

/** The error that a person needs for a key manager that could not listen; undefined for any other error. */
export function listenErrorOf(
  error: unknown,
  { directory, ixit }: Pick<Profile, "directory" | "ixit">,
): ListenError | undefined {
  if (!isSystemError(error)) return undefined;
  const advice = ADVICE[error.code];
  if (advice === undefined) return undefined;
  const { ub, zn } = ixit.keyManager;
  const fields = Object.entries({ "keyManager.ub": ub, "keyManager.zn": zn })
    .filter(
      ([, { host, port }]) =>
        (error.address ?? error.hostname ?? host) === host && (error.port ?? port) === port,
    )
    .map(([field]) => field);
  const [only = "keyManager.ub or keyManager.zn", ...others] = fields;
  const field = others.length === 0 ? only : "keyManager.ub or keyManager.zn";
  return new ListenError(directory, { field, reason: error.message, advice });
}

function isSystemError(error: unknown): error is SystemError {
  return error instanceof Error && "code" in error && typeof error.code === "string";
}
