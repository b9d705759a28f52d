import { messageLength } from "./header.ts";

/** Octets before which the length of a message is not known. */
const LENGTH_END = 4;

/** Cuts the octets of a connection into messages. */
export class MessageSplitter {
  readonly #max: number;
  #chunks: Buffer[] = [];
  #held = 0;

  /** @param max octets of the longest message that is taken, with its header. */
  constructor(max: number) {
    this.#max = max;
  }

  /**
   * Takes the next octets, in any pieces, and gives the messages that are whole now, undecoded.
   * @throws DiameterFormatError when a message is of another version, too short or too long; where the next one begins
   *   is unknown then, and the connection is of no more use.
   */
  push(chunk: Uint8Array): readonly Buffer[] {
    this.#chunks.push(Buffer.from(chunk));
    this.#held += chunk.length;
    const messages: Buffer[] = [];
    for (;;) {
      const length = this.#nextLength();
      if (length === undefined || this.#held < length) return messages;
      const all = this.#joined();
      messages.push(all.subarray(0, length));
      this.#chunks = [all.subarray(length)];
      this.#held -= length;
    }
  }

  #nextLength(): number | undefined {
    if (this.#held < LENGTH_END) return undefined;
    const [first = Buffer.alloc(0)] = this.#chunks;
    return messageLength(first.length < LENGTH_END ? this.#joined() : first, this.#max);
  }

  /** Joined only when something is due, so that a message in a thousand pieces is not copied a thousand times. */
  #joined(): Buffer {
    const all = this.#chunks.length === 1 ? this.#chunks[0] : undefined;
    const joined = all ?? Buffer.concat(this.#chunks);
    this.#chunks = [joined];
    return joined;
  }
}
