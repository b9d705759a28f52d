const DATE_TIME =
  /^(\d{4})-(\d{2})-(\d{2})[Tt](\d{2}):(\d{2}):(\d{2})(\.\d{1,9})?(?:[Zz]|([+-])(\d{2}):(\d{2}))$/;

/**
 * Reads a date-time of RFC 3339 5.6 (TS 29.571 DateTime).
 * @returns milliseconds since 1970, or undefined when the text is none; a leap second counts as the second before
 */
export function parseDateTime(text: string): number | undefined {
  const match = DATE_TIME.exec(text);
  if (match === null) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1, 7).map(Number);
  const offsetHour = Number(match[9] ?? 0);
  const offsetMinute = Number(match[10] ?? 0);
  if (hour > 23 || minute > 59 || second > 60 || offsetHour > 23 || offsetMinute > 59) return undefined;
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  // A month 13 or a 30th of February would have rolled over.
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return undefined;
  date.setUTCHours(hour, minute, Math.min(second, 59), Math.trunc(Number(`0${match[7] ?? ".0"}`) * 1000));
  const offset = (offsetHour * 60 + offsetMinute) * 60_000;
  return date.getTime() - (match[8] === "-" ? -offset : offset);
}
