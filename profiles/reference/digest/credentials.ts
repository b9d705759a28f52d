export const DIGEST_ALGORITHMS = [
  "MD5",
  "MD5-sess",
  "SHA-256",
  "SHA-256-sess",
  "SHA-512-256",
  "SHA-512-256-sess",
] as const;
export type DigestAlgorithm = (typeof DIGEST_ALGORITHMS)[number];
export const QOPS = ["auth", "auth-int"] as const;
export type Qop = (typeof QOPS)[number];

/** Digest credentials of a request (RFC 7616 3.4), syntax checked, nothing else. */
export interface DigestCredentials {
  readonly username: string;
  readonly realm: string;
  readonly nonce: string;
  readonly uri: string;
  /** Lower-case hex, as long as the algorithm's output. */
  readonly response: string;
  readonly algorithm: DigestAlgorithm;
  /** Absent: the form of RFC 2069, without qop. */
  readonly protection?: { readonly qop: Qop; readonly nc: string; readonly cnonce: string };
}

/** Authorization that is no well-formed Digest answer. The message names the parameter. */
export class MalformedCredentials extends Error {
  constructor(message: string) {
    super(message);
    this.name = "MalformedCredentials";
  }
}

const MAX_LENGTH = 8_192;

/**
 * Reads the value of an Authorization field.
 * @returns undefined when it is of another scheme.
 * @throws MalformedCredentials when a parameter is missing, comes twice or breaks the grammar.
 */
export function parseCredentials(value: string): DigestCredentials | undefined {
  if (value.length > MAX_LENGTH) throw new MalformedCredentials(`longer than ${MAX_LENGTH} characters`);
  const scheme = /^[ \t]*digest[ \t]+/i.exec(value);
  if (scheme === null) return undefined;
  const parameters = readParameters(value.slice(scheme[0].length));
  const need = (name: string): string => {
    const found = parameters.get(name);
    if (found === undefined) throw new MalformedCredentials(`parameter ${name} is missing`);
    return found;
  };
  // RFC 7616 3.4.4: a hashed user name is only for servers that asked for it, and this one does not.
  if (parameters.get("userhash")?.toLowerCase() === "true") {
    throw new MalformedCredentials("userhash was not offered");
  }
  const algorithm = readAlgorithm(parameters.get("algorithm"));
  const response = need("response");
  const digits = algorithm.startsWith("MD5") ? 32 : 64;
  if (!new RegExp(`^[0-9a-f]{${digits}}$`).test(response)) {
    throw new MalformedCredentials(`response is not ${digits} lower-case hex digits`);
  }
  const qop = parameters.get("qop");
  return {
    username: need("username"),
    realm: need("realm"),
    nonce: need("nonce"),
    uri: need("uri"),
    response,
    algorithm,
    ...(qop === undefined ? {} : { protection: readProtection(qop, need("nc"), need("cnonce")) }),
  };
}

/** RFC 7616 3.4: an answer without algorithm means MD5. */
function readAlgorithm(text: string | undefined): DigestAlgorithm {
  const name = (text ?? "MD5").toLowerCase();
  const known = DIGEST_ALGORITHMS.find((one) => one.toLowerCase() === name);
  if (known === undefined) throw new MalformedCredentials("algorithm is not known");
  return known;
}

function readProtection(qop: string, nc: string, cnonce: string) {
  if (qop !== "auth" && qop !== "auth-int") throw new MalformedCredentials("qop is not known");
  if (!/^[0-9a-f]{8}$/i.test(nc)) throw new MalformedCredentials("nc is not 8 hex digits");
  if (cnonce === "") throw new MalformedCredentials("cnonce is empty");
  return { qop, nc, cnonce } as const;
}

/** auth-param list of RFC 9110 11.2: names without case, each value a token or a quoted-string. */
function readParameters(text: string): Map<string, string> {
  const parameter =
    /([!#$%&'*+.^_`|~0-9A-Za-z-]+)[ \t]*=[ \t]*(?:"((?:[^"\\]|\\.)*)"|([!#$%&'*+.^_`|~0-9A-Za-z-]+))/y;
  const separator = /[ \t]*(?:,[ \t]*)*/y;
  const parameters = new Map<string, string>();
  let at = skip(separator, text, 0);
  while (at < text.length) {
    parameter.lastIndex = at;
    const [whole, name = "", quoted, token = ""] = parameter.exec(text) ?? [];
    if (whole === undefined) throw new MalformedCredentials(`no parameter at character ${at}`);
    const key = name.toLowerCase();
    if (parameters.has(key)) throw new MalformedCredentials(`parameter ${key} comes twice`);
    parameters.set(key, quoted === undefined ? token : quoted.replaceAll(/\\(.)/g, "$1"));
    const end = at + whole.length;
    at = skip(separator, text, end);
    if (at < text.length && !text.slice(end, at).includes(",")) {
      throw new MalformedCredentials(`no comma at character ${end}`);
    }
  }
  return parameters;
}

function skip(pattern: RegExp, text: string, from: number): number {
  pattern.lastIndex = from;
  return from + (pattern.exec(text)?.[0].length ?? 0);
}
