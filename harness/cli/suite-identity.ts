import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ProvenCheck } from "../conformance/run-events.ts";
import { sourceHashes } from "./source-hashes.ts";

const HERE = dirname(fileURLToPath(import.meta.url));
/** Beside the sources, or one folder above the compiled files. */
const PACKAGE = [join(HERE, "../../package.json"), join(HERE, "../../../package.json")].find(existsSync);
export const PROOF_FILE = fileURLToPath(new URL("../../suites/proof.json", import.meta.url));

/** What `suites/proof.json` holds: which check each fault makes fail, and what that was found with. */
export interface Proof {
  readonly catalogue: string;
  readonly reference: string;
  readonly checks: readonly ProvenCheck[];
  /** Per fault the cases that detect it. */
  readonly faults: Readonly<Record<string, readonly string[]>>;
  /** Per fault an instance for each of these checks, which `npm test` runs again. */
  readonly keys: Readonly<Record<string, readonly string[]>>;
}

/** The committed proof; undefined when there is none yet. */
export function readProof(): Proof | undefined {
  if (!existsSync(PROOF_FILE)) return undefined;
  // Our own file, written by `seccf prove`.
  return JSON.parse(readFileSync(PROOF_FILE, "utf8")) as Proof;
}

/** Why the proof does not speak of these sources; undefined when it does. */
export function staleness(proof: Proof | undefined): string | undefined {
  if (proof === undefined) return "there is no suites/proof.json";
  const now = sourceHashes();
  if (proof.catalogue !== now.catalogue)
    return "the cases or the requirement catalogue changed since it was made";
  if (proof.reference !== now.reference) return "the reference system changed since it was made";
  return undefined;
}

export function suiteVersion(): string {
  if (PACKAGE === undefined) return "unknown";
  const content: unknown = JSON.parse(readFileSync(PACKAGE, "utf8"));
  return typeof content === "object" && content !== null && "version" in content
    ? String(content.version)
    : "unknown";
}

/** Commit of the working copy; null in an installed package. */
export function suiteCommit(): string | null {
  if (!existsSync(join(HERE, "../../.git"))) return null;
  try {
    return execFileSync("git", ["rev-parse", "HEAD"], {
      cwd: HERE,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    }).trim();
  } catch {
    return null;
  }
}

/** SHA-256 (hex) of the proof as it stands; of nothing when there is none. */
export function proofHash(): string {
  return createHash("sha256")
    .update(existsSync(PROOF_FILE) ? readFileSync(PROOF_FILE) : "")
    .digest("hex");
}
