/** Whether a secret stands in what went over a wire, as it is or in a form that everybody can read. */
import { constants, inflateRawSync, unzipSync } from "node:zlib";

const swapped = (text: string): Buffer => Buffer.from(text, "utf16le").swap16();

/** Base64 of octets that may begin anywhere in what was encoded: without the digits that depend on their surroundings. */
function base64Parts(secret: Buffer, encoding: "base64" | "base64url"): readonly Buffer[] {
  return [0, 1, 2].map((before) => {
    const text = Buffer.concat([Buffer.alloc(before), secret])
      .toString(encoding)
      .replaceAll("=", "");
    // Each digit holds 6 bits: of the first and the last not all may belong to the secret.
    const first = Math.ceil((before * 8) / 6);
    const whole = Math.floor(((before + secret.length) * 8) / 6);
    return Buffer.from(text.slice(first, whole), "latin1");
  });
}

const percent = (secret: Buffer): Buffer =>
  Buffer.from([...secret].map((octet) => `%${octet.toString(16).padStart(2, "0")}`).join(""), "latin1");

/** The forms in which the octets of a secret could stand on a wire, by name. */
function formsOf(secret: Buffer): readonly (readonly [form: string, octets: Buffer])[] {
  const text = secret.toString("latin1");
  const hex = secret.toString("hex");
  return [
    ["as it is", secret],
    ["in hexadecimal digits", Buffer.from(hex)],
    ["in hexadecimal digits", Buffer.from(hex.toUpperCase())],
    ...base64Parts(secret, "base64").map((part) => ["in base64", part] as const),
    ...base64Parts(secret, "base64url").map((part) => ["in base64url", part] as const),
    ["in UTF-16", Buffer.from(text, "utf16le")],
    ["in UTF-16", swapped(text)],
    ["percent-encoded", percent(secret)],
    ["backwards", Buffer.from(secret).reverse()],
    ["with its bits turned over", Buffer.from(secret.map((octet) => octet ^ 0xff))],
  ];
}

/** Octets that a stream of this size may become. */
const MAX_INFLATED = 1024 * 1024;
/** Streams of one haystack that are looked into. */
const MAX_STREAMS = 200;

/** Octets before the stream itself, without optional fields. */
const GZIP_HEADER = 10;
const ZLIB_HEADER = 2;

/** What looks like the begin of a compressed stream: gzip (RFC 1952) or zlib (RFC 1950). */
function isStream(octets: Buffer, at: number): boolean {
  const first = octets[at] ?? 0;
  const second = octets[at + 1] ?? 0;
  if (first === 0x1f && second === 0x8b) return octets[at + 2] === 8;
  return (
    (first & 0x0f) === 8 && first >> 4 <= 7 && ((first << 8) | second) % 31 === 0 && (second & 0x20) === 0
  );
}

function inflated(octets: Buffer): readonly Buffer[] {
  const found: Buffer[] = [];
  for (let at = 0; at + 2 < octets.length && found.length < MAX_STREAMS; at += 1) {
    if (!isStream(octets, at)) continue;
    const options = { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: MAX_INFLATED };
    // What follows the stream may look like another one of gzip and spoil the whole: the bare stream ends where it ends.
    const bare = octets.subarray(at + (octets[at] === 0x1f ? GZIP_HEADER : ZLIB_HEADER));
    // Of random octets one pair in a thousand looks so, and is none.
    for (const open of [() => unzipSync(octets.subarray(at), options), () => inflateRawSync(bare, options)]) {
      try {
        const content = open();
        if (content.length > 0) found.push(content);
      } catch {
        // It was none.
      }
    }
  }
  return found;
}

/** In which form `secret` (at least 8 octets) stands in `wire`; undefined: in none of those that are looked for. */
export function traceOf(wire: Buffer, secret: Buffer): string | undefined {
  if (secret.length < 8) throw new RangeError("a secret of less than 8 octets stands anywhere by chance");
  for (const [form, octets] of formsOf(secret)) if (wire.includes(octets)) return form;
  for (const content of inflated(wire)) {
    for (const [form, octets] of formsOf(secret)) if (content.includes(octets)) return `compressed, ${form}`;
  }
  return undefined;
}
