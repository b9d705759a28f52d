import { isIPv4, isIPv6 } from "node:net";

/** The 4 or 16 octets of an address in text; IPv4 in IPv6 (RFC 4291 2.5.5.2) gives 4. @throws Error when it is none */
export function addressOctets(text: string): Buffer {
  const plain = text.replace(/%.*$/, "").replace(/^::ffff:(?=\d+\.)/i, "");
  if (isIPv4(plain)) return Buffer.from(plain.split(".").map(Number));
  if (!isIPv6(plain)) throw new Error(`${JSON.stringify(text)} is no IP address`);
  const [head = "", tail] = plain.split("::");
  const before = groups(head);
  const after = tail === undefined ? [] : groups(tail);
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => 0);
  const octets = Buffer.alloc(16);
  for (const [index, group] of [...before, ...zeros, ...after].entries())
    octets.writeUInt16BE(group, index * 2);
  return octets;
}

/** 16 bits each. */
function groups(text: string): readonly number[] {
  if (text === "") return [];
  return text.split(":").flatMap((part) => {
    if (!part.includes(".")) return [Number.parseInt(part, 16)];
    const ipv4 = addressOctets(part);
    return [ipv4.readUInt16BE(0), ipv4.readUInt16BE(2)];
  });
}
