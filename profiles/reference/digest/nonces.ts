import { randomBytes } from "node:crypto";

export type NonceState = "current" | "stale" | "unknown";

/** Which nonces were issued, and which counts of each are used up. Times in milliseconds since 1970. */
export interface NonceLedger {
  /** A nonce for a challenge. */
  issue(now: number): string;
  /** Whether a nonce may be used at all, before anything is asked or computed. */
  look(nonce: string, now: number): NonceState;
  /** Uses up a count, after the response was found right; false when it must not be used any more. */
  use(nonce: string, count: number, cnonce: string, now: number): boolean;
  /** Once for each served answer: the nonce to go on with (RFC 7616 3.5); undefined: none is named. */
  next(nonce: string, now: number): string | undefined;
}

interface Issued {
  readonly expiresAt: number;
  lastCount: number;
  answers: number;
}

/** How long a nonce may be used where nothing else is configured: 5 minutes. */
const LIFETIME_MS = 300_000;
const CAPACITY = 10_000;
/** From this answer on the client is given another nonce, so that counts stay small. */
const MANY_ANSWERS = 8;
const NONCE_OCTETS = 24;

/**
 * Random nonces whose counts only go up (RFC 7616 3.4, 5.4). A nonce is not tied to a connection. Expired ones
 * are remembered as stale until newer ones need the room.
 */
export class IssuedNonces implements NonceLedger {
  readonly #issued = new Map<string, Issued>();
  readonly #lifetimeMs: number;
  readonly #capacity: number;

  constructor(lifetimeMs: number = LIFETIME_MS, capacity: number = CAPACITY) {
    this.#lifetimeMs = lifetimeMs;
    this.#capacity = capacity;
  }

  issue(now: number): string {
    const nonce = randomBytes(NONCE_OCTETS).toString("base64");
    this.#issued.set(nonce, { expiresAt: now + this.#lifetimeMs, lastCount: 0, answers: 0 });
    // A Map keeps the order of insertion, so the first key is the oldest nonce.
    if (this.#issued.size > this.#capacity) {
      for (const oldest of this.#issued.keys()) {
        this.#issued.delete(oldest);
        break;
      }
    }
    return nonce;
  }

  look(nonce: string, now: number): NonceState {
    const issued = this.#issued.get(nonce);
    if (issued === undefined) return "unknown";
    return now < issued.expiresAt ? "current" : "stale";
  }

  use(nonce: string, count: number, _cnonce: string, now: number): boolean {
    const issued = this.#issued.get(nonce);
    if (issued === undefined || now >= issued.expiresAt || count <= issued.lastCount) return false;
    issued.lastCount = count;
    return true;
  }

  next(nonce: string, now: number): string | undefined {
    const issued = this.#issued.get(nonce);
    if (issued === undefined) return undefined;
    issued.answers += 1;
    return issued.answers < MANY_ANSWERS ? undefined : this.issue(now);
  }
}
