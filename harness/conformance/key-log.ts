/** Lines that are kept: TLS 1.3 has five of each connection. */
const KEPT_LINES = 2_000;

/** Secrets of the connections of one case, as lines of a key log (NSS form); bounded. */
export class KeyLog {
  readonly #lines: string[] = [];

  get lines(): readonly string[] {
    return this.#lines;
  }

  add(line: string): void {
    if (this.#lines.length < KEPT_LINES) this.#lines.push(line.trimEnd());
  }
}
