import { type EvidenceFile, type Journal, writeEvidence } from "../conformance/journal.ts";
import type { CaseResult, RunEvent } from "../conformance/run-events.ts";

/** In this order they stand in a report. */
const EVIDENCE_FILES: readonly EvidenceFile[] = ["transcript.txt", "capture.pcapng"];

/**
 * Writes the journal in the main process, and evidence beside it. Events come from where nobody could catch an
 * error, so the first one is kept for {@link settled}.
 */
export class Recorder {
  readonly #journal: Pick<Journal, "write">;
  readonly #directory: string;
  readonly #onEvent: (event: RunEvent) => void;
  readonly #onFailure: () => void;
  readonly #writing: Promise<void>[] = [];
  readonly #failures: unknown[] = [];

  /** `onFailure` is called when something could not be written: what comes after it would be lost too. */
  constructor(
    journal: Pick<Journal, "write">,
    directory: string,
    onEvent: (event: RunEvent) => void,
    onFailure: () => void = () => undefined,
  ) {
    this.#journal = journal;
    this.#directory = directory;
    this.#onEvent = onEvent;
    this.#onFailure = onFailure;
  }

  /** Never throws. A result is in the journal when its evidence is on the disk. */
  take(event: RunEvent): void {
    if (event.type !== "case-end" || event.transcript === undefined) {
      this.#record(event);
      return;
    }
    this.#writing.push(
      this.#withEvidence(event.result, {
        "transcript.txt": event.transcript,
        "capture.pcapng": event.capture,
      }),
    );
  }

  /** When everything taken is on the disk. @throws the first error that writing met, JournalError of the journal */
  async settled(): Promise<void> {
    await Promise.all(this.#writing);
    if (this.#failures.length > 0) throw this.#failures[0];
  }

  async #withEvidence(
    result: CaseResult,
    files: Readonly<Record<EvidenceFile, string | Uint8Array | undefined>>,
  ): Promise<void> {
    const evidence: string[] = [];
    try {
      for (const name of EVIDENCE_FILES) {
        const content = files[name];
        if (content === undefined) continue;
        evidence.push(await writeEvidence(this.#directory, result.key, name, content));
      }
    } catch (error) {
      this.#fail(error);
    }
    this.#record({ type: "case-end", result: { ...result, evidence } });
  }

  #record(event: RunEvent): void {
    try {
      this.#journal.write(event);
      this.#onEvent(event);
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    this.#failures.push(error);
    if (this.#failures.length === 1) this.#onFailure();
  }
}
