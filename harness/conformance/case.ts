import type { TlsVersion } from "../system/profile/index.ts";
import type { CaseContext } from "./case-context.ts";
import type { Label, Polarity, WayIn } from "./vocabulary.ts";

/** Parameters that are expanded from what the ICS claims. */
export type ParameterName = "tls" | "suite" | "algorithm" | "qop";

/** What an observation of the SUT needs from the IXIT; without it the half-label is declared, not judged. */
export type Observation = "identity" | "public-identity" | "view" | "state" | "plain";

/** A version below TLS 1.3, a suite that agrees a secret on a curve or by Diffie-Hellman at all, or one of CBC up to TLS 1.2. */
export type LinkKind = "below TLS 1.3" | "elliptic" | "ephemeral" | "CBC";

export interface CaseNeeds {
  readonly role: "enabler";
  readonly wayIn: WayIn;
  /** ICS items by dotted path, each with the values under which the case applies. */
  readonly claims?: Readonly<Record<string, readonly (string | boolean)[]>>;
  /** ICS items by dotted path, each with the values of which none may be claimed. */
  readonly withoutClaims?: Readonly<Record<string, readonly (string | boolean)[]>>;
  /** A second instance of the enabler must be known: to the IXIT, or announced by a started system. */
  readonly secondInstance?: true;
  /** The IXIT must say how long a nonce lasts, and no longer than a case waits: 5 s. */
  readonly awaitableNonce?: true;
  /** The ICS must claim more than one cipher suite for the way in. */
  readonly severalSuites?: true;
  /** A TLS version that the ICS must claim for the way in. */
  readonly tls?: TlsVersion;
  /** The IXIT must name further names of the enabler. */
  readonly otherNames?: true;
  /** A TLS version must exist that is older than all that the ICS claims for the way in. */
  readonly olderTls?: true;
  /** What the ICS must claim for the way in. */
  readonly link?: LinkKind;
  readonly observes?: readonly Observation[];
  /** Only for a system that the harness starts and gives its credentials. */
  readonly startedSystem?: true;
}

/** What a case is, readable without running it. */
export interface CaseDescriptor {
  /** Stable for ever; never a position. */
  readonly id: string;
  /** One sentence. */
  readonly purpose: string;
  readonly requirements: readonly Label[];
  readonly clauses: readonly string[];
  readonly polarity: Polarity;
  readonly needs: CaseNeeds;
  readonly parameters: readonly ParameterName[];
  /** Further parameters with values of the case's own. */
  readonly variants?: Readonly<Record<string, readonly string[]>>;
  readonly steps: readonly string[];
  readonly useCase?: number;
  readonly flow?: "normal" | "alternative";
  /** Case without whose success this one cannot judge: named as root cause. */
  readonly dependsOn?: string;
  /** Concerns a whole listener of a role: runs alone in its worker. */
  readonly exclusive?: true;
  /** Part of `--smoke`. */
  readonly smoke?: true;
}

export type CaseStory = (context: CaseContext) => Promise<void>;

export interface TestCase extends CaseDescriptor {
  readonly story: CaseStory;
}

const ID_PATTERN = /^[A-Z0-9]+(-[A-Z0-9]+)*-(BV|BI|BO)-\d{2}$/;

/**
 * Declares a test case. Throws when the descriptor contradicts itself, so that a wrong catalogue
 * is noticed by whoever lists it and not by a run.
 */
export function testCase(descriptor: CaseDescriptor, story: CaseStory): TestCase {
  const problem = descriptorProblem(descriptor);
  if (problem !== undefined) throw new Error(`case ${descriptor.id}: ${problem}`);
  return Object.freeze({ ...descriptor, story });
}

function descriptorProblem(descriptor: CaseDescriptor): string | undefined {
  if (!ID_PATTERN.test(descriptor.id)) return "the id is not of the form UC1-PSK-BI-03";
  if (descriptor.purpose.trim() === "") return "the purpose is empty";
  if (descriptor.requirements.length === 0) return "it names no requirement label";
  if (new Set(descriptor.requirements).size !== descriptor.requirements.length) return "a label stands twice";
  if (descriptor.clauses.length === 0) return "it cites no clause";
  if (descriptor.steps.length === 0) return "it has no steps";
  if (descriptor.parameters.includes("suite") && !descriptor.parameters.includes("tls")) {
    return "a suite is negotiated in a TLS version: name the parameter tls too";
  }
  return undefined;
}
