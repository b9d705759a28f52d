/** Time of RFC 6733 4.3.1: NTP seconds in four octets, beyond 2036 by the rule of RFC 4330 3. */

/** Seconds from 1 January 1900 to 1 January 1970. */
const EPOCH_1970 = 2_208_988_800;
/** Seconds after which four octets begin again: 7 February 2036, 06:28:16 UTC. */
const ERA = 2 ** 32;
const HALF_ERA = 2 ** 31;

/** The first and the last second that can be said: 20 January 1968, 03:14:08 and 26 February 2104, 09:42:23 UTC. */
export const EARLIEST_TIME = new Date((HALF_ERA - EPOCH_1970) * 1000);
export const LATEST_TIME = new Date((ERA + HALF_ERA - 1 - EPOCH_1970) * 1000);

/**
 * The whole seconds of an instant, as four octets hold them.
 * @throws RangeError before 1968 and after 2104, when four octets would mean another instant.
 */
export function encodeTime(instant: Date): number {
  const seconds = Math.floor(instant.getTime() / 1000) + EPOCH_1970;
  if (!(seconds >= HALF_ERA && seconds < ERA + HALF_ERA)) {
    throw new RangeError(`a Diameter Time lies between 1968 and 2104, not ${String(instant)}`);
  }
  return seconds % ERA;
}

/** With the high bit set it is the era from 1900, without it the era from 2036 on. */
export function decodeTime(seconds: number): Date {
  return new Date((seconds + (seconds < HALF_ERA ? ERA : 0) - EPOCH_1970) * 1000);
}
