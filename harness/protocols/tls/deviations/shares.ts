/**
 * Shares that no group has, each with the secret that a server makes of it which computes all the same: only so can the
 * terminal see that it does. Where there are several such secrets, each is a deviation of its own.
 */
import type { GroupName, KeyShare } from "../keys/agreement.ts";
import { numberOf, octetsOf } from "../keys/numbers.ts";
import {
  type Field,
  POINT_FORM,
  pointOfOrderThree,
  uncompressed,
  WEIERSTRASS,
  type WeierstrassName,
} from "../keys/weierstrass.ts";
import type { TlsVersion } from "../versions.ts";
import { ALL, LEGACY, type TlsDeviation } from "./deviation.ts";

/** A group, or whatever finite field it is. */
export type ShareGroup = Exclude<GroupName, "ffdhe2048" | "ffdhe3072"> | "finite-field";

/** What is wrong with a share: everybody knows the secret, or it only has another form than it must. */
export type ShareFlaw = "degenerate" | "form";

export interface ShareDeviation extends TlsDeviation {
  readonly group: ShareGroup;
  readonly flaw: ShareFlaw;
  /**
   * Connections after which a server with a fresh share on each would have come to this secret, but for one time out of
   * a million.
   */
  readonly connections: number;
}

type Described = Omit<ShareDeviation, "group" | "expects" | "begin" | "versions"> & {
  readonly versions?: readonly TlsVersion[];
  readonly made: (right: KeyShare) => Pick<KeyShare, "public" | "agree">;
};

const known = (octets: Buffer, secret: Buffer) => ({ public: octets, agree: () => secret });

/** Which share a client sends instead of a right one. */
type Named = Readonly<Record<string, Described>>;

interface MontgomeryField {
  readonly octets: number;
  readonly prime: bigint;
  readonly clause: string;
}
const MONTGOMERY = {
  x25519: { octets: 32, prime: 2n ** 255n - 19n, clause: "RFC 7748 6.1, RFC 8446 7.4.2, RFC 8422 5.11" },
  x448: {
    octets: 56,
    prime: 2n ** 448n - 2n ** 224n - 1n,
    clause: "RFC 7748 6.2, RFC 8446 7.4.2, RFC 8422 5.11",
  },
} as const satisfies Readonly<Record<string, MontgomeryField>>;

/** u of the points of order eight, smaller one first. */
const ORDER_EIGHT = [
  325606250916557431795983626356110631294008115727848805560023387167927233504n,
  39382357235489614581723060781553021112529911719440698176882885853963445705823n,
] as const;
/** The bit that is no part of u (RFC 7748 5). */
const UNUSED_BIT = 2n ** 255n;

/** A point of small order gives zero: each scalar is a multiple of the cofactor. */
function montgomery(
  { octets, prime, clause }: MontgomeryField,
  more: Readonly<Record<string, readonly [bigint, string]>>,
) {
  const points: Readonly<Record<string, readonly [bigint, string]>> = {
    zero: [0n, "is the point zero"],
    one: [1n, "is one, a point of order four"],
    minusOne: [prime - 1n, "is the prime less one, a point of small order"],
    prime: [prime, "is the prime, which stands for the point zero"],
    primeAndOne: [prime + 1n, "is the prime and one, which stands for one"],
    ...more,
  };
  return Object.fromEntries(
    Object.entries(points).map(([name, [u, text]]): [string, Described] => [
      name,
      {
        title: `the client's share ${text}, so that everybody knows the shared secret`,
        clause,
        flaw: "degenerate",
        connections: 1,
        made: () => known(octetsOf(u, octets).reverse(), Buffer.alloc(octets)),
      },
    ]),
  );
}

/** A right share with its point in another form. */
const reformed =
  (
    form: (point: { readonly x: Buffer; readonly y: Buffer }) => Buffer,
    { octets }: Field,
  ): Described["made"] =>
  (right) => {
    const x = right.public.subarray(1, 1 + octets);
    const y = right.public.subarray(1 + octets);
    return { public: form({ x, y }), agree: (peer) => right.agree(peer) };
  };

const UNCOMPRESSED = Buffer.of(POINT_FORM.uncompressed);
const CURVE_CLAUSE = "RFC 8446 4.2.8.2, RFC 8422 5.11";
/** Of 3^13 servers with a fresh share on each connection, one would not get to this secret. */
const TRIES_OF_THREE = 13;

