import type { TlsDeviation } from "./deviation.ts";
import { HELLO_DEVIATIONS } from "./hellos.ts";
import { MESSAGE_DEVIATIONS } from "./messages.ts";
import { RECORD_DEVIATIONS } from "./records.ts";

/**
 * Every named misbehaviour of the TLS client, by name. Each says in one sentence what is sent, by which clause that is
 * wrong (or just allowed), in which versions it can be carried out, and what a server has to make of it:
 * - `refuse`: the clause ends the connection; nothing that was sent with or after the deviation is acted on,
 * - `accept`: the clause allows it; the connection goes on as if nothing were,
 * - `either`: a sender must not do it, and no clause says what a receiver does; it is only observed.
 *
 *     new TlsClient({ ...setup, hooks: TLS_DEVIATIONS.wrongFinished.begin() }, events);
 *
 * `begin` gives hooks for one connection. The tests beside hold each to what it names; those of harness/wire/engine hold
 * `expects` to what OpenSSL does in every version.
 */
export const TLS_DEVIATIONS = {
  ...HELLO_DEVIATIONS,
  ...MESSAGE_DEVIATIONS,
  ...RECORD_DEVIATIONS,
} as const satisfies Readonly<Record<string, TlsDeviation>>;
export type TlsDeviationName = keyof typeof TLS_DEVIATIONS;
export type { TlsDeviation };
