import { type HttpResponse, headerValues } from "../../wire/http-message.ts";
import type { Bench } from "./bench.ts";
import { type Diagnosis, ixit } from "./diagnosis.ts";

/** The resolution of a Date header (RFC 9110 5.6.7): milliseconds. */
const RESOLUTION_MS = 1_000;

/**
 * The clock of the system by its Date header. Only a difference is told that neither the header's resolution nor the
 * time on the way explains; `sent` and `received` are milliseconds since 1970, here.
 */
export function judgeClock(
  { ixit: { bounds } }: Bench,
  diagnosis: Diagnosis,
  response: HttpResponse,
  { sent, received }: { readonly sent: number; readonly received: number },
): void {
  const [header = ""] = headerValues(response, "date");
  const date = Date.parse(header);
  if (Number.isNaN(date)) {
    diagnosis.note("the clock of the system cannot be seen: its responses carry no Date header");
    return;
  }
  const ahead = date - received;
  const behind = sent - (date + RESOLUTION_MS);
  const difference = Math.max(ahead, behind, 0);
  if (difference <= bounds.expiryToleranceMs) {
    diagnosis.ok(`clock: within ${bounds.expiryToleranceMs} ms of this machine's, by the Date header`);
    return;
  }
  diagnosis.found(
    "clock",
    ixit("bounds", "expiryToleranceMs"),
    `the clock of the system is at least ${difference} ms ${ahead > behind ? "ahead of" : "behind"} this machine's ` +
      `(Date: ${header}), and ${bounds.expiryToleranceMs} ms are tolerated`,
    "Set both clocks by NTP; a larger tolerance makes the cases about expiry less sharp.",
  );
}
