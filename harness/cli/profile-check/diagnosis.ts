import type { Profile } from "../../system/profile/index.ts";
import { fieldName } from "../../system/profile/problem.ts";
import { readYamlFile, type YamlFile } from "../../system/profile/yaml-file.ts";

/** Every kind of finding, in the order in which they are looked for. */
export type FindingId =
  | "profile"
  | "port"
  | "subscribers"
  | "key-manager-certificate"
  | "unreachable"
  | "no-tls"
  | "handshake"
  | "version-or-suite"
  | "certificate-name"
  | "certificate-date"
  | "certificate-authority"
  | "certificate-chain"
  | "clock"
  | "psk-separator"
  | "psk-hint"
  | "psk-key"
  | "zn-not-called"
  | "zn-tls"
  | "zn-not-asked"
  | "zn-request"
  | "naf-id"
  | "ua-identifier"
  | "no-challenge"
  | "realm"
  | "digest-algorithm"
  | "digest-qop"
  | "digest-key"
  | "protected-resource"
  | "open-resource"
  | "identity"
  | "view"
  | "state"
  | "plain";

/** One thing that is wrong, and what to do about it: a sentence each. */
export interface Finding {
  readonly id: FindingId;
  /** `ixit.yaml:12:5 psk.separator` when a field is the cause, else the way in or the interface. */
  readonly where: string;
  readonly message: string;
  readonly fix: string;
  /** What a system that was started wrote last before that: often it says itself what it misses. */
  readonly wrote?: readonly string[];
}

const ABOUT_ZN: readonly FindingId[] = ["zn-not-called", "zn-tls", "zn-not-asked", "zn-request", "naf-id"];
const MAY_BE_EXPLAINED: readonly FindingId[] = [
  ...ABOUT_ZN,
  "handshake",
  "psk-key",
  "digest-key",
  "no-challenge",
];
/** Lines that a finding holds, and characters by which a place in the output is known. */
const SHOWN_LINES = 4;
const MARK = 300;

/** The field of a profile that is the cause; its place is that of its nearest parent when it is left out. */
export interface Cause {
  readonly file: "ics.yaml" | "ixit.yaml";
  readonly path: readonly string[];
}

/** A field of the IXIT as the cause. */
export const ixit = (...path: readonly string[]): Cause => ({ file: "ixit.yaml", path });
/** A field of the ICS as the cause. */
export const ics = (...path: readonly string[]): Cause => ({ file: "ics.yaml", path });

/** Characters of a sentence: a part of it may be what the system sent. */
const LONGEST = 600;

const bounded = (text: string) => (text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text);

/** What a preflight found, found right, and could not judge. */
export class Diagnosis {
  readonly findings: Finding[] = [];
  readonly right: string[] = [];
  readonly unjudged: string[] = [];
  /** What is as it may be, and leaves something undecided in a run. */
  readonly notes: string[] = [];
  /** What a system that was started wrote until now. */
  systemOutput: () => string = () => "";
  readonly #directory: string;
  readonly #files = new Map<string, YamlFile | undefined>();

  #mark = "";
  readonly #onRight: (text: string) => void;

  /** `onRight` hears of each thing that was found right, when it is: a slow system takes its time. */
  constructor({ directory }: Pick<Profile, "directory">, onRight: (text: string) => void) {
    this.#directory = directory;
    this.#onRight = onRight;
  }

  found(id: FindingId, cause: Cause | string, message: string, fix: string): void {
    const where = typeof cause === "string" ? cause : this.#placeOf(cause);
    const known = this.findings.some((one) => one.id === id && one.where === where);
    // The two ways in have one Zn.
    if (known && ABOUT_ZN.includes(id)) return;
    const wrote = MAY_BE_EXPLAINED.includes(id) ? this.#linesSinceMark() : [];
    this.findings.push({
      id,
      where,
      message: bounded(message),
      fix: bounded(fix),
      ...(wrote.length === 0 ? {} : { wrote }),
    });
  }

  /** Adds to what was found right. */
  ok(text: string): void {
    this.right.push(text);
    this.#onRight(text);
  }

  note(text: string): void {
    this.notes.push(text);
  }

  cannotJudge(text: string): void {
    this.unjudged.push(text);
  }

  /** What the system writes from here on may be about what comes next. */
  markOutput(): void {
    this.#mark = this.systemOutput().slice(-MARK);
  }

  #linesSinceMark(): readonly string[] {
    const output = this.systemOutput();
    // Only the end of the output is kept, so the mark may be gone.
    const at = output.indexOf(this.#mark);
    const lines = output.slice(at === -1 ? 0 : at + this.#mark.length).split("\n");
    return lines
      .filter((line) => line.trim() !== "")
      .slice(0, SHOWN_LINES)
      .map(bounded);
  }

  #placeOf({ file, path }: Cause): string {
    const { line, column } = this.#file(file)?.locate(path, "value") ?? { line: 0, column: 0 };
    return line === 0 ? `${file} ${fieldName(path)}` : `${file}:${line}:${column} ${fieldName(path)}`;
  }

  #file(name: string): YamlFile | undefined {
    if (!this.#files.has(name)) {
      const read = readYamlFile(this.#directory, name);
      this.#files.set(name, read.ok ? read.value : undefined);
    }
    return this.#files.get(name);
  }
}
