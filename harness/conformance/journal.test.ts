import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, isAbsolute, join, normalize, relative, sep } from "node:path";
import fc from "fast-check";
import { describe, expect, it, onTestFinished } from "vitest";
import {
  evidenceFolder,
  JOURNAL_FILE,
  Journal,
  JournalError,
  readJournal,
  writeEvidence,
} from "./journal.ts";
import type { RunEvent } from "./run-events.ts";
import { header, labelCheck, result } from "./testing/records.ts";

function newDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), "seccf-journal-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

const HEADER = header({ selected: ["A", "B"] });
const A = result("A", "pass", { checks: [labelCheck("1.1", "passed")] });
const B = result("B", "fail", { reason: "line\nbreak and \u{1f512}" });
const SANITY = { when: "first", wayIn: "uc1.psk-tls", ok: true } as const;
const EVENTS: readonly RunEvent[] = [
  { type: "run-start", header: HEADER },
  { type: "sanity", record: SANITY },
  { type: "case-start", key: "A", at: 1 },
  { type: "check", key: "A", attempt: 1, check: labelCheck("1.1", "passed") },
  { type: "case-end", result: A },
  { type: "case-end", result: B },
  { type: "run-end", durationMs: 1234 },
];

function written(events: readonly RunEvent[]): string {
  const directory = newDirectory();
  const journal = new Journal(directory);
  for (const event of events) journal.write(event);
  journal.close();
  return directory;
}

const lines = (directory: string) => readFileSync(join(directory, JOURNAL_FILE), "utf8").split("\n");
const rewrite = (directory: string, all: readonly string[]) =>
  writeFileSync(join(directory, JOURNAL_FILE), all.join("\n"));

describe("Journal and readJournal", () => {
  it("give back what was written", () => {
    expect(readJournal(written(EVENTS))).toEqual({
      header: HEADER,
      results: [A, B],
      sanity: [SANITY],
      durationMs: 1234,
    });
  });

  it("give back any result", () => {
    const text = fc.string({ unit: "grapheme" });
    const results = fc.array(
      fc.record({ key: text, reason: text, text, detail: text }).map((one) =>
        result("A", "fail", {
          key: one.key,
          reason: one.reason,
          checks: [{ clause: "RFC 1", level: "must", text: one.text, outcome: "failed", detail: one.detail }],
        }),
      ),
      { maxLength: 5 },
    );
    fc.assert(
      fc.property(results, (some) => {
        const events = some.map((one) => ({ type: "case-end", result: one }) as const);
        const directory = written([{ type: "run-start", header: header() }, ...events]);
        expect(readJournal(directory).results).toEqual(some);
      }),
      { numRuns: 25 },
    );
  });

  it("hand each line to the operating system before the next: it can be read while the run goes on", () => {
    const directory = newDirectory();
    const journal = new Journal(directory);
    journal.write({ type: "run-start", header: HEADER });
    journal.write({ type: "case-end", result: A });
    expect(readJournal(directory)).toMatchObject({
      results: [A],
      interrupted: "the journal ends in the middle of the run",
    });
    journal.close();
  });

  it("keep transcript and capture out of the journal: they are evidence", () => {
    const capture = Buffer.from("SECRET");
    const directory = written([{ type: "case-end", result: A, transcript: "SECRET", capture }]);
    expect(lines(directory).join("")).not.toContain("SECRET");
    expect(lines(directory).join("")).not.toContain("capture");
  });

  it("leave out a last line that was cut anywhere", () => {
    const directory = written(EVENTS.slice(0, 5));
    const all = lines(directory);
    const last = all.at(-2) ?? "";
    for (const end of [1, Math.floor(last.length / 2), last.length - 1]) {
      rewrite(directory, [...all.slice(0, -2), last.slice(0, end)]);
      expect(readJournal(directory)).toMatchObject({ results: [], sanity: [SANITY] });
    }
  });

  it.each(['{"type":"case-e', "null", "12", '"text"', "{}"])(
    "name file and line of a damaged middle: %s",
    (bad) => {
      const directory = written(EVENTS);
      rewrite(directory, lines(directory).with(2, bad));
      expect(() => readJournal(directory)).toThrow(JournalError);
      expect(() => readJournal(directory)).toThrow(
        `${join(directory, JOURNAL_FILE)}:3: not a line of a journal`,
      );
    },
  );

  it("say why a run ended early, and that it has no end", () => {
    const stopped = written([...EVENTS.slice(0, 6), { type: "interrupted", reason: "stopped" }]);
    expect(readJournal(stopped)).toMatchObject({ interrupted: "stopped", durationMs: 0 });
  });

  it("call a run interrupted in which selected instances have no result", () => {
    const lost = written(EVENTS.filter((event) => event.type !== "case-end" || event.result.key !== "B"));
    expect(readJournal(lost).interrupted).toBe("1 of 2 instances have no result, the first is B");
  });

  it("refuse a file without a run-start line, and a folder without the file", () => {
    expect(() => readJournal(written(EVENTS.slice(1)))).toThrow(/does not begin with a run-start line/);
    expect(() => readJournal(newDirectory())).toThrow(JournalError);
  });

  it("refuse a place that cannot be written, and one that holds a run", () => {
    const directory = written(EVENTS);
    expect(() => new Journal(directory)).toThrow(JournalError);
    const file = join(directory, JOURNAL_FILE);
    expect(() => new Journal(file)).toThrow(JournalError);
    expect(() => new Journal(join(directory, "missing"))).toThrow(join(directory, "missing", JOURNAL_FILE));
    expect(readJournal(directory).results).toEqual([A, B]);
  });

  it("refuse to write after the end", () => {
    const journal = new Journal(newDirectory());
    journal.close();
    expect(() => journal.write({ type: "run-end", durationMs: 1 })).toThrow(JournalError);
  });

  it("append nothing of their own to what is there", () => {
    const directory = written(EVENTS);
    appendFileSync(join(directory, JOURNAL_FILE), "\n\n");
    expect(readJournal(directory).results).toEqual([A, B]);
  });
});