function weierstrass(field: Field): Named {
  const { octets } = field;
  return {
    orderThree: {
      title: "the client's share is a point of order three of another curve, whose multiples have one x",
      clause: CURVE_CLAUSE,
      flaw: "degenerate",
      connections: TRIES_OF_THREE,
      made: () => {
        const point = pointOfOrderThree(field);
        return known(uncompressed(point, field), octetsOf(point.x, octets));
      },
    },
    zero: {
      title: "the client's share has zeros for both coordinates, as infinity is often kept",
      clause: CURVE_CLAUSE,
      flaw: "degenerate",
      connections: 1,
      made: () => known(uncompressed({ x: 0n, y: 0n }, field), Buffer.alloc(octets)),
    },
    infinity: {
      title: "the client's share is the point at infinity, whose multiples all are infinity",
      clause: `${CURVE_CLAUSE}, SEC 1 2.3.3`,
      flaw: "degenerate",
      connections: 1,
      made: () => known(Buffer.of(POINT_FORM.infinity), Buffer.alloc(octets)),
    },
    compressed: {
      title: "the client's share is a right point in the compressed form",
      clause: "RFC 8446 4.2.8.2, RFC 8422 5.4.1",
      flaw: "form",
      connections: 1,
      made: reformed(
        ({ x, y }) => Buffer.concat([Buffer.of(POINT_FORM.compressed + ((y.at(-1) ?? 0) & 1)), x]),
        field,
      ),
    },
    longer: {
      title: "the client's share is a right point with an octet behind it",
      clause: "RFC 8446 4.2.8.2, RFC 8422 5.4.1",
      flaw: "form",
      connections: 1,
      made: reformed(({ x, y }) => Buffer.concat([UNCOMPRESSED, x, y, Buffer.of(0)]), field),
    },
  };
}

/** Only the field of this curve leaves room in its octets for the prime and any coordinate. */
const BEYOND_PRIME: Named = {
  beyondPrime: {
    title: "the client's share is a right point whose x is written with the prime added",
    clause: "RFC 8446 4.2.8.2",
    flaw: "form",
    connections: 1,
    made: reformed(({ x, y }) => {
      const { prime, octets } = WEIERSTRASS.secp521r1;
      return Buffer.concat([UNCOMPRESSED, octetsOf(numberOf(x) + prime, octets), y]);
    }, WEIERSTRASS.secp521r1),
  },
};

/** Of 2^20 servers with a fresh share on each connection, one would not get to this secret. */
const TRIES_OF_TWO = 20;

/** A secret as a server may write it: as the version has it, or as something else up to TLS 1.2. */
type Writing = "" | "Empty" | "Whole";
const TEXT_OF_WRITING = {
  "": "",
  Empty: "; the secret has no octets",
  Whole: "; the secret is as long as the prime",
} as const satisfies Readonly<Record<Writing, string>>;

function numbers(
  name: string,
  text: string,
  value: (prime: bigint) => bigint,
  secret: (prime: bigint) => bigint,
  { writings, connections = 1 }: { readonly writings: readonly Writing[]; readonly connections?: number },
): readonly [string, Described][] {
  return writings.map((writing) => [
    `${name}${writing}`,
    {
      title: `the client's share ${text}, so that everybody knows the shared secret${TEXT_OF_WRITING[writing]}`,
      clause: "RFC 8446 4.2.8.1, RFC 7919 5.1",
      flaw: "degenerate",
      connections,
      ...(writing === "" ? {} : { versions: LEGACY }),
      made: ({ field }) => {
        if (field === undefined) throw new Error("the share is of no finite field");
        const { prime, formed } = field;
        const whole = octetsOf(secret(prime), octetsOf(prime, 1_024).length);
        const written =
          writing === "" ? formed(secret(prime)) : writing === "Empty" ? Buffer.alloc(0) : whole;
        return known(formed(value(prime)), written);
      },
    },
  ]);
}

