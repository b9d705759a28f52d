/**
 * Headers of both ends of HTTP Digest. Nothing is validated: a role that misbehaves leaves out fields, gives wrong
 * ones, or lists them itself, and says with `quoted` how each is written.
 */

/** One parameter of a header, in a list that fixes the order. */
export interface DigestField {
  readonly name: string;
  readonly value: string;
  /** Default: as RFC 7616 3.3 to 3.5 have it for this header; unknown parameters are quoted. */
  readonly quoted?: boolean;
}

type FieldRecord<Name extends string> = Readonly<Partial<Record<Name, string | undefined>>>;

/** Order and quoting of one header. */
interface Form<Name extends string> {
  readonly order: readonly Name[];
  /** Parameters that a sender must not quote (or, for `username*`, cannot). */
  readonly unquoted: ReadonlySet<string>;
}

// The orders are those of the examples: RFC 2617 3.5 and TS 24.109 A.4, RFC 7616 3.9.1, RFC 3310 4.
const AUTHORIZATION = {
  order: [
    ...([
      "username",
      "username*",
      "realm",
      "nonce",
      "uri",
      "qop",
      "nc",
      "cnonce",
      "response",
      "opaque",
    ] as const),
    ...(["algorithm", "auts", "userhash"] as const),
  ],
  unquoted: new Set(["algorithm", "qop", "nc", "userhash", "username*"]),
} satisfies Form<string>;

const CHALLENGE = {
  order: [
    ...(["realm", "domain", "qop", "algorithm", "nonce", "opaque"] as const),
    ...(["stale", "charset", "userhash"] as const),
  ],
  unquoted: new Set(["algorithm", "stale", "charset", "userhash"]),
} satisfies Form<string>;

const AUTHENTICATION_INFO = {
  order: ["qop", "rspauth", "cnonce", "nc", "nextnonce"] as const,
  unquoted: new Set(["qop", "nc"]),
} satisfies Form<string>;

/** A record is written in the order of the RFC's examples, without the fields that are undefined. */
export type AuthorizationFields = FieldRecord<(typeof AUTHORIZATION.order)[number]> | readonly DigestField[];
type ChallengeFields = FieldRecord<(typeof CHALLENGE.order)[number]> | readonly DigestField[];
type AuthenticationInfoFields =
  | FieldRecord<(typeof AUTHENTICATION_INFO.order)[number]>
  | readonly DigestField[];

function isList(fields: object): fields is readonly DigestField[] {
  return Array.isArray(fields);
}

function serialize<Name extends string>(
  fields: FieldRecord<Name> | readonly DigestField[],
  { order, unquoted }: Form<Name>,
): string {
  const list = isList(fields)
    ? fields
    : order.flatMap((name) => {
        const value = fields[name];
        return value === undefined ? [] : [{ name, value }];
      });
  const parameter = ({ name, value, quoted = !unquoted.has(name.toLowerCase()) }: DigestField) =>
    `${name}=${quoted ? `"${value.replace(/["\\]/g, "\\$&")}"` : value}`;
  return list.map(parameter).join(", ");
}

/** Value of Authorization; `qop`, `nc` and `algorithm` are not quoted (RFC 7616 3.4). */
export function serializeAuthorization(fields: AuthorizationFields): string {
  return `Digest ${serialize(fields, AUTHORIZATION)}`;
}

/** Value of WWW-Authenticate; `qop`, a list, is quoted, `algorithm` and `stale` are not (RFC 7616 3.3). */
export function serializeChallenge(fields: ChallengeFields): string {
  return `Digest ${serialize(fields, CHALLENGE)}`;
}

/** Value of Authentication-Info; `qop` and `nc` are not quoted (RFC 7616 3.5). */
export function serializeAuthenticationInfo(fields: AuthenticationInfoFields): string {
  return serialize(fields, AUTHENTICATION_INFO);
}
