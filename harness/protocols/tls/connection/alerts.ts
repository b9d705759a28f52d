import { ALERT } from "../alert.ts";

const WARNING = 1;
const USER_CANCELED = 90;

/**
 * Whether an alert ends nothing. A warning goes by; in TLS 1.3 only the description counts, and user_canceled alone ends
 * nothing (RFC 8446 6). close_notify always ends something.
 */
export function goesBy(
  { level, description }: { readonly level: number; readonly description: number },
  is13: boolean,
): boolean {
  if (description === ALERT.closeNotify) return false;
  return is13 ? description === USER_CANCELED : level === WARNING;
}
