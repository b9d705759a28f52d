import { type TestCase, testCase } from "../../harness/conformance/case.ts";
import type { CaseContext } from "../../harness/conformance/case-context.ts";
import { pskIdentity } from "../../harness/protocols/gba/index.ts";
import { describeEnding } from "../../harness/wire/observer.ts";
import { NORMAL } from "./flows.ts";
import { btidOfIdentity, letters } from "./identities.ts";

const REFUSED = "no protected resource is served and no state changes";
const NOT_ASKED = "the key manager is not asked for an identity that the terminal did not name";

/** The most that a message can hold. A ClientHello of TLS 1.3 has room for less (RFC 8446 4.2.11). */
const longest = (tls: string | undefined): number => (tls === "1.3" ? 65_000 : 65_535);

/**
 * Octets of an identity that somebody has, and of those that are named instead. RFC 4279 5.3 demands room for 128; many
 * products have it for 256, or for 255 and an end.
 */
function lengths(tls: string | undefined): readonly (readonly [known: number, named: readonly number[]])[] {
  return [
    [128, [256, 512, 4_096]],
    [255, [256, longest(tls)]],
    [256, [257, longest(tls)]],
  ];
}

/** The identity with octets in front or behind until it has so many. */
function filled(identity: Buffer, shares: string | undefined, octets: number): Buffer {
  const more = Buffer.from(letters(octets - identity.length));
  return Buffer.concat(shares === "suffix" ? [more, identity] : [identity, more]);
}

export const longIdentity: TestCase = testCase(
  {
    ...NORMAL,
    id: "UC1-PSK-BO-30",
    purpose:
      "An identity of 256 to 65,535 octets is never taken for another one that is a part of it, and harms nothing",
    requirements: ["1.1"],
    polarity: "boundary",
    parameters: ["tls"],
    variants: { shares: ["prefix", "suffix"] },
    clauses: ["RFC 4279 2, 5.3", "RFC 8446 4.2.11", "RFC 9257 6.1.1"],
    steps: [
      "terminals are given identities of 128, 255 and 256 octets and enter with them, as far as the enabler takes them",
      "with the key of each, identities of 256 to 65,535 octets are named that begin or end with it, which were never given out",
    ],
  },
  async ({ anotherTerminal, ixit, parameters, preamble, check, observe }) => {
    for (const [length, named] of lengths(parameters["tls"])) {
      const terminal = anotherTerminal();
      const { btid, credential } = await preamble("a terminal bootstraps", () =>
        terminal.bootstrap({ btid: btidOfIdentity(length, ixit) }),
      );
      const entry = await terminal.enter(credential);
      observe(`identity of ${length} octets`, entry.entered ? "let in" : describeEnding(entry.ending));
      const own = Buffer.from(pskIdentity(btid, ixit.psk.separator));
      for (const octets of named) {
        const identityOctets = filled(own, parameters["shares"], octets);
        const attempt = await terminal.attempt(credential, { identityOctets });
        const how = `${octets} octets, ${length} of them those of a terminal: ${attempt.how}`;
        check("1.1", REFUSED, attempt.refused, how);
      }
    }
  },
);

const NUL = Buffer.of(0);

/** Octets that software of some kind reads as `text`, and that are not it. */
type Disguise = (text: string) => Buffer;

/** In the middle of the name, where all but the disguise is the same. */
function inserted(text: string, octets: Buffer): Buffer {
  const at = text.indexOf("@");
  return Buffer.concat([Buffer.from(text.slice(0, at)), octets, Buffer.from(text.slice(at))]);
}

const WITH_NUL: Readonly<Record<string, Disguise>> = {
  // A string of C ends at NUL.
  end: (text) => Buffer.concat([Buffer.from(text), NUL]),
  followed: (text) => Buffer.concat([Buffer.from(text), NUL, Buffer.from("x")]),
  // What cannot be shown is left out.
  inside: (text) => inserted(text, NUL),
};

