import type { KeyQuery } from "../association.ts";
import type { DigestProof } from "../digest/terms.ts";
import { conforming, responseFits } from "../policy/conforming.ts";
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

const WAY_IN = "uc1.https-digest";

/** The key that fits: that of the request, else that of another query. */
async function trying(proof: DigestProof, other: KeyQuery): Promise<Buffer | undefined> {
  const key = await conforming.provenKey(proof);
  if (key !== undefined) return key;
  const admission = await proof.obtain(other);
  if (!admission.admitted) return undefined;
  return responseFits(proof, admission.association.key) ? admission.association.key : undefined;
}

const openFaults: readonly Fault[] = (["refused", "silent", "unreachable", "malformed"] as const).map(
  (failure) => ({
    id: `digest-open-when-${failure}`,
    title: `while the key manager is ${failure === "refused" ? "refusing" : failure}, requests are served without a check`,
    // Whoever listens in the place of the key manager without TLS is such a one too.
    requirements: failure === "unreachable" ? ["1.1", "4.1", "5.1"] : ["1.1", "5.1"],
    change: () => {
      const unchecked = Buffer.alloc(32);
      return {
        ...opensWhen(failure, WAY_IN, unchecked),
        provenKey: async (proof) =>
          proof.association.key === unchecked ? unchecked : conforming.provenKey(proof),
      };
    },
  }),
);

/** Defects in which key a Digest answer is checked with. */
export const digestKeyFaults: readonly Fault[] = [
  {
    id: "digest-unknown-user-last-key",
    title: "an unknown B-TID is checked with the key of the most recent association, and told as its user",
    requirements: ["1.1", "5.1"],
    change: () => takesUnknownForLatest(WAY_IN),
  },
  {
    id: "digest-other-ua-key",
    title: "the password of another Ua security protocol identifier is accepted too",
    requirements: ["5.1"],
    change: () => ({ provenKey: (proof) => trying(proof, { ...proof.query, ua: UA_PLAIN_DIGEST }) }),
  },
  {
    id: "digest-other-naf-key",
    title: "the password for another enabler of the same domain is accepted too",
    requirements: ["5.1"],
    change: () => ({ provenKey: (proof) => trying(proof, ofSiblingName(proof.query)) }),
  },
  {
    id: "digest-accepts-uicc-key",
    title: "the password of the UICC's key is accepted too, under the name of the terminal's key",
    requirements: ["5.1"],
    change: () => ({
      async provenKey(proof) {
        const key = await conforming.provenKey(proof);
        const { uiccKey } = proof.association;
        if (key !== undefined || uiccKey === undefined) return key;
        return responseFits(proof, uiccKey) ? uiccKey : undefined;
      },
    }),
  },
  {
    id: "digest-ignores-expiry",
    title: "a key whose expiry has passed is used as if it were valid",
    requirements: ["1.1", "5.1"],
    change: () => ({
      hasExpired: (expiresAt, now, wayIn, moment) =>
        wayIn !== WAY_IN && conforming.hasExpired(expiresAt, now, wayIn, moment),
    }),
  },
  {
    id: "digest-ignores-expiry-later",
    title: "a key that was valid when it was first used is used beyond its expiry",
    requirements: ["5.1"],
    change: () => ({
      hasExpired: (expiresAt, now, wayIn, moment) =>
        !(wayIn === WAY_IN && moment === "later") && conforming.hasExpired(expiresAt, now, wayIn, moment),
    }),
  },
  ...openFaults,
  {
    id: "digest-accepts-short-key",
    title: "a key of 16 octets from the key manager is used",
    requirements: ["5.1"],
    change: () => acceptsShortKey(WAY_IN),
  },
  {
    id: "digest-waits-forever",
    title: "a request waits for the key manager as long as the terminal likes",
    requirements: ["5.1"],
    change: () => waitsForever(WAY_IN),
  },
  {
    id: "digest-never-gives-up",
    title: "when the key manager gives no key the request is never answered",
    requirements: ["5.1"],
    change: () => ({
      async answer(steps) {
        const checked = await steps.check();
        if (!checked.ok && checked.refusal === "unavailable") return never();
        return conforming.answer({ ...steps, check: async () => checked });
      },
    }),
  },
];
