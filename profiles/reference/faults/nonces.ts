import { createHmac, randomBytes } from "node:crypto";
import { IssuedNonces, type NonceLedger, type NonceState } from "../digest/nonces.ts";

const CAPACITY = 10_000;

/** Keeps no counts. */
export class UncountedNonces extends IssuedNonces {
  override use(nonce: string, _count: number, _cnonce: string, now: number): boolean {
    return this.look(nonce, now) === "current";
  }
}

/** Remembers pairs of count and cnonce, so that a new cnonce makes an old count new. */
export class NoncesByCnonce extends IssuedNonces {
  readonly #used = new Set<string>();

  override use(nonce: string, count: number, cnonce: string, now: number): boolean {
    const pair = JSON.stringify([nonce, count, cnonce]);
    if (this.look(nonce, now) !== "current" || this.#used.has(pair)) return false;
    if (this.#used.size >= CAPACITY) this.#used.clear();
    this.#used.add(pair);
    return true;
  }
}

/** Takes whatever a terminal calls a nonce. */
export class UnissuedNonces extends IssuedNonces {
  override look(nonce: string, now: number): NonceState {
    const state = super.look(nonce, now);
    return state === "unknown" ? "current" : state;
  }

  override use(nonce: string, count: number, cnonce: string, now: number): boolean {
    return super.look(nonce, now) === "unknown" || super.use(nonce, count, cnonce, now);
  }
}

/**
 * Has one nonce. Until the next challenge a pair of count and cnonce serves once, so that terminals which
 * share the nonce do not get in each other's way.
 */
export class FixedNonce implements NonceLedger {
  readonly #nonce = "dcd98b7102dd2f0e8b11d0f600bfb0c093";
  readonly #used = new Set<string>();

  issue(): string {
    this.#used.clear();
    return this.#nonce;
  }

  look(nonce: string): NonceState {
    return nonce === this.#nonce ? "current" : "unknown";
  }

  use(nonce: string, count: number, cnonce: string): boolean {
    const pair = JSON.stringify([count, cnonce]);
    if (nonce !== this.#nonce || this.#used.has(pair)) return false;
    if (this.#used.size >= CAPACITY) this.#used.clear();
    this.#used.add(pair);
    return true;
  }
  next(): undefined {
    return undefined;
  }
}

/** Knows its nonces by a signature whose key every instance has, for ever; used counts are known to one instance. */
export class SignedNonces implements NonceLedger {
  readonly #lastCounts = new Map<string, number>();

  issue(): string {
    const text = randomBytes(18).toString("base64");
    return `${text}${this.#signature(text)}`;
  }

  look(nonce: string): NonceState {
    return nonce === `${nonce.slice(0, 24)}${this.#signature(nonce.slice(0, 24))}` ? "current" : "unknown";
  }

  use(nonce: string, count: number): boolean {
    if (this.look(nonce) !== "current" || count <= (this.#lastCounts.get(nonce) ?? 0)) return false;
    this.#lastCounts.set(nonce, count);
    return true;
  }

  next(): undefined {
    return undefined;
  }

  #signature(text: string): string {
    return createHmac("sha256", "of all instances").update(text).digest("base64");
  }
}

/** Has room for the count of one nonce: that of another one is forgotten. */
export class CountOfLastNonce extends IssuedNonces {
  #last = { nonce: "", count: 0 };

  override use(nonce: string, count: number, _cnonce: string, now: number): boolean {
    if (this.look(nonce, now) !== "current") return false;
    if (nonce === this.#last.nonce && count <= this.#last.count) return false;
    this.#last = { nonce, count };
    return true;
  }
}

/** Remembers which counts were used, and takes every other one in any order. */
export class UnorderedCounts extends IssuedNonces {
  readonly #used = new Set<string>();

  override use(nonce: string, count: number, _cnonce: string, now: number): boolean {
    const pair = JSON.stringify([nonce, count]);
    if (this.look(nonce, now) !== "current" || this.#used.has(pair)) return false;
    if (this.#used.size >= CAPACITY) this.#used.clear();
    this.#used.add(pair);
    return true;
  }
}
