import { escapeTerminal } from "../../../reports/index.ts";
import { colours } from "../colours.ts";

/** Characters of one line: a peer may send more than anybody reads. */
const MAX_LINE = 600;

/** What a role that plays alone says to the person who watches: one line for each event, with its time. */
export class Narrator {
  readonly #print: (line: string) => void;
  readonly #speaker: string;
  #wrongs = 0;
  #stuck = false;

  /** `speaker`: whose view it is, where several speak. */
  constructor(print: (line: string) => void, speaker = "") {
    this.#print = print;
    this.#speaker = speaker === "" ? "" : `${speaker}: `;
  }

  /** How often something was wrong. */
  get wrongs(): number {
    return this.#wrongs;
  }

  /** Whether something could not be asked at all. */
  get stuck(): boolean {
    return this.#stuck;
  }

  /** Something happened. The text may hold data of the peer. */
  say(text: string): void {
    this.#line(this.#speaker, text, (line) => line);
  }

  /** The peer did something that a clause does not allow; `fix`: what to do about it. */
  wrong(text: string, clause: string, fix?: string): void {
    this.#wrongs += 1;
    this.#line(
      `WRONG ${this.#speaker}`,
      `${text} (${clause})${fix === undefined ? "" : `. ${fix}`}`,
      colours.red,
    );
  }

  /** The peer could not be reached: that says nothing about it. */
  cannot(text: string, fix: string): void {
    this.#stuck = true;
    this.#line(this.#speaker, `${text}. ${fix}`, colours.yellow);
  }

  #line(mark: string, text: string, colour: (line: string) => string): void {
    const time = new Date().toISOString().slice(11, 23);
    const shown = text.length <= MAX_LINE ? text : `${text.slice(0, MAX_LINE)}…`;
    this.#print(`${colours.dim(time)}  ${colour(`${mark}${escapeTerminal(shown)}`)}`);
  }
}
