import type { ServerSetup } from "../server/conversation.ts";
import type { TlsDeviation } from "./deviation.ts";
import { SERVER_HELLO_DEVIATIONS } from "./server-hellos.ts";
import { SERVER_MESSAGE_DEVIATIONS } from "./server-messages.ts";

/** A named misbehaviour that only a server can show. `expects` says what a client has to make of it. */
export interface ServerDeviation extends Omit<TlsDeviation, "begin" | "expectsIn"> {
  /** Only where this proves the server; absent: with either. */
  readonly authentication?: "psk" | "certificate";
  /** Hooks for one connection. */
  readonly begin: () => NonNullable<ServerSetup["hooks"]>;
}

/**
 * Every misbehaviour of the TLS server that a client cannot show too, by name; those that both can show are in
 * TLS_DEVIATIONS. The tests of harness/wire/engine hold `expects` to what two independent clients do in each version.
 */
export const SERVER_DEVIATIONS = {
  ...SERVER_HELLO_DEVIATIONS,
  ...SERVER_MESSAGE_DEVIATIONS,
} as const satisfies Readonly<Record<string, ServerDeviation>>;
export type ServerDeviationName = keyof typeof SERVER_DEVIATIONS;

export const serverDeviation = (name: ServerDeviationName): ServerDeviation => SERVER_DEVIATIONS[name];
