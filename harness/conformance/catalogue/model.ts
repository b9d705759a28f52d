/** The shape of the catalogue: what it says about one requirement and about one use case. */

import type { Label, Polarity, WayIn } from "../vocabulary.ts";

/** One label of OMA-RD-SEC_CF, section 6, and what this suite demands before it calls the label met. */
export interface Requirement {
  readonly label: Label;
  /** One line. */
  readonly title: string;
  /** One to three sentences, in our words. */
  readonly text: string;
  /** How binding the document makes it. Not the level of a check. */
  readonly level: "MUST" | "MAY";
  readonly release: 1 | 2;
  /** Present only where the release is this suite's reading and not the document's word. */
  readonly releaseNote?: string;
  /** Section and table of the requirements document. */
  readonly section: string;
  /**
   * Numbers 1 to 7, ascending: use cases whose description, flow or post-condition fails when the label fails.
   * Empty where section 5 tells no story about the label.
   */
  readonly useCases: readonly number[];
  /**
   * `wire`: by exchanges with the system under test. `measured`: by figures that are reported without a verdict.
   * `inspected`: by an auditor who looks. `declared`: by the vendor's word. Beside `wire`, the other two
   * stand for the part of the label that the wire does not show.
   */
  readonly judgedBy: readonly ("wire" | "measured" | "inspected" | "declared")[];
  /**
   * Ways in over which it is judged on the wire: all those of its use cases, none unless `judgedBy` has `wire`. Beside
   * them `server-only`, which belongs to no use case, where nothing about the user is asked (section 4.2).
   */
  readonly waysIn: readonly WayIn[];
  /**
   * Polarities that need a passing, proven check before the label counts as met: each of them for each
   * claimed way in, and where `waysIn` is empty each of them once. Empty exactly where `judgedBy` lacks
   * `wire`: no case can make such a label met, so an empty list never means "nothing is missing".
   */
  readonly polarities: readonly Polarity[];
  /** Ways in over which other polarities are needed than `polarities`, with those. */
  readonly polaritiesOver?: Readonly<Partial<Record<WayIn, readonly Polarity[]>>>;
}

/** One story of OMA-RD-SEC_CF, section 5. */
export interface UseCase {
  readonly number: 1 | 2 | 3 | 4 | 5 | 6 | 7;
  readonly title: string;
  readonly description: string;
  readonly actors: readonly string[];
  /** The pre-conditions, and what the actors must support (the "actor specific issues" of the document). */
  readonly preconditions: readonly string[];
  readonly postconditions: readonly string[];
  readonly qualityOfExperience: string;
  /** Whether the document itself marks the whole use case as optional. */
  readonly optional: boolean;
  /** Section of the requirements document. */
  readonly section: string;
  /** Only flows that the document fills: an alternative flow that is void or empty is left out. */
  readonly flows: readonly {
    readonly name: "normal" | "alternative";
    readonly text: string;
    readonly steps: readonly string[];
    /** The way in that carries out this flow; absent where the flow opens no new kind of connection. */
    readonly wayIn?: WayIn;
  }[];
  /** Labels at stake, in the order of the document: the other side of `Requirement.useCases`. */
  readonly labels: readonly Label[];
}
