import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished } from "vitest";
import { loadProfile, type Profile, ProfileError, type ProfileProblem, type TlsVersion } from "./index.ts";

/** A started system, with nothing in it that may be left out. */
export const ICS = `release: 2
system:
  name: Enabler
  vendor: Example
  version: "1.0"
roles: [enabler]
waysIn:
  uc1.psk-tls:
    tls: ["1.2"]
    suites: [TLS_PSK_WITH_AES_128_GCM_SHA256]
  uc1.https-digest:
    tls: ["1.2", "1.3"]
    suites:
      - TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256
      - TLS_AES_256_GCM_SHA384
`;

export const IXIT = `system:
  kind: process
  command: [node, enabler.ts, "{config}"]
enabler:
  serverName: enabler.example.org
resources:
  protected:
    path: /protected
keyManager:
  name: bsf.example.org
`;

/** A system that runs already; it needs the files that are named here. */
export const EXTERNAL_IXIT = `system:
  kind: external
enabler:
  serverName: enabler.example.org
  addresses:
    uc1.psk-tls: { host: "2001:db8::17", port: 8443 }
    uc1.https-digest: { host: 192.0.2.17, port: 443 }
  trust: ca.pem
resources:
  protected:
    path: /protected
keyManager:
  name: bsf.example.org
  ub: { host: 192.0.2.1, port: 8080 }
  zn: { host: "::", port: 8081 }
  credentials:
    certificate: pem/bsf.pem
    privateKey: pem/bsf.key
    trust: ca.pem
`;

const TLS_1_2 = [
  "TLS_PSK_WITH_AES_128_GCM_SHA256",
  "TLS_DHE_PSK_WITH_AES_128_GCM_SHA256",
  "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
];
const TLS_1_3 = ["TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384"];

function suiteVersions(name: string): readonly TlsVersion[] | undefined {
  if (TLS_1_2.includes(name)) return ["1.2"];
  return TLS_1_3.includes(name) ? ["1.3"] : undefined;
}

/** Writes the files into a new folder, which goes away with the test. */
export function writeProfile(files: Readonly<Record<string, string | Uint8Array>>): string {
  const directory = mkdtempSync(join(tmpdir(), "seccf-profile-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  for (const [name, content] of Object.entries(files)) writeFileSync(join(directory, name), content);
  return directory;
}

export function load(directory: string): Profile {
  return loadProfile(directory, { suiteVersions });
}

export function loadText(ics: string, ixit: string): Profile {
  return load(writeProfile({ "ics.yaml": ics, "ixit.yaml": ixit }));
}

/** The error that the loader refuses a folder with. */
export function refusal(directory: string): ProfileError {
  try {
    load(directory);
  } catch (error) {
    if (error instanceof ProfileError) return error;
    throw error;
  }
  throw new Error("the profile was loaded");
}

/** The only problem of a profile. */
export function onlyProblem(ics: string, ixit: string): ProfileProblem & { readonly rendered: string } {
  const { problems, message } = refusal(writeProfile({ "ics.yaml": ics, "ixit.yaml": ixit }));
  expect(problems.map(({ field }) => field)).toHaveLength(1);
  const [problem] = problems;
  if (problem === undefined) throw new Error("no problem");
  return { ...problem, rendered: message };
}

/** The text with one part replaced; the part must be there once. */
export function edited(text: string, from: string, to: string): string {
  expect(text.split(from)).toHaveLength(2);
  return text.replace(from, () => to);
}

/** Line, from 1, of the first place where a text holds a part. */
export function lineOf(text: string, part: string): number {
  expect(text).toContain(part);
  return text.slice(0, text.indexOf(part)).split("\n").length;
}
