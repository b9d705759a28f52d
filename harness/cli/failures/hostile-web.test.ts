import { test as base, describe } from "vitest";
import { certify, type Run, Workplace } from "./testing/certify.ts";
import { profileOfProgram } from "./testing/profiles.ts";

const test = base.concurrent;

/** Cases that ask again and again: each attempt begins with a control, which gets what the system does next. */
const SELECTION = ["--only", "UC1-DIG-BI-02*", "--repeat", "3"];

/** A run against a system whose first connection is served, so that cases are begun, and the others are harmed in turn. */
function certifyHostile(workplace: Workplace, behaviours: readonly string[]): Promise<Run> {
  const program = { program: "hostile-web.mjs", args: ["200 to everything", ...behaviours] };
  const profile = profileOfProgram(workplace, { ...program, way: "uc1.https-digest" });
  return certify(workplace, "--profile", profile, ...SELECTION);
}

/** Everything that the reports and the terminal show of a run. */
const FILES = ["report.json", "report.html", "junit.xml", "summary.md", "traceability.csv", "journal.ndjson"];

/** A system that serves nobody and misbehaves may fail or leave things open; it never passes, and no error is ours. */
function passesNothing(run: Run): unknown {
  return {
    code: run.code === 1 || run.code === 2,
    pass: run.report?.summary.verdicts.pass,
    error: run.report?.summary.verdicts.error,
    conformant: run.report?.summary.conformant ?? false,
    recorded: run.journal?.results.length,
    interrupted: run.journal?.interrupted,
    left: [...run.processes, ...run.temporary],
  };
}

function nothing(run: Run) {
  return {
    code: true,
    pass: 0,
    error: 0,
    conformant: false,
    recorded: new Set(run.journal?.header.selected).size + (run.report?.summary.verdicts.notApplicable ?? 0),
    interrupted: undefined,
    left: [],
  };
}

describe("a system whose connections", () => {
  test("go wrong before TLS", async ({ expect }) => {
    using workplace = new Workplace();
    const run = await certifyHostile(workplace, [
      "tcp reset",
      "tcp close",
      "tcp reset after the hello",
      "tcp garbage",
      "tcp http",
      "tcp alerts",
      "tcp handshake without end",
      "tcp hello requests",
      "tcp drip",
      "tcp drip of empty records",
    ]);
    expect(passesNothing(run)).toEqual(nothing(run));
  });

  test("go wrong in HTTP", async ({ expect }) => {
    using workplace = new Workplace();
    const run = await certifyHostile(workplace, [
      "header drips",
      "two lengths",
      "length and chunks",
      "chunk garbage",
      "control characters in a name",
      "line feeds in a value",
      "no utf-8",
      "garbage challenge",
      "thousands of challenges",
      "a challenge to everything",
      "server errors",
      "redirect to itself",
      "reset after the request",
      "reset in the body",
      "body drips",
      "close in the body",
      "no TLS in the body",
      "no answer",
    ]);
    expect(passesNothing(run)).toEqual(nothing(run));
  });

  test("never end, in no more memory than a right system needs", async ({ expect }) => {
    using workplace = new Workplace();
    using other = new Workplace();
    const run = await certifyHostile(workplace, [
      "endless header field",
      "endless header",
      "endless body",
      "endless chunks",
      "endless chunk extension",
      "endless interim answers",
      "endless challenge",
      "tcp garbage",
      "tcp handshake without end",
      "tcp alerts",
    ]);
    expect(passesNothing(run)).toEqual(nothing(run));
    const right = await certify(other, ...SELECTION);
    expect(right.code).toBe(0);
    expect(run.peakMemory).toBeLessThan(1.5 * (right.peakMemory ?? 0));
  });

  test("carry what steers a terminal or a page: it is shown, and obeyed nowhere", async ({ expect }) => {
    using workplace = new Workplace();
    const run = await certifyHostile(workplace, ["escapes"]);
    expect(passesNothing(run)).toEqual(nothing(run));
    const key = run.journal?.results.find(({ evidence }) => evidence.length > 0)?.evidence[0] ?? "none";
    const transcript = run.read(key);
    expect(transcript).toContain("owned");
    for (const text of [run.output, transcript, ...FILES.map(run.read)]) {
      // Ends of lines (CSV has two characters for them, RFC 4180) and tabs, and nothing else that a terminal obeys.
      expect(text.replaceAll("\r\n", "\n")).not.toMatch(/[^\P{Cc}\n\t]|\u202e/u);
    }
    expect(run.read("report.html")).not.toContain("<script>alert");
  });
});

test("a system that answers 200 to everything is not conformant, and no label is met by it", async ({
  expect,
}) => {
  using workplace = new Workplace();
  const everything = { program: "hostile-web.mjs", args: Array(2).fill("200 to everything") };
  const profile = profileOfProgram(workplace, { ...everything, way: "uc1.https-digest" });
  const run = await certify(workplace, "--profile", profile, "--only", "UC1-DIG-B?-02*", "--strength", "1");
  expect(run.code).toBe(1);
  expect(run.report?.requirements.filter(({ status }) => status === "met")).toEqual([]);
  const verdicts = run.report?.cases
    .filter(({ polarity }) => polarity !== "valid")
    .map(({ verdict }) => verdict);
  expect(verdicts).toContain("fail");
  expect(run.report?.summary.verdicts.error).toBe(0);
  expect(run).toMatchObject({ processes: [], temporary: [] });
});
