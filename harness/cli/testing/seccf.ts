import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";

export const MAIN = fileURLToPath(new URL("../main.ts", import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The environment of a user, who is not inside a test run and wants no colours. */
export function userEnvironment(): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(
    ([name]) => !/^(VITEST|TEST$|NODE_ENV$|TINYPOOL|FORCE_COLOR$)/.test(name),
  );
  return { ...Object.fromEntries(own), NO_COLOR: "1" };
}

export async function ended(child: ChildProcessWithoutNullStreams): Promise<Ended> {
  child.stdin.end();
  const code = new Promise<number | null>((resolve) => child.once("close", resolve));
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { code: await code, stdout, stderr };
}

export function seccf(...args: readonly string[]): Promise<Ended> {
  return ended(spawn(process.execPath, [MAIN, ...args], { env: userEnvironment() }));
}

/** A folder of the test's own that does not exist yet, and goes away with it. */
export function newRunDirectory(remove = onTestFinished): string {
  const parent = mkdtempSync(join(tmpdir(), "seccf-cli-"));
  remove(() => rmSync(parent, { recursive: true, force: true }));
  return join(parent, "run");
}

const ICS = `release: 2
system: { name: "Enabler \\u001b[31m", vendor: Example, version: "1" }
roles: [enabler]
waysIn:
  uc1.psk-tls: { tls: ["1.2"], suites: [TLS_PSK_WITH_AES_128_GCM_SHA256] }
`;

/** A profile of a system that is started by this Node with these arguments. */
export function writeProfile(args: readonly string[], remove = onTestFinished): string {
  const directory = mkdtempSync(join(tmpdir(), "seccf-cli-profile-"));
  remove(() => rmSync(directory, { recursive: true, force: true }));
  writeFileSync(join(directory, "ics.yaml"), ICS);
  writeFileSync(
    join(directory, "ixit.yaml"),
    `system: { kind: process, command: ${JSON.stringify(["{node}", ...args])} }
enabler: { serverName: naf.home1.example }
resources: { protected: { path: /protected } }
keyManager: { name: bsf.home1.example }
`,
  );
  return directory;
}