describe("evidenceFolder", () => {
  const hostile = fc.oneof(
    fc.string({ unit: "binary" }),
    fc
      .array(fc.constantFrom("..", ".", "/", "\\", "\0", "a", "C:", "~"), { maxLength: 8 })
      .map((parts) => parts.join("")),
    fc.constantFrom("", ".", "..", "/etc/passwd", "../../x", "a/../../..", "..\\..", "x".repeat(5_000)),
  );

  it("is one folder below evidence, whatever the key holds", () => {
    fc.assert(
      fc.property(hostile, (key) => {
        const folder = evidenceFolder(key);
        expect(isAbsolute(folder)).toBe(false);
        expect(normalize(folder)).toBe(folder);
        expect(dirname(folder)).toBe("evidence");
        const name = relative("evidence", folder);
        expect(name === "" || name.startsWith("..") || name.includes(sep)).toBe(false);
        expect(Buffer.byteLength(name)).toBeLessThanOrEqual(255);
      }),
    );
  });

  it("is another one for another key", () => {
    fc.assert(
      fc.property(hostile, hostile, (one, other) => {
        expect(evidenceFolder(one) === evidenceFolder(other)).toBe(one === other);
      }),
    );
    expect(evidenceFolder("a/b")).not.toBe(evidenceFolder("a_b"));
  });

  it("is the key itself for keys of the catalogue", () => {
    expect(evidenceFolder("UC1-PSK-BI-03[suite=00a8,tls=1.2]")).toBe(
      "evidence/UC1-PSK-BI-03[suite=00a8,tls=1.2]",
    );
  });
});

describe("writeEvidence", () => {
  it("writes into the folder of the key and gives the path relative to the run", async () => {
    const directory = newDirectory();
    const path = await writeEvidence(directory, "../../A", "transcript.txt", "what happened\n");
    expect(readFileSync(join(directory, path), "utf8")).toBe("what happened\n");
    expect(relative(directory, join(directory, path)).startsWith("evidence")).toBe(true);
  });

  it("names the file that cannot be written", async () => {
    const directory = newDirectory();
    writeFileSync(join(directory, "evidence"), "a file where the folder should be");
    await expect(writeEvidence(directory, "A", "transcript.txt", "x")).rejects.toThrow(JournalError);
    await expect(writeEvidence(directory, "A", "transcript.txt", "x")).rejects.toThrow("transcript.txt");
    await expect(writeEvidence(directory, "A", "transcript.txt", "x")).rejects.toThrow("seccf report");
  });
});

it("writes nothing behind a line that the disk did not take", () => {
  const journal = new Journal(newDirectory());
  const failure = () => {
    try {
      journal.write({ type: "case-start", key: "A", at: 1 });
    } catch (error) {
      return error;
    }
    return undefined;
  };
  expect(failure()).toBeUndefined();
  journal.close();
  const first = failure();
  expect(first).toBeInstanceOf(JournalError);
  expect(failure()).toBe(first);
});
