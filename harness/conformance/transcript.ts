import { describeEnding, type Observer, type WireEvent } from "../wire/observer.ts";

/** Characters of one header value or body that a transcript keeps. */
const KEPT_VALUE = 2_000;
/** Characters of a whole transcript. */
const KEPT_TRANSCRIPT = 256 * 1024;
/** Characters that a terminal would obey, or that a reader would not see: controls, marks of direction, separators. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** Keeps what happened in one case as text, with times since its begin; bounded. */
export class Transcript implements Observer {
  readonly #began = performance.now();
  readonly #lines: string[] = [];
  #length = 0;
  #full = false;

  event(event: WireEvent): void {
    const arrow = `${event.from} -> ${event.to}`;
    switch (event.kind) {
      case "connection":
      case "handshake":
        this.#add(`${arrow}: ${event.text}`);
        break;
      case "ending":
        this.#add(`${arrow}: ${describeEnding(event.ending)}`);
        break;
      case "http":
        this.#add(`${arrow}: ${cut(event.startLine)}`, [
          ...event.headers.map(([name, value]) => `${cut(name)}: ${cut(value)}`),
          ...(event.body === "" ? [] : ["", cut(event.body)]),
        ]);
        break;
    }
  }

  /** A line of the case itself. */
  note(text: string): void {
    this.#add(text);
  }

  #add(line: string, details: readonly string[] = []): void {
    if (this.#full) return;
    const time = ((performance.now() - this.#began) / 1000).toFixed(3).padStart(8);
    const text = [`${time}  ${line}`, ...details.map((detail) => `            ${detail}`)]
      .map(visible)
      .join("\n");
    this.#length += text.length;
    this.#full = this.#length > KEPT_TRANSCRIPT;
    this.#lines.push(this.#full ? `${time}  … the transcript ends here, its bound is reached` : text);
  }

  toString(): string {
    return `${this.#lines.join("\n")}\n`;
  }
}

function cut(text: string): string {
  return text.length <= KEPT_VALUE ? text : `${text.slice(0, KEPT_VALUE)}… (${text.length} characters)`;
}

/** A transcript may be read with `cat`: nothing that a peer sent may steer a terminal. */
function visible(text: string): string {
  return text
    .split("\n")
    .map((line) =>
      line.replace(UNSEEN, (character) => {
        const code = character.codePointAt(0) ?? 0;
        return `\\u${code > 0xffff ? `{${code.toString(16)}}` : code.toString(16).padStart(4, "0")}`;
      }),
    )
    .join("\n            ");
}
