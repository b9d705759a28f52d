import { describe, expect, it, vi } from "vitest";
import { FAULTS } from "../../profiles/reference/faults.ts";
import { LABELS } from "../conformance/vocabulary.ts";
import { TLS_DEVIATIONS } from "../protocols/tls/index.ts";
import { DIAMETER_ANSWERS, ZN_ANSWERS } from "../roles/key-manager/index.ts";
import { DIGEST_DEVIATIONS } from "../roles/terminal/index.ts";
import { ACTIONS } from "../roles/visited-network/index.ts";
import { commandLine } from "./command-line.ts";
import { newRunDirectory, writeProfile } from "./testing/seccf.ts";

interface Said {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const said = vi.hoisted(() => ({ stdout: "", stderr: "" }));

vi.mock("./output.ts", () => ({
  print: (line: string) => {
    said.stdout += `${line}\n`;
  },
  printError: (line: string) => {
    said.stderr += `${line}\n`;
  },
  outputLost: () => undefined,
  readerGone: () => false,
}));

/** As the process does it, but without one. */
async function call(...args: readonly string[]): Promise<Said> {
  Object.assign(said, { stdout: "", stderr: "" });
  const code = await commandLine(["node", "seccf", ...args]);
  return { code, ...said };
}

describe("commandLine", () => {
  it.each([
    [],
    ["run"],
    ["list"],
    ["explain"],
    ["prove"],
    ["report"],
    ["profile"],
    ["profile", "new"],
    ["profile", "check"],
  ])("%s --help is 0", async (...command) => {
    const { code, stdout, stderr } = await call(...command, "--help");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toContain(`Usage: seccf${command.map((word) => ` ${word}`).join("")}`);
  });

  it("--version is that of the package", async () => {
    expect(await call("--version")).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
    });
  });

  it("list --labels and --faults show all labels and faults", async () => {
    const labels = await call("list", "--labels");
    const first = (line: string) => line.split(" ")[0];
    expect(labels.stdout.trimEnd().split("\n").map(first)).toEqual(LABELS);
    const faults: unknown = JSON.parse((await call("list", "--faults", "--json")).stdout);
    expect(faults).toEqual(FAULTS.map(({ change: _, ...data }) => ({ clauses: [], ...data })));
  });

  it("list --deviations shows each misbehaviour of each role, and explain knows them all", async () => {
    const rows: unknown = JSON.parse((await call("list", "--deviations", "--json")).stdout);
    if (!Array.isArray(rows)) throw new Error("no list");
    const ids = rows.map(({ id }) => id);
    for (const named of [TLS_DEVIATIONS, DIGEST_DEVIATIONS, ACTIONS, ZN_ANSWERS, DIAMETER_ANSWERS])
      expect(ids).toEqual(expect.arrayContaining(Object.keys(named)));
    const { versions, clause } = TLS_DEVIATIONS.wrongBinder;
    expect(rows).toContainEqual(expect.objectContaining({ id: "wrongBinder", versions, clause }));
    const { stdout } = await call("list", "--deviations");
    expect(stdout.trimEnd().split("\n")).toHaveLength(rows.length);
    for (const id of ids) expect((await call("explain", id)).stdout).toContain(`${id}  deviation of`);
  });

  it("explain tells of a label its cases, or that it has none", async () => {
    const covered = await call("explain", "1.4");
    expect(covered.stdout).toContain("UC1-DIG-BI-03");
    expect(covered.stdout).toContain("release 2");
    expect((await call("explain", "S1")).stdout).toContain("none in this version: not covered");
  });

  it("explain tells of a case of a property suite which label it is about", async () => {
    const { stdout } = await call("explain", "L31-PSK-BI-01");
    expect(stdout).toContain("property of label 3.1, way in uc1.psk-tls");
  });

  it.each([
    ["wrongBinder", "RFC 8446 4.2.11"],
    ["wrongBinder", "versions     TLS 1.3"],
    ["wrongBinder", "the system   must end it"],
    ["short-key", "deviation of the key manager on Zn"],
    ["two-keys", "uses no key of this answer (should)"],
    ["swap", "visited network"],
    ["wrongResponse", "deviation of the terminal"],
  ])("explain tells of the deviation %s", async (id, text) => {
    const { code, stdout } = await call("explain", id);
    expect(code).toBe(0);
    expect(stdout).toContain(text);
  });

