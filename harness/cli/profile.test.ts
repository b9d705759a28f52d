import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { commandLine } from "./command-line.ts";
import { openProfile } from "./open-profile.ts";
import { writeSystem } from "./profile-check/testing/systems.ts";
import { seccf, writeProfile } from "./testing/seccf.ts";

const said = vi.hoisted(() => ({ stdout: "", stderr: "" }));

vi.mock("./output.ts", async (original) => ({
  ...(await original<typeof import("./output.ts")>()),
  print: (line: string) => {
    said.stdout += `${line}\n`;
  },
  printError: (line: string) => {
    said.stderr += `${line}\n`;
  },
}));

async function call(...args: readonly string[]) {
  Object.assign(said, { stdout: "", stderr: "" });
  const code = await commandLine(["node", "seccf", "profile", ...args]);
  return { code, ...said };
}

function newFolder(): string {
  const parent = mkdtempSync(join(tmpdir(), "test-of-seccf-profile-"));
  onTestFinished(() => rmSync(parent, { recursive: true, force: true }));
  return join(parent, "a folder");
}

describe("seccf profile new", () => {
  it("writes two files, counts what is left to fill in, and says what comes next", async () => {
    const folder = newFolder();
    const { code, stdout, stderr } = await call(
      "new",
      folder,
      "--way-in",
      "uc1.psk-tls",
      "--key-manager",
      "bsf.example",
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/ics\.yaml +what the system claims: 6 fields to fill in\n/);
    expect(stdout).toMatch(/ixit\.yaml +how to reach it and what to look at: 3 fields to fill in\n/);
    expect(stdout).toContain(`seccf profile check '${folder}'`);
    expect(readFileSync(join(folder, "ixit.yaml"), "utf8")).toContain("\n  name: bsf.example\n");
    expect(() => openProfile(folder)).toThrow("is still to be filled in");
  });

  it("explains the credentials of an external system, and makes them when it is asked to", async () => {
    const explained = await call("new", newFolder(), "--kind", "external");
    expect(explained.stdout).toMatch(/keyManager\.credentials\.certificate.*\n.*keyManager\.name.*\n.*trust/);
    expect(explained.stdout).toContain("--credentials --server-name FQDN --key-manager FQDN");
    const folder = newFolder();
    const names = ["--server-name", "naf.example", "--key-manager", "bsf.example"];
    const { code, stdout } = await call("new", folder, "--kind", "external", "--credentials", ...names);
    expect(code).toBe(0);
    for (const name of ["ca.pem", "enabler-zn.pem", "enabler-zn.key", "key-manager.pem"]) {
      expect(stdout).toContain(`credentials/${name}`);
      expect(existsSync(join(folder, "credentials", name))).toBe(true);
    }
    // Nobody else reads a private key.
    expect(statSync(join(folder, "credentials/key-manager.key")).mode & 0o077).toBe(0);
  });

  it.each([
    ["for a system that seccf starts", ["--credentials"], "--credentials are for --kind external"],
    ["without names", ["--credentials", "--kind", "external"], "add --server-name"],
    ["with another way in", ["--way-in", "uc9"], "uc1.psk-tls"],
  ])("refuses wrong usage: %s", async (_, args, text) => {
    const folder = newFolder();
    const { code, stderr } = await call("new", folder, ...args);
    expect(code).toBe(3);
    expect(stderr).toContain(text);
    expect(existsSync(folder)).toBe(false);
  });
});

describe("seccf profile check", () => {
  it("is 3 with the problems of a profile that is not valid", async () => {
    const folder = newFolder();
    await call("new", folder, "--way-in", "uc1.psk-tls");
    const { code, stdout } = await call("check", folder);
    expect(code).toBe(3);
    expect(stdout).toMatch(
      /wrong ics\.yaml:\d+:\d+ release: is still to be filled in; it takes 1 or 2\.\n {6}Release of/,
    );
    expect(stdout).toContain("not judged: the system: the profile has to be valid first");
    expect(stdout).toMatch(/\n\d+ things are wrong\.\n$/);
  });

  it("is 2 when the system cannot be judged, and says what it wrote", async () => {
    const folder = writeProfile(["-e", "console.error('no licence \\u001b[31m'); process.exit(4)"]);
    const { code, stdout } = await call("check", folder);
    expect(code).toBe(2);
    expect(stdout).toContain("ended with exit code 4 before it was ready");
    expect(stdout).toContain("no licence");
    expect(stdout).not.toContain("\u001b[31m");
    expect(stdout).toMatch(/The system could not be judged\.\n$/);
  });

  it("--json is the same for programs", async () => {
    const folder = writeProfile(["-e", "process.exit(4)"]);
    const { code, stdout } = await call("check", folder, "--json");
    expect(JSON.parse(stdout)).toMatchObject({
      profile: folder,
      exitCode: code,
      findings: [],
      right: ["ics.yaml and ixit.yaml are valid"],
      unjudged: [expect.stringContaining("exit code 4")],
    });
  });

  it("is what a run points to when no valid terminal gets in", { timeout: 60_000 }, async () => {
    using system = writeSystem({ ixit: { psk: { separator: "." } } });
    const out = join(newFolder(), "run");
    const only = ["--only", "UC1-PSK-BV-01[suite=00a8,tls=1.2]"];
    const { code, stdout } = await seccf("run", "--profile", system.directory, ...only, "--out", out);
    expect(code).toBe(2);
    expect(stdout.match(/seccf profile check .*/g)).toEqual([`seccf profile check ${system.directory}`]);
  });
});