const zero = () => 0n;
const one = () => 1n;
const ALL_WRITINGS: readonly Writing[] = ["", "Empty", "Whole"];
const SHORT_WRITINGS: readonly Writing[] = ["", "Whole"];
const FINITE_FIELD: Named = Object.fromEntries([
  ...numbers("zero", "is zero", zero, zero, { writings: ALL_WRITINGS }),
  ...numbers("prime", "is the prime, which stands for zero", (p) => p, zero, { writings: ALL_WRITINGS }),
  ...numbers("one", "is one", one, one, { writings: SHORT_WRITINGS }),
  ...numbers("primeAndOne", "is the prime and one, which stands for one", (p) => p + 1n, one, {
    writings: SHORT_WRITINGS,
  }),
  ...numbers(
    "minusOne",
    "is the prime less one, which an odd power leaves so",
    (p) => p - 1n,
    (p) => p - 1n,
    {
      writings: [""],
      connections: TRIES_OF_TWO,
    },
  ),
  ...numbers("minusOneSquared", "is the prime less one, of which an even power is one", (p) => p - 1n, one, {
    writings: SHORT_WRITINGS,
    connections: TRIES_OF_TWO,
  }),
]);

const NAMED: Readonly<Record<ShareGroup, Named>> = {
  x25519: montgomery(MONTGOMERY.x25519, {
    orderEight: [ORDER_EIGHT[0], "is a point of order eight"],
    otherOrderEight: [ORDER_EIGHT[1], "is the other point of order eight"],
    unusedBit: [UNUSED_BIT, "is the point zero with the bit set that is no part of it"],
  }),
  x448: montgomery(MONTGOMERY.x448, {}),
  secp256r1: weierstrass(WEIERSTRASS.secp256r1),
  secp384r1: weierstrass(WEIERSTRASS.secp384r1),
  secp521r1: { ...weierstrass(WEIERSTRASS.secp521r1), ...BEYOND_PRIME },
  "finite-field": FINITE_FIELD,
};
// The keys of a record of ours are its type's.
const SHARE_GROUPS = Object.keys(NAMED) as ShareGroup[];

export type ShareDeviationName = `${string}@${ShareGroup}`;

/** Which of them a name of a group is for; undefined: every share of it is a right one. */
function deviating(group: ShareGroup, { made }: Described): TlsDeviation["begin"] {
  return () => ({
    share: (right) => (belongs(right, group) ? { ...right, ...made(right) } : right),
  });
}

const belongs = ({ field, public: own }: KeyShare, group: ShareGroup): boolean =>
  group === "finite-field" ? field !== undefined : field === undefined && own.length === SHARE_OCTETS[group];

/** By which a share is known: no two groups have shares of the same length. */
const SHARE_OCTETS: Readonly<Record<Exclude<ShareGroup, "finite-field">, number>> = {
  x25519: MONTGOMERY.x25519.octets,
  x448: MONTGOMERY.x448.octets,
  ...lengthsOfPoints(),
};

function lengthsOfPoints(): Readonly<Record<WeierstrassName, number>> {
  const length = ({ octets }: Field) => 1 + 2 * octets;
  const { secp256r1, secp384r1, secp521r1 } = WEIERSTRASS;
  return { secp256r1: length(secp256r1), secp384r1: length(secp384r1), secp521r1: length(secp521r1) };
}

/** Every wrong share, by name (`orderThree@secp256r1`). */
export const SHARE_DEVIATIONS: ReadonlyMap<ShareDeviationName, ShareDeviation> = new Map(
  SHARE_GROUPS.flatMap((group) =>
    Object.entries(NAMED[group]).map(([name, described]) => {
      const { made: _made, title, versions = ALL, ...rest } = described;
      const deviation: ShareDeviation = {
        ...rest,
        title: `${group}: ${title}`,
        versions,
        group,
        expects: "refuse",
        begin: deviating(group, described),
      };
      return [`${name}@${group}`, deviation] as const;
    }),
  ),
);

/** @throws Error when none has this name */
export function shareDeviation(name: ShareDeviationName): ShareDeviation {
  const found = SHARE_DEVIATIONS.get(name);
  if (found === undefined) throw new Error(`there is no share ${name}`);
  return found;
}

/** Those with this flaw in this group and version. */
export function wrongShares(
  group: ShareGroup,
  version: TlsVersion,
  flaw: ShareFlaw,
): readonly ShareDeviationName[] {
  return [...SHARE_DEVIATIONS]
    .filter(([, one]) => one.group === group && one.flaw === flaw && one.versions.includes(version))
    .map(([name]) => name);
}
