import {
  type DigestParameters,
  ParameterBudget,
  type ParameterValue,
  readParameter,
  requireBounded,
  Scanner,
} from "./syntax.ts";

/** One challenge of a WWW-Authenticate header, of any scheme. */
export interface Challenge {
  /** As it was sent; compare without case. */
  readonly scheme: string;
  readonly parameters: DigestParameters;
  readonly realm: string | undefined;
  readonly nonce: string | undefined;
  readonly opaque: string | undefined;
  /** As it was sent, `MD5` when absent (RFC 7616 3.3); `digestAlgorithm` recognises it. */
  readonly algorithm: string;
  /** The offered values in lower case; undefined when the parameter is absent (RFC 2617 allows that). */
  readonly qop: readonly string[] | undefined;
  /** True only for `true` in any case (RFC 7616 3.3). */
  readonly stale: boolean;
}

interface Draft {
  readonly scheme: string;
  readonly parameters: Map<string, ParameterValue>;
}

function finish({ scheme, parameters }: Draft): Challenge {
  const value = (name: string) => parameters.get(name)?.value;
  return {
    scheme,
    parameters,
    realm: value("realm"),
    nonce: value("nonce"),
    opaque: value("opaque"),
    algorithm: value("algorithm") ?? "MD5",
    qop: value("qop")
      ?.toLowerCase()
      .split(/[\s,]+/)
      .filter((token) => token !== ""),
    stale: value("stale")?.toLowerCase() === "true",
  };
}

function readHeader(header: string, budget: ParameterBudget): Draft[] {
  const scanner = new Scanner(header);
  const drafts: Draft[] = [];
  for (;;) {
    const separated = scanner.skipSeparators();
    if (scanner.atEnd) return drafts;
    const current = drafts.at(-1);
    const name = scanner.token(current === undefined ? "an authentication scheme" : "a parameter name");
    // Only the equals sign tells a further parameter from the next challenge (RFC 9110 11.6.1).
    if (scanner.takeEquals()) {
      if (current === undefined) throw scanner.error(`a scheme before the parameter ${name} expected`);
      budget.add(current.parameters, name, readParameter(scanner, name));
      scanner.requireElementEnd();
    } else {
      if (!separated)
        throw scanner.error(`a comma before the scheme or a value after the parameter ${name} expected`);
      drafts.push({ scheme: name, parameters: new Map() });
      if (name.toLowerCase() !== "digest") scanner.skipToken68();
    }
  }
}

/**
 * The challenges of all WWW-Authenticate headers of a response, in their order.
 *
 * Lenient towards what fielded servers send: names in any case, values quoted or not, white space around the equals
 * sign, several challenges in one header, unknown parameters, stray characters inside a realm. What was sent stays
 * visible in `parameters`, so that a case can judge it.
 * @param headerValues each at most 16 KiB together, one character per octet.
 * @throws DigestSyntaxError when a header is no list of challenges, longer than 16 KiB, has more than 64 parameters
 *   or gives one parameter of a challenge two values.
 */
export function parseChallenges(headerValues: readonly string[]): Challenge[] {
  requireBounded(headerValues);
  const budget = new ParameterBudget();
  return headerValues.flatMap((header) => readHeader(header, budget)).map(finish);
}