const NOT_UTF8: Readonly<Record<string, Disguise>> = {
  // A decoder leaves out what it cannot read.
  "left-out": (text) => inserted(text, Buffer.of(0xff)),
  // ASCII in seven bits.
  "high-bit": (text) => {
    const octets = Buffer.from(text);
    const at = text.indexOf("@") - 1;
    octets.writeUInt8(octets.readUInt8(at) | 0x80, at);
    return octets;
  },
  // "@" in two octets: RFC 3629 3 forbids forms that are longer than need be.
  overlong: (text) => {
    const [local = "", domain = ""] = text.split("@");
    return Buffer.concat([Buffer.from(local), Buffer.of(0xc1, 0x80), Buffer.from(domain)]);
  },
  // A decoder puts U+FFFD where it cannot read: below, the terminal was given a name that has it.
  replaced: (text) =>
    Buffer.from(Buffer.from(text).toString("latin1").replace("\xef\xbf\xbd", "\xff"), "latin1"),
};

/** Names a terminal's identity in disguise and proves its key; then asks what the enabler wanted on Zn. */
async function inDisguise(context: CaseContext, disguise: Disguise, btidGiven?: string): Promise<void> {
  const { terminal, ixit, keyManager, preamble, check, observe } = context;
  const { btid, credential } = await preamble("the terminal bootstraps", () =>
    terminal.bootstrap(btidGiven === undefined ? {} : { btid: btidGiven }),
  );
  const entry = await terminal.enter(credential);
  observe("under its own name", entry.entered ? "let in" : describeEnding(entry.ending));
  const identity = pskIdentity(btid, ixit.psk.separator);
  const identityOctets = disguise(identity);
  // The B-TID, and what is left of it when it is cut at NUL: names that the terminal did not use.
  const end = identityOctets.indexOf(0);
  const cut = identityOctets.toString("latin1", identity.length - btid.length, Math.max(end, 0));
  const names = new Set([btid, ...(end < 0 ? [] : [cut])]);
  const asked = () => [...names].reduce((sum, name) => sum + keyManager.requestsFor(name).length, 0);
  const before = asked();
  const attempt = await terminal.attempt(credential, { identityOctets });
  const shown = `identity ${JSON.stringify(Buffer.from(identityOctets).toString("latin1"))}`;
  check("1.1", REFUSED, attempt.refused, `${shown}: ${attempt.how}`);
  const more = asked() - before;
  check("5.1", NOT_ASKED, more === 0, `${shown}: ${more} requests for ${[...names].join(" or ")}`);
}

export const identityWithNul: TestCase = testCase(
  {
    ...NORMAL,
    id: "UC1-PSK-BO-31",
    purpose: "An identity with NUL is not the one that is left when it is cut there or NUL is left out",
    requirements: ["1.1", "5.1"],
    polarity: "boundary",
    parameters: ["tls"],
    variants: { nul: Object.keys(WITH_NUL) },
    clauses: ["RFC 4279 2, 5.1", "RFC 8446 4.2.11", "RFC 9257 6.1.1"],
    steps: [
      "the terminal is served",
      "with its own key it names its identity with NUL behind it, with NUL and a letter behind it, or with NUL in it",
    ],
  },
  async (context) => {
    const disguise = WITH_NUL[context.parameters["nul"] ?? ""];
    if (disguise !== undefined) await inDisguise(context, disguise);
  },
);

export const identityOfOtherOctets: TestCase = testCase(
  {
    ...NORMAL,
    id: "UC1-PSK-BO-32",
    purpose: "An identity that is not UTF-8 is not the one that a careless decoder makes of it",
    requirements: ["1.1", "5.1"],
    polarity: "boundary",
    parameters: ["tls"],
    clauses: ["RFC 4279 5.1", "RFC 3629 3", "RFC 8446 4.2.11", "RFC 9257 6.1.1"],
    steps: [
      "the terminal enters; for replaced octets the key manager gives out a B-TID with U+FFFD, which the enabler need not take",
      "with its own key it names octets that a decoder would read as its identity when it leaves out, replaces, masks or shortens what is not UTF-8",
    ],
  },
  async (context) => {
    const odd = `${letters(12)}\u{fffd}${letters(11)}@${context.ixit.keyManager.name}`;
    for (const [form, disguise] of Object.entries(NOT_UTF8)) {
      await inDisguise(context, disguise, form === "replaced" ? odd : undefined);
    }
  },
);
