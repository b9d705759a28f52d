import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { stringify } from "yaml";
import { suiteByName } from "../../protocols/tls/index.ts";
import { loadProfile, type Profile } from "../profile/index.ts";

const ICS = `release: 2
system: { name: Enabler, vendor: Example, version: "1" }
roles: [enabler]
waysIn:
  uc1.psk-tls: { tls: ["1.2"], suites: [TLS_PSK_WITH_AES_128_GCM_SHA256] }
`;

/** Begin of the names of the tests' folders: not one of the harness's own. */
const OWN = "test-of-seccf-";

/** Parts of an IXIT, and the binding of Zn in the ICS; what is absent is small and right. */
export interface IxitParts {
  readonly binding?: "diameter";
  readonly enabler?: Readonly<Record<string, string>>;
  readonly system?: Record<string, unknown>;
  readonly addresses?: Record<string, { readonly host: string; readonly port: number }>;
  readonly keyManager?: Record<string, unknown>;
  readonly bounds?: Readonly<Record<string, number>>;
  readonly subscribers?: readonly Record<string, unknown>[];
}

/** A folder of the test's own, gone with it. */
export function newDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), OWN));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** The profile of a system that this Node starts with a script, which gets the generated file as its argument. */
export function profileOf(script: string, parts: IxitParts = {}): Profile {
  const directory = newDirectory();
  const { binding } = parts;
  writeFileSync(join(directory, "ics.yaml"), binding ? `${ICS}zn: { binding: ${binding} }\n` : ICS);
  const ixit = {
    system: { kind: "process", command: ["{node}", "--eval", script, "{config}"], ...parts.system },
    enabler: {
      serverName: "naf.home1.example",
      ...parts.enabler,
      ...(parts.addresses && { addresses: parts.addresses }),
    },
    resources: { protected: { path: "/protected" } },
    keyManager: { name: "bsf.home1.example", ...parts.keyManager },
    bounds: { startMs: 10_000, stopMs: 5_000, ...parts.bounds },
    ...(parts.subscribers && { subscribers: parts.subscribers }),
  };
  writeFileSync(join(directory, "ixit.yaml"), stringify(ixit));
  return loadProfile(directory, {
    suiteVersions: (name) => suiteByName(name)?.versions,
  });
}

/** Makes the temporary folder of this process one of the test's own; the function lists what is in it. */
export function ownTemporaryFolder(): () => readonly string[] {
  const before = process.env["TMPDIR"];
  const directory = newDirectory();
  process.env["TMPDIR"] = directory;
  onTestFinished(() => {
    if (before === undefined) delete process.env["TMPDIR"];
    else process.env["TMPDIR"] = before;
  });
  return () => readdirSync(directory).filter((name) => !name.startsWith(OWN));
}
