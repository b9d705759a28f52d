/** What an enabler says to somebody who speaks no TLS with it, at an address where it should. */
import type { Socket } from "node:net";
import { describeEnding } from "../wire/observer.ts";
import type { Destination } from "../wire/secure-client.ts";
import { connectTcp } from "../wire/tcp.ts";

/** Octets of an answer that are kept. */
const MOST = 65_536;

export interface ClearBounds {
  readonly connectMs: number;
  /** Between two pieces; an enabler that waits for more of a message says nothing. */
  readonly pauseMs: number;
  /** From the last piece on, for all that comes. */
  readonly answerMs: number;
}

/** A response of HTTP among what was heard. */
export interface ClearAnswer {
  readonly status: number;
  readonly body: Buffer;
  /** More came than is kept: what the body holds is not known. */
  readonly isCut: boolean;
}

export interface ClearConversation {
  readonly connected: boolean;
  /** The first response of HTTP that began somewhere in what came, whatever stands before it; undefined: there was none. */
  readonly answer: ClearAnswer | undefined;
  /** One line. */
  readonly how: string;
}

/**
 * Sends these octets one behind the other, each but the first when something came back or the time for an answer has
 * passed, and hears what comes until the enabler ends. Never throws.
 */
export async function converseInClear(
  to: Destination,
  pieces: readonly Uint8Array[],
  bounds: ClearBounds,
): Promise<ClearConversation> {
  const tcp = await connectTcp(to, bounds.connectMs);
  if (!tcp.ok) return { connected: false, answer: undefined, how: describeEnding(tcp.ending) };
  const { socket } = tcp;
  const heard = new Heard(socket);
  for (const [nth, piece] of pieces.entries()) {
    if (nth > 0) await heard.more(bounds.pauseMs);
    socket.write(piece);
  }
  await heard.answer(bounds.answerMs);
  socket.destroy();
  const { octets, ended } = heard;
  const answer = answerIn(octets);
  const end = ended ? "and the enabler ended" : "and no end";
  const said = answer === undefined ? "no HTTP" : `status ${answer.status}`;
  return { connected: true, answer, how: `${octets.length} octets, ${said}, ${end}` };
}

class Heard {
  #octets = Buffer.alloc(0);
  #ended = false;
  #seen = 0;
  #wake: () => void = () => undefined;

  constructor(socket: Socket) {
    socket.on("data", (chunk: Buffer) => {
      this.#octets = Buffer.concat([this.#octets, chunk]).subarray(0, MOST);
      this.#wake();
    });
    for (const event of ["end", "close"] as const)
      socket.once(event, () => {
        this.#ended = true;
        this.#wake();
      });
  }

  get octets(): Buffer {
    return this.#octets;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Resolves when something has come since the last time, or the end, or after so many milliseconds. */
  async more(ms: number): Promise<void> {
    await this.#until(() => this.#ended || this.#octets.length > this.#seen, ms);
    this.#seen = this.#octets.length;
  }

  /** Resolves when a whole answer has come, or the end, or as much as is kept, or after so many milliseconds in all. */
  answer(ms: number): Promise<void> {
    return this.#until(
      () => this.#ended || this.#octets.length >= MOST || answerIn(this.#octets)?.whole === true,
      ms,
    );
  }

  async #until(condition: () => boolean, ms: number): Promise<void> {
    const elapsed = Promise.withResolvers<void>();
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      elapsed.resolve();
    }, ms);
    while (!late && !condition()) {
      const woken = Promise.withResolvers<void>();
      this.#wake = () => woken.resolve();
      await Promise.race([woken.promise, elapsed.promise]);
    }
    clearTimeout(timer);
  }
}

/** The first that is no interim response (RFC 9110 15.2). `whole`: as long as it says. */
function answerIn(octets: Buffer): (ClearAnswer & { readonly whole: boolean }) | undefined {
  const text = octets.toString("latin1");
  const begin = /HTTP\/1\.[01] ([2-9]\d{2})[^\r\n]*\r\n/.exec(text);
  if (begin === null) return undefined;
  const head = text.indexOf("\r\n\r\n", begin.index);
  if (head < 0) return undefined;
  const length = /\r\nContent-Length: *(\d{1,9})/i.exec(text.slice(begin.index, head + 2))?.[1];
  const body = octets.subarray(head + 4);
  return {
    status: Number(begin[1]),
    body,
    isCut: octets.length >= MOST,
    whole: length !== undefined && body.length >= Number(length),
  };
}
