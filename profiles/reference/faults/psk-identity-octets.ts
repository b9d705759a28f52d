import { conforming } from "../policy/conforming.ts";
import type { Policy } from "../policy/policy.ts";
import type { Fault } from "./fault.ts";

/** What many products have room for, with an octet for the end of a string. OpenSSL itself takes no more than 256. */
const ROOM = 255;

/** What can be written in ASCII. */
function withoutOthers(octets: Buffer): Buffer {
  return Buffer.from(octets.filter((octet) => octet >= 0x20 && octet < 0x7f));
}

/**
 * A policy that reads whatever comes as UTF-8. Node never gives OpenSSL a key for an identity that is not UTF-8; in TLS
 * 1.3 the enabler looks at the binder itself and goes on with its certificate.
 */
function decodesLoosely(): Partial<Policy> {
  const loose = new Set<string>();
  return {
    identityText(octets) {
      const text = octets.toString("utf8");
      const btid = conforming.identityText(octets) === undefined ? conforming.btidOf(text) : undefined;
      if (btid !== undefined) loose.add(btid);
      return text;
    },
    async choosePsk(attempt) {
      const choice = await conforming.choosePsk(attempt);
      if (choice.kind !== "key" || attempt.tls !== "1.3" || !loose.delete(attempt.query.btid)) return choice;
      const { association } = choice;
      return (await attempt.proves(association.key)) ? { kind: "certificate", association } : choice;
    },
  };
}

/** Defects in how the octets of a PSK identity become a text. */
export const identityOctetFaults: readonly Fault[] = [
  {
    id: "psk-cuts-identity-at-255",
    title: "an identity of more than 255 octets is cut, and what is left is used",
    requirements: ["1.1"],
    change: () => ({ identityText: (octets) => conforming.identityText(octets.subarray(0, ROOM)) }),
  },
  {
    id: "psk-cuts-identity-at-nul",
    title: "an identity ends at its first NUL",
    requirements: ["1.1", "5.1"],
    change: () => ({
      identityText(octets) {
        const end = octets.indexOf(0);
        return conforming.identityText(end < 0 ? octets : octets.subarray(0, end));
      },
    }),
  },
  {
    id: "psk-decodes-identity-loosely",
    title:
      "octets of an identity that are not UTF-8 become U+FFFD, so that different identities look the same",
    requirements: ["1.1", "5.1"],
    change: decodesLoosely,
  },
  {
    id: "psk-drops-octets-of-identity",
    title: "octets of an identity that are not printable ASCII are left out",
    requirements: ["1.1", "5.1"],
    change: () => ({ identityText: (octets) => conforming.identityText(withoutOthers(octets)) }),
  },
];
