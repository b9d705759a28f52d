/** What the key manager answers on Zn instead of the key: each a named deviation of this role. */
export const ZN_ANSWERS = {
  key: { title: "the key, as TS 29.309 5.2.2 has it", clause: "TS 29.309" },
  unknown: { title: "404: no such B-TID", clause: "TS 29.309, TS 29.109 6.2 (5403)" },
  "not-authorised": {
    title: "403: the enabler may not have this key",
    clause: "TS 29.309, TS 29.109 6.2 (5402)",
  },
  busy: { title: "503: try later", clause: "TS 29.309" },
  overloaded: { title: "429: too many requests", clause: "TS 29.309" },
  silent: { title: "no answer, the stream stays open", clause: "RD 5.1" },
  reset: { title: "the stream is reset", clause: "RFC 9113 5.4.2" },
  "wrong-key": { title: "a well-formed key that is not Ks_NAF", clause: "TS 33.220 4.5.3" },
  "short-key": { title: "a key of 16 octets", clause: "TS 29.309 (32 octets)" },
  "empty-key": { title: "a key of 0 octets", clause: "TS 29.309 (32 octets)" },
  "long-key": { title: "a key of 33 octets", clause: "TS 29.309 (32 octets)" },
  "no-key": { title: "an answer without meKeyMaterial", clause: "TS 29.309" },
  "no-hex": { title: "meKeyMaterial that is no hexadecimal string", clause: "TS 29.309" },
  "broken-json": { title: "JSON that ends in the middle", clause: "RFC 8259" },
  html: { title: "200 with an HTML page", clause: "TS 29.309 (application/json)" },
} as const;
export type ZnAnswer = keyof typeof ZN_ANSWERS;

/** How the key manager treats one B-TID; what is absent is as a conforming key manager has it. */
export interface Steering {
  readonly answer?: ZnAnswer;
  /** Expiry told on Zn and Ub instead of the bootstrapped one. */
  readonly expiry?: Date;
  /** `withheld`: the enabler gets no IMPI and no user identities (anonymous use, RD 5.1.5). */
  readonly identity?: "given" | "withheld";
  /** Gives this key to an enabler under any FQDN, so that only the enabler itself can refuse. */
  readonly anyNaf?: true;
}

/** One key request that an enabler made on Zn. */
export interface ZnRequest {
  /** As it was received: it may be no B-TID of ours. */
  readonly btid: string;
  readonly nafFqdn: string;
  /** Ua security protocol identifier, 10 hex digits in lower case. */
  readonly ua: string;
  /** Subject of the client certificate with which the enabler authenticated itself. */
  readonly client: string;
}
