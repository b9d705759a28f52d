import { Duplex } from "node:stream";

/** Connections that are remembered. */
const MOST_RECORDINGS = 1_000;

interface Moment {
  /** Octets of whole records that the terminal had sent before. */
  readonly after: number;
  readonly octets: Buffer;
}

/** What happened on a connection. */
export interface Recording {
  /** Records of the enabler. */
  readonly answers: Moment[];
  /** What the terminal's records said. */
  readonly requests: Moment[];
  /** Serves a connection without TLS as this one is served; undefined until it is. */
  serve: ((plain: Duplex) => void) | undefined;
}

/** Connections by the record with which they begin. */
export class Playbacks {
  readonly #recordings = new Map<string, Recording>();

  find(first: Buffer): Recording | undefined {
    return this.#recordings.get(first.toString("latin1"));
  }

  begin(first: Buffer): Recording {
    const recording: Recording = { answers: [], requests: [], serve: undefined };
    if (this.#recordings.size < MOST_RECORDINGS) this.#recordings.set(first.toString("latin1"), recording);
    return recording;
  }
}

/** Lets a recorded connection happen again, as far as the terminal's octets come again. */
export class Playback {
  readonly #answers: Moment[];
  readonly #requests: Moment[];
  readonly #answer: (octets: Buffer) => void;
  readonly #plain = new Duplex({
    read: () => {},
    // The answers were recorded.
    write: (_chunk, _encoding, done) => done(),
  });
  #heard = 0;

  constructor({ answers, requests, serve }: Recording, answer: (octets: Buffer) => void) {
    this.#answers = [...answers];
    this.#requests = [...requests];
    this.#answer = answer;
    serve?.(this.#plain);
  }

  /** So many more octets of whole records have come. */
  hear(octets: number): void {
    this.#heard += octets;
    for (const request of due(this.#requests, this.#heard)) this.#plain.push(request);
    for (const answer of due(this.#answers, this.#heard)) this.#answer(answer);
  }

  end(): void {
    this.#plain.push(null);
  }
}

function due(moments: Moment[], heard: number): Buffer[] {
  const later = moments.findIndex(({ after }) => after > heard);
  return moments.splice(0, later < 0 ? moments.length : later).map(({ octets }) => octets);
}
