import type { UserSecuritySetting } from "../../protocols/diameter/index.ts";
import type { Destination } from "../../wire/secure-client.ts";
import type { DiameterAnswer } from "./diameter-deviations.ts";
import type { GbaType, ZnAnswer } from "./steering.ts";

/** A key request in the terms of both bindings. */
export interface KeyRequest {
  /** As it was received: it may be no B-TID of ours. */
  readonly btid: string;
  readonly nafFqdn: string;
  /** Ua security protocol identifier, 10 hex digits in lower case. */
  readonly ua: string;
  /** Subject of the client certificate with which the enabler, or a relay, authenticated itself; empty: none. */
  readonly client: string;
  /** Origin-Host of the request; Diameter only. */
  readonly originHost?: string;
}

/** What a conforming key manager tells of a key. */
export interface KeyInformation {
  /** Ks_NAF, 32 octets. */
  readonly key: Uint8Array;
  /** Ks_int_NAF, 32 octets; undefined: the UICC has no part in this bootstrapping, or the enabler is not told. */
  readonly uiccKey: Uint8Array | undefined;
  readonly expiry: Date;
  readonly created: Date;
  readonly gbaType: GbaType;
  /** Undefined: withheld from the enabler. */
  readonly impi: string | undefined;
  readonly uss: readonly UserSecuritySetting[];
}

/** What the key manager decided about a key request; each binding gives it the form of its own. */
export type ZnReaction =
  | { readonly answer: KeylessAnswer }
  | {
      readonly answer: Exclude<ZnAnswer, KeylessAnswer>;
      readonly information: KeyInformation;
      readonly deviation?: DiameterAnswer;
    };

/** Answers that need no key. */
const KEYLESS = ["unknown", "not-authorised", "busy", "overloaded", "silent", "reset", "html"] as const;
export type KeylessAnswer = (typeof KEYLESS)[number];

export function isKeyless(answer: ZnAnswer): answer is KeylessAnswer {
  return KEYLESS.some((one) => one === answer);
}

/** Where the key manager listens with, when not with what it was started with. */
export type ZnCredentials =
  | { readonly certificate: string; readonly privateKey: string }
  /** Without TLS, as no key manager may: only to show that nobody asks there. */
  | "unprotected";

/** How the key manager listens for a time; what is absent is as it was started. */
export interface ZnListening {
  readonly credentials?: ZnCredentials;
  /** Instead of its own place. */
  readonly at?: Destination;
  /** Takes the lines of a key log of all connections. */
  readonly onSecret?: (line: string) => void;
}

export interface ZnListenerOptions {
  readonly host: string;
  readonly port: number;
  /** PEM. */
  readonly certificate: string;
  readonly privateKey: string;
  /** PEM of the CAs of the enablers' client certificates. */
  readonly trust: string;
  readonly onRequest: (request: KeyRequest) => ZnReaction | Promise<ZnReaction>;
  /** A message that the binding does not allow, in one line. */
  readonly onMalformed: (problem: string) => void;
  /** A TLS handshake that was not completed. */
  readonly onRefused?: (problem: string) => void;
}

/** Zn in one binding. */
export interface ZnListener {
  readonly port: number;
  /**
   * Listens, on the same port as before when it was stopped. @returns where
   * @throws the socket's error, EADDRINUSE when the port is taken.
   */
  listen(how?: ZnListening): Promise<Destination>;
  /** Closes the listener and every connection at once. */
  stop(): Promise<void>;
}
