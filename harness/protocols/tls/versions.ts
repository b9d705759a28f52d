/** Protocol versions and their numbers on the wire (RFC 8446 4.2.1). */
export type LegacyVersion = "1.0" | "1.1" | "1.2";
export type TlsVersion = LegacyVersion | "1.3";

export const VERSION_NUMBER: Readonly<Record<TlsVersion, number>> = {
  "1.0": 0x0301,
  "1.1": 0x0302,
  "1.2": 0x0303,
  "1.3": 0x0304,
};

export function versionOf(number: number): TlsVersion | undefined {
  switch (number) {
    case 0x0301:
      return "1.0";
    case 0x0302:
      return "1.1";
    case 0x0303:
      return "1.2";
    case 0x0304:
      return "1.3";
    default:
      return undefined;
  }
}
