import {
  type DigestParameters,
  ParameterBudget,
  type ParameterValue,
  readParameter,
  requireBounded,
  Scanner,
} from "./syntax.ts";

/** The Authorization header of a Digest client. What is absent is undefined, what is empty an empty string. */
export interface DigestCredentials {
  readonly parameters: DigestParameters;
  readonly username: string | undefined;
  readonly realm: string | undefined;
  readonly nonce: string | undefined;
  readonly uri: string | undefined;
  readonly response: string | undefined;
  readonly qop: string | undefined;
  readonly nc: string | undefined;
  readonly cnonce: string | undefined;
  readonly opaque: string | undefined;
  /** As it was sent; absent means MD5 only where the challenge said so too. */
  readonly algorithm: string | undefined;
  /** base64 of AUTS at a synchronisation failure (RFC 3310 3.4). */
  readonly auts: string | undefined;
}

/** The Authentication-Info header of a Digest server (RFC 7616 3.5). */
interface AuthenticationInfo {
  readonly parameters: DigestParameters;
  readonly nextnonce: string | undefined;
  readonly qop: string | undefined;
  readonly rspauth: string | undefined;
  readonly cnonce: string | undefined;
  readonly nc: string | undefined;
}

function readParameters(scanner: Scanner): DigestParameters {
  const parameters = new Map<string, ParameterValue>();
  const budget = new ParameterBudget();
  for (;;) {
    scanner.skipSeparators();
    if (scanner.atEnd) return parameters;
    const name = scanner.token("a parameter name");
    if (!scanner.takeEquals()) throw scanner.error(`an equals sign after ${name} expected`);
    budget.add(parameters, name, readParameter(scanner, name));
    scanner.requireElementEnd();
  }
}

/**
 * Reads the Authorization header of a Digest client: one set of credentials, as leniently as `parseChallenges`.
 * @throws DigestSyntaxError when the scheme is not Digest, the rest is no list of parameters, or one of them comes
 *   with two values; also above 16 KiB or 64 parameters.
 */
export function parseAuthorization(header: string): DigestCredentials {
  requireBounded([header]);
  const scanner = new Scanner(header);
  scanner.skipSeparators();
  const scheme = scanner.token("an authentication scheme");
  if (scheme.toLowerCase() !== "digest") {
    throw scanner.error(`the scheme Digest instead of ${scheme.slice(0, 40)} expected`);
  }
  const parameters = readParameters(scanner);
  const value = (name: string) => parameters.get(name)?.value;
  return {
    parameters,
    username: value("username"),
    realm: value("realm"),
    nonce: value("nonce"),
    uri: value("uri"),
    response: value("response"),
    qop: value("qop"),
    nc: value("nc"),
    cnonce: value("cnonce"),
    opaque: value("opaque"),
    algorithm: value("algorithm"),
    auts: value("auts"),
  };
}

/**
 * Reads the Authentication-Info header of a response. Unknown parameters are kept in `parameters`.
 * @throws DigestSyntaxError when it is no list of parameters, or one of them comes with two values; also above
 *   16 KiB or 64 parameters.
 */
export function parseAuthenticationInfo(header: string): AuthenticationInfo {
  requireBounded([header]);
  const parameters = readParameters(new Scanner(header));
  const value = (name: string) => parameters.get(name)?.value;
  return {
    parameters,
    nextnonce: value("nextnonce"),
    qop: value("qop"),
    rspauth: value("rspauth"),
    cnonce: value("cnonce"),
    nc: value("nc"),
  };
}