  it("explain tells of a fault how to try it", async () => {
    const { code, stdout } = await call("explain", "psk-truncated-key");
    expect(code).toBe(0);
    expect(stdout).toContain("the pre-shared key is the first half of Ks_NAF");
    expect(stdout).toContain("seccf run --fault psk-truncated-key");
  });

  it.each<[readonly string[], string]>([
    [[], "Usage"],
    [["certify"], "certify"],
    [["explain"], "missing required argument"],
    [["list", "extra"], "too many arguments"],
    [["explain", ""], "nothing has the id"],
    [["explain", "2.1"], "`seccf list`"],
    [["explain", "no-such-fault"], "`list --faults`"],
    [["explain", "constructor"], "nothing has the id"],
    [["explain", "__proto__"], "nothing has the id"],
    [["run", "--out"], "--out"],
    [["run", "--only", ""], "nothing is selected by --only"],
    [["run", "--only", "UC1-PSK-BV-0"], "a glob must match a whole id or key"],
    [["run", "--seed", "x"], "--seed takes a whole number"],
    [["run", "--seed", "-1"], "--seed takes a whole number"],
    [["run", "--seed", "1e3"], "--seed takes a whole number"],
    [["run", "--seed", "99999999999"], "--seed takes a whole number"],
    [["run", "--repeat", "0"], "--repeat takes a whole number of at least 1"],
    [["run", "--strength", "0"], "--strength takes a whole number of at least 1"],
    [["run", "--shard", "3/2"], "--shard takes I/N"],
    [["run", "--shard", "0/2"], "--shard takes I/N"],
    [["run", "--shard", "0/0"], "--shard takes I/N"],
    [["run", "--shard", "half"], "--shard takes I/N"],
    [["run", "--fault", "no-such-fault"], "`seccf list --faults` shows them"],
    [["run", "--profile", "/nonexistent/profile"], "/nonexistent/profile"],
    [["prove", "--fault", "no-such-fault"], "`seccf list --faults` shows them"],
    [["play", "terminal", "--bootstrap", "ftp://x/"], "--address HOST:PORT"],
    [
      ["play", "terminal", "--bootstrap", "ftp://x/", "--address", "h:1", "--trust", "/dev/null"],
      "--trust FILE",
    ],
    [["play", "terminal", "--impi", "x"], "--impi belongs to --bootstrap"],
    [["play", "terminal", "--deviation", "toString"], "no deviation is called"],
    [["play", "terminal", "--way-in", "uc1.psk-tls", "--deviation", "wrongResponse"], "for uc1.https-digest"],
    [["play", "terminal", "--tls", "1.1"], "the ICS claims for uc1.https-digest"],
    [["play", "terminal", "--way-in", "uc9"], "--way-in"],
    [["play", "key-manager", "--ub-port", "70000"], "--ub-port takes a port"],
    [["play", "enabler"], "enabler"],
    [["report", "/nonexistent/run"], "/nonexistent/run holds no journal.ndjson"],
  ])("%j is wrong usage", async (args, message) => {
    const { code, stderr } = await call(...args);
    expect(code).toBe(3);
    expect(stderr).toContain(message);
    expect(stderr).not.toMatch(/error of seccf itself|^\s+at /m);
  });

  it("takes wrong values before it says that it certifies anything", async () => {
    expect((await call("run", "--shard", "half")).stdout).toBe("");
  });

  it("--fault is for the reference system only", async () => {
    const { code, stderr } = await call("run", "--profile", writeProfile([]), "--fault", "psk-truncated-key");
    expect({ code, stderr }).toEqual({
      code: 3,
      stderr: "--fault is for the reference system only: leave --profile away\n",
    });
  });

  it("lets no control character of a profile reach the terminal", async () => {
    const { stdout } = await call("run", "--profile", writeProfile([]), "--only", "UC9-*");
    expect(stdout).toContain("Enabler \\x1b[31m");
  });

  it("names a folder that cannot be written", async () => {
    const out = "/dev/null/run";
    const { code, stderr } = await call("run", "--only", "UC1-PSK-BV-01*", "--out", out);
    expect(code).toBe(3);
    expect(stderr).toContain("/dev/null is in the way and no folder");
    expect(stderr).toContain("--out");
  });

  it("leaves nothing behind when the selection is wrong", async () => {
    const out = newRunDirectory();
    await call("run", "--only", "UC9-*", "--out", out);
    expect((await call("report", out)).code).toBe(3);
  });
});
