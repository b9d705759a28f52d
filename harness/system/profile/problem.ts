/** Where something stands in a file, both from 1; 0 and 0 when it is about the file or folder as a whole. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** One thing that is wrong in a profile. */
export interface ProfileProblem extends Position {
  /** `ics.yaml`, `ixit.yaml`, or the path of a folder or file that is missing. */
  readonly file: string;
  /** Dotted path of the field, `waysIn.uc1.psk-tls.tls[0]`; empty when it is about the file as a whole. */
  readonly field: string;
  /** What is wrong, with the value that was found; without a full stop. */
  readonly message: string;
  /** What may stand there. */
  readonly allowed: string;
  /** What to do, in one or two whole sentences. */
  readonly fix: string;
}

/** A value, or everything that stands in its way. */
export type Outcome<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problems: readonly ProfileProblem[] };

/** The profile cannot be used. `message` has one line per problem, in the order of the files. */
export class ProfileError extends Error {
  override readonly name = "ProfileError";
  /** Absolute path of the folder. */
  readonly directory: string;
  readonly problems: readonly ProfileProblem[];

  constructor(directory: string, problems: readonly ProfileProblem[]) {
    const inOrder = problems.toSorted(byPlace);
    super(inOrder.map(problemLine).join("\n"));
    this.directory = directory;
    this.problems = inOrder;
  }
}

function byPlace(a: ProfileProblem, b: ProfileProblem): number {
  if (a.file !== b.file) return a.file < b.file ? -1 : 1;
  return a.line - b.line || a.column - b.column;
}

/** `ixit.yaml:12:5 bounds.connectMs: must be …, got "fast". What to do.` */
function problemLine({ file, line, column, field, message, fix }: ProfileProblem): string {
  const place = line === 0 ? file : `${file}:${line}:${column}`;
  const subject = field === "" ? place : `${place} ${field}`;
  return printable(`${subject}: ${message}${message.endsWith("?") ? "" : "."} ${fix}`);
}

/** Control, format and unassigned characters are written as `\u{…}`: a profile may come from anywhere. */
function printable(text: string): string {
  return text.replace(
    /[\p{C}\p{Zl}\p{Zp}]/gu,
    (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  );
}

const LONGEST_SHOWN = 80;

/** A value as a message shows it: text in quotes and at most 80 characters of it, a list or block by its kind. */
export function shown(value: unknown): string {
  if (typeof value === "string") {
    return JSON.stringify(value.length > LONGEST_SHOWN ? `${value.slice(0, LONGEST_SHOWN)}…` : value);
  }
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object" && value !== null) return "a block of fields";
  return value === undefined || value === null ? "nothing" : String(value);
}

/** `"a", "b" or "c"`, for a sentence that says what is allowed. */
export function oneOf(values: readonly unknown[]): string {
  const words = values.map(shown);
  const last = words.pop() ?? "nothing";
  return words.length === 0 ? last : `${words.join(", ")} or ${last}`;
}

/** `waysIn.uc1.psk-tls.tls[0]` */
export function fieldName(path: readonly string[]): string {
  return path
    .map((step, depth) => {
      if (/^\d+$/.test(step)) return `[${step}]`;
      const name = step.length > LONGEST_SHOWN ? `${step.slice(0, LONGEST_SHOWN)}…` : step;
      return depth === 0 ? name : `.${name}`;
    })
    .join("");
}
