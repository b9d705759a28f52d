import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { evidenceReader, staysInRun } from "./evidence.ts";
import { HOSTILE } from "./testing/hostile-text.ts";
import { sampleReport } from "./testing/sample-report.ts";
import { validateReport } from "./validate-report.ts";
import { writeReports } from "./write-reports.ts";

const NAMES = ["report.json", "report.html", "junit.xml", "traceability.csv", "summary.md"];

let parent: string;
let directory: string;

beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), "seccf-reports-"));
  directory = join(parent, "run");
});

afterEach(async () => {
  await rm(parent, { recursive: true });
});

describe("writeReports", () => {
  it("makes the directory, writes the five files and leaves nothing else", async () => {
    const paths = await writeReports(directory, sampleReport());
    expect(paths).toEqual(NAMES.map((name) => join(directory, name)));
    expect((await readdir(directory)).toSorted()).toEqual(NAMES.toSorted());
  });

  it("writes JSON that is valid, gives the report back, and holds nothing that a terminal obeys", async () => {
    const report = sampleReport({ data: HOSTILE });
    await writeReports(directory, report);
    const text = await readFile(join(directory, "report.json"), "utf8");
    expect(text).not.toMatch(/[^\n\P{Cc}]|\p{Cf}/u);
    expect(validateReport(JSON.parse(text))).toEqual({ ok: true, report });
  });

  it("embeds the transcripts that lie in the run directory, and nothing from outside", async () => {
    const evidence = join(directory, "evidence", "UC1-PSK-BI-03[suite=00a8,tls=1.2]");
    await mkdir(evidence, { recursive: true });
    await writeFile(join(evidence, "transcript.txt"), "ClientHello of the case");
    await writeFile(join(parent, "secret.txt"), "never shown");
    const report = sampleReport();
    const cases = report.cases.map((entry) => ({ ...entry, evidence: [...entry.evidence, "../secret.txt"] }));
    await writeReports(directory, { ...report, cases });
    const page = await readFile(join(directory, "report.html"), "utf8");
    expect(page).toContain("ClientHello of the case");
    expect(page).not.toContain("never shown");
  });

  it("replaces an earlier report, and removes its temporary file when it cannot", async () => {
    await writeReports(directory, sampleReport());
    await rm(join(directory, "report.html"));
    await mkdir(join(directory, "report.html"));
    await expect(writeReports(directory, sampleReport({ conformant: true }))).rejects.toThrow(/report\.html/);
    const { summary } = JSON.parse(await readFile(join(directory, "report.json"), "utf8"));
    expect(summary.conformant).toBe(true);
    expect((await readdir(directory)).toSorted()).toEqual(NAMES.toSorted());
  });
});

describe("evidenceReader", () => {
  beforeEach(async () => {
    await mkdir(directory);
    await writeFile(join(parent, "secret.txt"), "secret");
  });

  it("refuses a symbolic link that leads out of the directory", async () => {
    await symlink(join(parent, "secret.txt"), join(directory, "link.txt"));
    await symlink(parent, join(directory, "up"));
    expect(evidenceReader(directory)("link.txt")).toBeUndefined();
    expect(evidenceReader(directory)("up/secret.txt")).toBeUndefined();
  });

  it("reads text only, and gives nothing for what is not there", async () => {
    await writeFile(join(directory, "a.txt"), "text");
    await writeFile(join(directory, "keys.keylog"), "CLIENT_RANDOM");
    await mkdir(join(directory, "folder.txt"));
    const read = evidenceReader(directory);
    expect(read("a.txt")).toBe("text");
    expect(read("keys.keylog")).toBeUndefined();
    expect(read("folder.txt")).toBeUndefined();
    expect(read("missing.txt")).toBeUndefined();
  });

  it("reads no more than the page can show, whatever the size", async () => {
    await writeFile(join(directory, "big.txt"), "€".repeat(200_000));
    expect(evidenceReader(directory)("big.txt")).toBe("€".repeat(65_537));
  });
});

describe("staysInRun", () => {
  it.each(["evidence/a.txt", "evidence/UC1-X-01[suite=00a8,tls=1.2]/transcript.txt", "a..b/c"])(
    "accepts %s",
    (path) => {
      expect(staysInRun(path)).toBe(true);
    },
  );

  it.each([
    "",
    "/etc/passwd",
    "../a.txt",
    "a/../../b.txt",
    "a//b.txt",
    "./a.txt",
    "a/.",
    "a\\..\\b.txt",
    "C:/a.txt",
    "a\u0000.txt",
    "a\n.txt",
    "\ud800.txt",
    "a/".repeat(600),
  ])("refuses %j", (path) => {
    expect(staysInRun(path)).toBe(false);
  });
});
