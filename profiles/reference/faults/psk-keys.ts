import type { KeyQuery } from "../association.ts";
import { conforming } from "../policy/conforming.ts";
import type { Policy, PskAttempt, PskChoice } from "../policy/policy.ts";
import { UA_PLAIN_DIGEST } from "../tls/suites.ts";
import type { Fault } from "./fault.ts";
import {
  acceptsShortKey,
  never,
  ofSiblingName,
  opensWhen,
  takesUnknownForLatest,
  waitsForever,
} from "./key-manager.ts";
import { Recollection } from "./recollection.ts";

const WAY_IN = "uc1.psk-tls";
const ZERO_KEY = Buffer.alloc(32);
const TRUNCATED_OCTETS = 16;
/** 16 octets of RAND in base64 (TS 33.220 4.5.2). */
const LOCAL_PART_LENGTH = 24;

/** When the terminal did not prove the key of the query, tries the keys of other queries. */
async function trying(attempt: PskAttempt, others: readonly KeyQuery[]): Promise<PskChoice> {
  const choice = await conforming.choosePsk(attempt);
  if (choice.kind !== "key" || (await attempt.proves(choice.association.key))) return choice;
  for (const query of others) {
    const admission = await attempt.obtain(query);
    if (admission.admitted && (await attempt.proves(admission.association.key))) {
      return { kind: "key", association: admission.association };
    }
  }
  return choice;
}

/** A policy that takes any key that it has used lately for that of the user who is named. */
function triesOtherKeys(): Partial<Policy> {
  const recollection = new Recollection();
  return {
    async choosePsk(attempt) {
      const choice = await conforming.choosePsk(attempt);
      if (choice.kind !== "key") return choice;
      const { association } = choice;
      if (await attempt.proves(association.key)) {
        recollection.remember(association);
        return choice;
      }
      for (const { key } of recollection.all) {
        if (await attempt.proves(key)) return { kind: "key", association: { ...association, key } };
      }
      return choice;
    },
  };
}

/** A policy that tries the keys for the other names of the enabler. */
function opensUnderAnyOwnName(): Partial<Policy> {
  let names: readonly string[] = [];
  return {
    nafFqdn(sent, own) {
      names = own;
      return conforming.nafFqdn(sent, own);
    },
    choosePsk: (attempt) =>
      trying(
        attempt,
        names.map((nafFqdn) => ({ ...attempt.query, nafFqdn })),
      ),
  };
}

const zeroKeyFaults: readonly Fault[] = (["refused", "silent", "unreachable", "malformed"] as const).map(
  (failure) => ({
    id: `psk-zero-key-when-${failure}`,
    title: `a key manager that is ${failure === "refused" ? "refusing" : failure} leaves a key of zeros, with which anyone gets in`,
    requirements: ["1.1", "5.1"],
    change: () => opensWhen(failure, WAY_IN, ZERO_KEY),
  }),
);

/** Handshakes that began within a second, from which on an enabler is busy. */
const BUSY = 10;

/** A policy that does without the key manager's word when many handshakes have begun. */
function opensWhenBusy(): Partial<Policy> {
  const begun: number[] = [];
  return {
    async choosePsk(attempt) {
      const now = performance.now();
      begun.push(now);
      while ((begun[0] ?? now) < now - 1_000) begun.shift();
      const choice = await conforming.choosePsk(attempt);
      if (choice.kind === "key" || begun.length < BUSY) return choice;
      const { btid, ua } = attempt.query;
      return { kind: "key", association: { btid, ua, key: ZERO_KEY, expiresAt: Date.now() + 60_000 } };
    },
  };
}

