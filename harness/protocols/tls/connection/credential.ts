import type { KeyObject } from "node:crypto";

/** A certificate with those above it, DER, its own first, and its key. */
export interface Credential {
  readonly chain: readonly Buffer[];
  readonly key: KeyObject;
}
