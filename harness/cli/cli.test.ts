import { spawn } from "node:child_process";
import { it as base, describe } from "vitest";
import { CASES } from "../../suites/index.ts";
import { ended, MAIN, seccf, userEnvironment } from "./testing/seccf.ts";

// Each command is a process of its own: two cores can carry out two at a time.
const it = base.concurrent;

describe("seccf list", () => {
  it("shows every case with its labels and purpose", async ({ expect }) => {
    const { code, stdout, stderr } = await seccf("list");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const lines = stdout.trimEnd().split("\n");
    expect(lines).toHaveLength(CASES.size);
    for (const [index, one] of [...CASES.values()].entries()) {
      expect(lines[index]).toContain(one.id);
      expect(lines[index]).toContain(one.purpose);
    }
  });

  it("--json is the catalogue for programs", async ({ expect }) => {
    const { code, stdout } = await seccf("list", "--json");
    const rows: unknown = JSON.parse(stdout);
    expect(code).toBe(0);
    const { story: _, ...first } = [...CASES.values()][0] ?? { story: undefined };
    expect(rows).toHaveLength(CASES.size);
    expect(Array.isArray(rows) && rows[0]).toEqual(first);
  });
});

describe("seccf explain", () => {
  it("explains a case, also by the key of an instance", async ({ expect }) => {
    const one = CASES.get("UC1-PSK-BI-03");
    const { code, stdout } = await seccf("explain", "uc1-psk-bi-03[suite=00a8,tls=1.2]");
    expect(code).toBe(0);
    for (const text of [
      one?.purpose,
      ...(one?.steps ?? []),
      ...(one?.clauses ?? []),
      "uc1.psk-tls",
      "1.1, 5.1",
    ])
      expect(stdout).toContain(text);
  });

  it.for(["UC1-PSK-BI-99"])("of %j is wrong usage, and says where the ids are", async (id, { expect }) => {
    const { code, stdout, stderr } = await seccf("explain", id);
    expect({ code, stdout }).toEqual({ code: 3, stdout: "" });
    expect(stderr).toContain("seccf list");
    expect(stderr).toContain(JSON.stringify(id));
    expect(stderr.trimEnd().split("\n")).toHaveLength(1);
  });
});

describe("help", () => {
  it("is the way to the commands and exit codes", async ({ expect }) => {
    const { code, stdout, stderr } = await seccf("--help");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/0 conformant.*1 not conformant.*2 undetermined.*3 wrong usage/s);
  });
});

describe("wrong usage exits with 3 and says what to do", () => {
  it.for<[readonly string[], string]>([
    [["certify"], "certify"],
    [["run", "--colour"], "--colour"],
    [["run", "--only", "UC9-*"], "nothing is selected by --only"],
    [["run", "--smoke", "--out", ""], "--out takes the name of a folder"],
    [["run", "--smoke", "--profile", ""], "--profile takes the name of a folder"],
    [["prove", "--fault", "psk-ignores-expiry", "--out", " "], "--out takes the name of a folder"],
    [["report", "/nonexistent/run"], "holds no journal.ndjson"],
  ])("%j", async ([args, message], { expect }) => {
    const { code, stdout, stderr } = await seccf(...args);
    expect(code).toBe(3);
    expect(stdout + stderr).toContain(message);
  });
});

describe("a file that takes no more", () => {
  it.for([
    ["a full disk", "exec >/dev/full", "ENOSPC"],
    // As a quota does: what fits is written.
    ["a limit on its size", 'file=$(mktemp); exec >"$file"; rm "$file"; ulimit -f 1', "EFBIG"],
  ] as const)(
    "of %s is told on standard error and by the exit code",
    async ([, before, code], { expect }) => {
      const shell = `${before}; exec "${process.execPath}" "${MAIN}" list`;
      const run = await ended(spawn("bash", ["-c", shell], { env: userEnvironment() }));
      expect(run).toMatchObject({ code: 2, stdout: "" });
      expect(run.stderr).toContain(`the output could not all be written (${code})`);
      expect(run.stderr.trimEnd().split("\n")).toHaveLength(1);
    },
  );
});

describe("a reader that has seen enough", () => {
  it("is head -1, in a pipe", async ({ expect }) => {
    const pipe = `set -o pipefail; "${process.execPath}" "${MAIN}" list --json | head -1`;
    expect(await ended(spawn("bash", ["-c", pipe]))).toEqual({ code: 0, stdout: "[\n", stderr: "" });
  });

  it("may be gone before the first line", async ({ expect }) => {
    const closed = `exec 3> >(exec 0<&-; true); sleep 0.2; "${process.execPath}" "${MAIN}" list >&3`;
    expect(await ended(spawn("bash", ["-c", closed]))).toEqual({ code: 0, stdout: "", stderr: "" });
  });
});