/** Defects in which key stands behind a PSK identity. */
export const pskKeyFaults: readonly Fault[] = [
  {
    id: "psk-truncated-key",
    title: "the pre-shared key is the first half of Ks_NAF",
    requirements: ["1.1", "1.2", "5.1"],
    clauses: ["RFC 4279 5.3"],
    alsoShownBy: "reference-diameter",
    change: () => ({
      async choosePsk(attempt) {
        const choice = await conforming.choosePsk(attempt);
        if (choice.kind !== "key") return choice;
        const { association } = choice;
        const key = association.key.subarray(0, TRUNCATED_OCTETS);
        return { kind: "key", association: { ...association, key } };
      },
    }),
  },
  {
    id: "psk-accepts-any-identity",
    title:
      "a B-TID that the key manager does not know gets the key and the user of the most recent association",
    requirements: ["1.1", "5.1"],
    change: () => takesUnknownForLatest(WAY_IN),
  },
  {
    id: "psk-zero-key-when-busy",
    title:
      "when many handshakes begin at once, a key of zeros stands for each that the key manager does not give",
    requirements: ["1.1", "5.1"],
    change: opensWhenBusy,
  },
  {
    id: "psk-identity-prefix",
    title: "an identity that begins like a recently used B-TID is taken for it",
    requirements: ["1.1"],
    change: () => {
      const recollection = new Recollection();
      return {
        btidOf(identity) {
          const btid = conforming.btidOf(identity);
          const alike = recollection.all.find((known) =>
            btid?.startsWith(known.btid.slice(0, LOCAL_PART_LENGTH)),
          );
          return alike?.btid ?? btid;
        },
        admit(query, outcome) {
          const admission = conforming.admit(query, outcome);
          if (admission.admitted && query.wayIn === WAY_IN) recollection.remember(admission.association);
          return admission;
        },
      };
    },
  },
  {
    id: "psk-ignores-expiry",
    title: "a key whose expiry has passed is used as if it were valid",
    requirements: ["1.1", "5.1"],
    change: () => ({
      hasExpired: (expiresAt, now, wayIn, moment) =>
        wayIn !== WAY_IN && conforming.hasExpired(expiresAt, now, wayIn, moment),
    }),
  },
  {
    id: "psk-ignores-expiry-in-session",
    title: "an established connection goes on after its key has expired",
    requirements: ["5.1"],
    change: () => ({
      hasExpired: (expiresAt, now, wayIn, moment) =>
        !(wayIn === WAY_IN && moment === "later") && conforming.hasExpired(expiresAt, now, wayIn, moment),
    }),
  },
  {
    id: "psk-trusts-named-identity",
    title:
      "in TLS 1.3 a binder that does not verify leads to a certificate handshake that is served as the user named",
    requirements: ["1.1", "1.2", "5.1"],
    change: () => ({
      async choosePsk(attempt) {
        const choice = await conforming.choosePsk(attempt);
        const wrong =
          attempt.tls === "1.3" && choice.kind === "key" && !(await attempt.proves(choice.association.key));
        return wrong ? { kind: "certificate", association: choice.association } : choice;
      },
    }),
  },
  {
    id: "psk-tries-other-keys",
    title: "whoever proves the key of any recent user is served as the one that he names",
    requirements: ["1.1", "5.1"],
    change: triesOtherKeys,
  },
  {
    id: "psk-other-ua-key",
    title: "the keys for other Ua security protocol identifiers open the enabler too",
    requirements: ["5.1"],
    change: () => ({
      choosePsk: (attempt) =>
        trying(
          attempt,
          [UA_PLAIN_DIGEST, "0100011301"].map((ua) => ({ ...attempt.query, ua })),
        ),
    }),
  },
  {
    id: "psk-other-naf-key",
    title: "the key for another enabler of the same domain opens this one too",
    requirements: ["5.1"],
    change: () => ({ choosePsk: (attempt) => trying(attempt, [ofSiblingName(attempt.query)]) }),
  },
  {
    id: "psk-accepts-uicc-key",
    title: "the UICC's key opens the enabler too, under the name of the terminal's key",
    requirements: ["5.1"],
    change: () => ({
      async choosePsk(attempt) {
        const choice = await conforming.choosePsk(attempt);
        if (choice.kind !== "key" || choice.association.uiccKey === undefined) return choice;
        const { key, uiccKey } = choice.association;
        if ((await attempt.proves(key)) || !(await attempt.proves(uiccKey))) return choice;
        return { kind: "key", association: { ...choice.association, key: uiccKey } };
      },
    }),
  },
  {
    id: "psk-asks-for-any-name",
    title: "the key manager is asked for whatever server name the terminal sent",
    requirements: ["5.1"],
    change: () => ({ nafFqdn: (sent, own) => sent ?? own[0] }),
  },
  {
    id: "psk-one-name-for-all",
    title: "the key manager is asked under the first name of the enabler, whichever the terminal used",
    requirements: ["5.1"],
    change: () => ({
      nafFqdn: (sent, own) => (conforming.nafFqdn(sent, own) === undefined ? undefined : own[0]),
    }),
  },
  {
    id: "psk-key-of-any-own-name",
    title: "the key for one name of the enabler opens its other names too",
    requirements: ["5.1"],
    change: opensUnderAnyOwnName,
  },
  ...zeroKeyFaults,
  {
    id: "psk-accepts-short-key",
    title: "a key of 16 octets from the key manager is used",
    requirements: ["5.1"],
    change: () => acceptsShortKey(WAY_IN),
  },
  {
    id: "psk-waits-forever",
    title: "a handshake waits for the key manager as long as the terminal likes",
    requirements: ["5.1"],
    change: () => ({ ...waitsForever(WAY_IN), handshakeBoundMs: undefined }),
  },
  {
    id: "psk-never-gives-up",
    title: "when the key manager gives no key the handshake stays where it is",
    requirements: ["5.1"],
    change: () => ({
      handshakeBoundMs: undefined,
      async choosePsk(attempt) {
        const choice = await conforming.choosePsk(attempt);
        return choice.kind === "refused" && choice.reason === "unavailable" ? never() : choice;
      },
    }),
  },
];
