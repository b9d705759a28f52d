import type { UserSecuritySetting } from "../../protocols/diameter/index.ts";
import type { DiameterAnswer } from "./diameter-deviations.ts";

/**
 * What the key manager answers on Zn instead of the key: each a named deviation of this role, and each in both
 * bindings, so that a case need not know which one the system has. What only Diameter can get wrong are the
 * `DIAMETER_ANSWERS`.
 */
export const ZN_ANSWERS = {
  key: { title: "the key, as TS 29.309 5.2.2 and TS 29.109 have it", clause: "TS 29.309, TS 29.109" },
  unknown: { title: "404 or 5403: no such B-TID", clause: "TS 29.309, TS 29.109 6.2 (5403)" },
  "not-authorised": {
    title: "403 or 5402: the enabler may not have this key",
    clause: "TS 29.309, TS 29.109 6.2 (5402)",
  },
  busy: { title: "503, or 3004 with the E flag: try later", clause: "TS 29.309, RFC 6733 7.1.3" },
  overloaded: { title: "429, or the transient failure 4002", clause: "TS 29.309, RFC 6733 7.1.4" },
  silent: { title: "no answer, stream or connection stays open", clause: "RD 5.1" },
  reset: {
    title: "the stream, or the Diameter connection, is reset",
    clause: "RFC 9113 5.4.2, RFC 6733 2.1",
  },
  "wrong-key": { title: "a well-formed key that is not Ks_NAF", clause: "TS 33.220 4.5.3" },
  "short-key": { title: "a key of 16 octets", clause: "TS 29.309 (32 octets)" },
  "empty-key": { title: "a key of 0 octets", clause: "TS 29.309 (32 octets)" },
  "long-key": { title: "a key of 33 octets", clause: "TS 29.309 (32 octets)" },
  "no-key": { title: "success without key material", clause: "TS 29.309, TS 29.109" },
  "no-hex": {
    title: "key material in the wrong notation: no hexadecimal digits in JSON, 64 of them in an AVP",
    clause: "TS 29.309, TS 29.109 6.3",
  },
  "broken-json": {
    title: "an answer that ends in the middle: of JSON, or of its last AVP",
    clause: "RFC 8259, RFC 6733 4.1",
  },
  html: {
    title: "an HTML page in place of the answer's content",
    clause: "TS 29.309 (application/json), RFC 6733 4.1",
  },
} as const;
export type ZnAnswer = keyof typeof ZN_ANSWERS;

/** How the terminal bootstrapped, as Nbsp_GBA writes it. */
export type GbaType = "3G_GBA" | "2G_GBA" | "GBA_DIGEST";

/** How the key manager treats one B-TID; what is absent is as a conforming key manager has it. */
export interface Steering {
  readonly answer?: ZnAnswer;
  /** What is wrong in an answer that would give the key; with the binding `diameter` only. */
  readonly deviation?: DiameterAnswer;
  /** Expiry told on Zn and Ub instead of the bootstrapped one. */
  readonly expiry?: Date;
  /** `withheld`: the enabler gets no IMPI; without `uss` it knows no identity of the user (anonymous use, RD 5.1.5). */
  readonly identity?: "given" | "withheld";
  /** User security settings, which hold public identities of the user; without it the enabler gets none. */
  readonly uss?: readonly UserSecuritySetting[];
  /** The UICC has a key of its own (GBA_U, TS 33.220 5.3), and the enabler gets it beside that of the terminal. */
  readonly uiccKey?: "given";
  /** Instead of `3G_GBA`. */
  readonly gbaType?: GbaType;
  /** Instead of the time of the bootstrapping. */
  readonly created?: Date;
  /** Gives this key to an enabler under any FQDN, so that only the enabler itself can refuse. */
  readonly anyNaf?: true;
}
