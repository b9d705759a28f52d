import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { CertificateAuthority } from "../../../roles/certificate-authority/index.ts";
import { openProfile, REFERENCE_PROFILE } from "../../open-profile.ts";
import type { Diagnosis, Finding } from "../diagnosis.ts";
import { preflight } from "../preflight.ts";

/** A YAML file as a test edits it. */
type Content = Record<string, unknown>;

/** Sets values by dotted paths in which a `/` parts the steps: `waysIn/uc1.psk-tls/tls`. undefined takes a field out. */
export type Edits = Readonly<Record<string, unknown>>;

export interface Parts {
  readonly ics?: Edits;
  readonly ixit?: Edits;
  /** JavaScript that edits `config`, the file that the system is started with, before it is. */
  readonly config?: string;
  /** Instead of the reference system: JavaScript of an ES module that gets `config`. */
  readonly script?: string;
  readonly files?: Readonly<Record<string, string>>;
}

/** Roomy where the reference system works on a machine that has other things to do. */
const BOUNDS = {
  connectMs: 2000,
  responseMs: 4000,
  keyManagerMs: 4000,
  expiryToleranceMs: 1000,
  startMs: 20_000,
};

/** The profile of the reference system with other words in it, or of another system in its place. */
export function writeSystem(parts: Parts): { readonly directory: string } & Disposable {
  const directory = mkdtempSync(join(tmpdir(), "test-of-seccf-check-"));
  const write = (name: string, text: string) => writeFileSync(join(directory, name), text);
  const read = (name: string): Content => parse(readFileSync(join(REFERENCE_PROFILE, name), "utf8"));
  write("ics.yaml", stringify(edited(read("ics.yaml"), parts.ics ?? {})));
  const command = ["{node}", "{profile}/system.mjs", "{config}"];
  const ixit = { "system/command": command, bounds: BOUNDS, ...parts.ixit };
  write("ixit.yaml", stringify(edited(read("ixit.yaml"), ixit)));
  write("system.mjs", systemModule(parts));
  for (const [name, text] of Object.entries(parts.files ?? {})) write(name, text);
  return { directory, [Symbol.dispose]: () => rmSync(directory, { recursive: true, force: true }) };
}

function systemModule({ config = "", script }: Parts): string {
  const main = JSON.stringify(join(REFERENCE_PROFILE, "main.ts"));
  return `
import { readFileSync, writeFileSync } from "node:fs";
const path = process.argv[2];
const config = JSON.parse(readFileSync(path, "utf8"));
const profile = import.meta.dirname;
${config}
writeFileSync(path, JSON.stringify(config));
${script ?? `await import(${main});`}
`;
}

function edited(content: Content, edits: Edits): Content {
  for (const [path, value] of Object.entries(edits)) {
    const steps = path.split("/");
    const last = steps.pop() ?? "";
    let block = content;
    for (const step of steps) {
      const inner = block[step];
      block = isContent(inner) ? inner : {};
      if (!isContent(inner)) throw new Error(`there is no block ${step} of ${path}`);
    }
    if (value === undefined) delete block[last];
    else block[last] = value;
  }
  return content;
}

function isContent(value: unknown): value is Content {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

let authority: Promise<CertificateAuthority> | undefined;

/** What the preflight says of a system. */
export async function check(parts: Parts): Promise<Diagnosis> {
  authority ??= CertificateAuthority.create("seccf test operator");
  using system = writeSystem(parts);
  return await preflight(openProfile(system.directory), { knownAuthority: await authority });
}

/** `id where: message | fix`, one line each. */
export function lines(findings: readonly Finding[]): readonly string[] {
  return findings.map(({ id, where, message, fix }) => `${id} ${where}: ${message} | ${fix}`);
}
