import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { JournalError } from "../conformance/journal.ts";
import type { RunEvent } from "../conformance/run-events.ts";
import { result } from "../conformance/testing/records.ts";
import { Recorder } from "./recorder.ts";

function recorder(write: (event: RunEvent) => void = () => undefined, onFailure?: () => void) {
  const directory = mkdtempSync(join(tmpdir(), "seccf-recorder-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const journal: RunEvent[] = [];
  const seen: RunEvent[] = [];
  const record = {
    write: (event: RunEvent) => {
      write(event);
      journal.push(event);
    },
  };
  return {
    directory,
    journal,
    seen,
    recorder: new Recorder(record, directory, (event) => seen.push(event), onFailure),
  };
}

const END: Extract<RunEvent, { type: "case-end" }> = {
  type: "case-end",
  result: result("A", "pass"),
  transcript: "what happened\n",
};

describe("Recorder", () => {
  it("writes a transcript first, and then the result with its path", async () => {
    const { directory, journal, seen, recorder: one } = recorder();
    one.take({ type: "case-start", key: "A", at: 1 });
    one.take(END);
    await one.settled();
    expect(journal).toEqual([
      { type: "case-start", key: "A", at: 1 },
      { type: "case-end", result: { ...result("A", "pass"), evidence: ["evidence/A/transcript.txt"] } },
    ]);
    expect(seen).toEqual(journal);
    expect(readFileSync(join(directory, "evidence/A/transcript.txt"), "utf8")).toBe("what happened\n");
  });

  it("writes the capture of a case beside its transcript", async () => {
    const { directory, journal, recorder: one } = recorder();
    const capture = Buffer.of(0x0a, 0x0d, 0x0d, 0x0a, 0xff);
    one.take({ ...END, capture });
    await one.settled();
    const evidence = ["evidence/A/transcript.txt", "evidence/A/capture.pcapng"];
    expect(journal).toEqual([{ type: "case-end", result: { ...result("A", "pass"), evidence } }]);
    expect(readFileSync(join(directory, "evidence/A/capture.pcapng"))).toEqual(capture);
  });

  it("does not lose a result whose transcript cannot be written, and says so at the end", async () => {
    const { directory, journal, recorder: one } = recorder();
    writeFileSync(join(directory, "evidence"), "a file where the folder should be");
    one.take(END);
    await expect(one.settled()).rejects.toThrow(JournalError);
    expect(journal).toEqual([{ type: "case-end", result: result("A", "pass") }]);
  });

  it("keeps what the journal throws until somebody can hear it", async () => {
    const full = () => {
      throw new JournalError("journal.ndjson: ENOSPC");
    };
    const failures: string[] = [];
    const { recorder: one, seen } = recorder(full, () => failures.push("stop"));
    expect(() => one.take({ type: "case-start", key: "A", at: 1 })).not.toThrow();
    one.take(END);
    await expect(one.settled()).rejects.toThrow("ENOSPC");
    expect(seen).toEqual([]);
    // Nobody needs to be told twice to stop.
    expect(failures).toEqual(["stop"]);
  });
});
