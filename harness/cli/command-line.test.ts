import { afterEach, describe, expect, it, vi } from "vitest";
import { commandLine } from "./command-line.ts";
import { newRunDirectory, writeProfile } from "./testing/seccf.ts";

interface Said {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** As the process does it, but without one. */
async function call(...args: readonly string[]): Promise<Said> {
  const said = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    vi.spyOn(process[name], "write").mockImplementation((chunk) => {
      said[name] += String(chunk);
      return true;
    });
  }
  try {
    return { code: await commandLine(["node", "seccf", ...args]), ...said };
  } finally {
    vi.restoreAllMocks();
  }
}

afterEach(() => vi.restoreAllMocks());

describe("commandLine", () => {
  it.each([[], ["run"], ["list"], ["explain"], ["prove"], ["report"]])(
    "%s --help is 0",
    async (...command) => {
      const { code, stdout, stderr } = await call(...command, "--help");
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      expect(stdout).toContain(`Usage: seccf${command.map((word) => ` ${word}`).join("")}`);
    },
  );

  it("--version is that of the package", async () => {
    expect(await call("--version")).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
    });
  });

  it.each<[readonly string[], string]>([
    [[], "Usage"],
    [["certify"], "certify"],
    [["explain"], "missing required argument"],
    [["list", "extra"], "too many arguments"],
    [["explain", ""], "nothing has the id"],
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
    expect(stderr).toContain(out);
    expect(stderr).toContain("--out");
  });

  it("leaves nothing behind when the selection is wrong", async () => {
    const out = newRunDirectory();
    await call("run", "--only", "UC9-*", "--out", out);
    expect((await call("report", out)).code).toBe(3);
  });
});
