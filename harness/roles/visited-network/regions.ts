import { RECORD_HEADER } from "../../protocols/tls/index.ts";
import type { Protection } from "./protection.ts";

/** Parts of a record of which one bit can be changed. */
export const REGIONS = {
  type: { title: "content type in the header", clause: "RFC 5246 6.2.1, RFC 8446 5.2" },
  version: { title: "version in the header", clause: "RFC 5246 6.2.1, RFC 8446 5.2 (may be ignored there)" },
  length: { title: "length in the header", clause: "RFC 5246 6.2.1, RFC 8446 5.2" },
  begin: {
    title: "first octet of the fragment: IV or explicit nonce where there is one",
    clause: "RFC 5246 6.2.3.2, 6.2.3.3, RFC 8446 5.2",
  },
  middle: { title: "middle of the protected content", clause: "RFC 5246 6.2.3, RFC 8446 5.2" },
  tag: {
    title: "MAC or authentication tag",
    clause: "RFC 5246 6.2.3.1 to 6.2.3.3, RFC 7366 3, RFC 8446 5.2",
  },
  padding: { title: "length of the padding, in the last block of CBC", clause: "RFC 5246 6.2.3.2" },
} as const;
export type RegionName = keyof typeof REGIONS;

const HEADER_OCTET = { type: 0, version: 2, length: 4 } as const;

/**
 * Index of the octet, in a record with its header, that stands for a region. Without `protection` the record is taken
 * as a stream of octets with its tag at the end.
 * @throws Error when a record of this kind or length has no such region
 */
export function octetOf(region: RegionName, record: Uint8Array, protection?: Protection): number {
  if (region === "type" || region === "version" || region === "length") return HEADER_OCTET[region];
  const octets = record.length - RECORD_HEADER;
  const at = inFragment(region, octets, protection ?? { kind: "aead", nonce: 0, tag: 0 });
  if (at === undefined || octets === 0) {
    throw new Error(
      `a record of ${octets} octets (${protection?.kind ?? "protection not told"}) has no ${region}`,
    );
  }
  return RECORD_HEADER + at;
}

function inFragment(
  region: Exclude<RegionName, keyof typeof HEADER_OCTET>,
  octets: number,
  protection: Protection,
): number | undefined {
  if (region === "begin") return 0;
  if (protection.kind === "cbc") return inBlocks(region, octets, protection);
  if (region === "padding") return undefined;
  if (region === "tag") return octets - 1;
  const [before, behind] =
    protection.kind === "aead" ? [protection.nonce, protection.tag] : [0, protection.mac];
  return middle(before, octets - behind);
}

const middle = (from: number, to: number): number | undefined =>
  to > from ? from + Math.floor((to - from) / 2) : undefined;

/**
 * A bit that is changed in one block of ciphertext changes the same bit of the next block of plaintext, and all of its
 * own. Senders pad as little as they can, so with a MAC inside, the last octet of the block before the last belongs to
 * the MAC (which is longer than a block), and the last octet of the last one is the length of the padding.
 */
function inBlocks(
  region: "middle" | "tag" | "padding",
  octets: number,
  { iv, block, mac, separateMac }: Extract<Protection, { kind: "cbc" }>,
): number | undefined {
  const end = separateMac ? octets - mac : octets;
  if (end < iv + block) return undefined;
  const within = (at: number) => (at >= 0 ? at : undefined);
  // In TLS 1.0 a record of one block has none before it: then its own last octet changes all of it.
  if (region === "padding") return within(end - block - 1) ?? end - 1;
  if (region === "middle") return middle(iv, Math.max(end - block, iv + 1));
  if (separateMac) return octets - 1;
  // In TLS 1.0 a short record has no block before that one.
  return within(end - 2 * block - 1) ?? within(end - block - 1);
}
