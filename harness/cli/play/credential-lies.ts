import { randomBytes } from "node:crypto";
import { makeBTid } from "../../protocols/gba/index.ts";
import type { NafCredential } from "../../roles/terminal/index.ts";

interface Lie {
  readonly title: string;
  readonly clause: string;
  readonly tell: (credential: NafCredential, keyManager: string) => NafCredential;
}

/** How a terminal can lie about who it is, over both ways in. */
export const CREDENTIAL_LIES = {
  wrongKey: {
    title: "the name is valid and the key is another one",
    clause: "SEC_CF 1.1",
    tell: (credential) => credential.withKey(randomBytes(32), "another key"),
  },
  unknownBTid: {
    title: "the name is one that the key manager never gave out",
    clause: "SEC_CF 1.1, 5.1",
    tell: (credential, keyManager) =>
      credential.withName(makeBTid(randomBytes(16), keyManager), "unknown B-TID"),
  },
} as const satisfies Readonly<Record<string, Lie>>;
export type CredentialLie = keyof typeof CREDENTIAL_LIES;
