import type { Address, EndpointName } from "./profile/profile.ts";
import { SystemStartError } from "./sut-process.ts";

const ENDPOINT_NAMES: readonly EndpointName[] = [
  "uc1.psk-tls",
  "uc1.https-digest",
  "uc1.https-digest.second",
  "server-only",
  "plain",
];

/** A host name (RFC 1123 2.1: at most 255 octets) or an IP address, with a zone where it is of one link. */
const HOST = /^[A-Za-z0-9._:%-]{1,255}$/;
/** Characters of a wrong address that the message shows. */
const SHOWN = 200;

/**
 * Reads `{"ready":true,"endpoints":{"uc1.psk-tls":{"host":…,"port":…}}}`; undefined for any other line.
 * @throws SystemStartError when the announcement names what nobody can connect to
 */
export function readAnnouncement(line: string): Partial<Record<EndpointName, Address>> | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (!isRecord(value) || value["ready"] !== true || !isRecord(value["endpoints"])) return undefined;
  const endpoints: Partial<Record<EndpointName, Address>> = {};
  for (const name of ENDPOINT_NAMES) {
    const address = Object.hasOwn(value["endpoints"], name) ? value["endpoints"][name] : undefined;
    if (address !== undefined && address !== null) endpoints[name] = readAddress(name, address);
  }
  return endpoints;
}

function readAddress(name: string, address: unknown): Address {
  const { host, port } = isRecord(address) ? address : {};
  const isPort = typeof port === "number" && Number.isInteger(port) && port >= 1 && port <= 65_535;
  if (typeof host === "string" && HOST.test(host) && isPort) return { host, port };
  throw new SystemStartError(
    `the system under test announced ${JSON.stringify(address).slice(0, SHOWN)} for ${name}, which is no address. ` +
      'Let it announce {"host": a name or an IP address, "port": a number from 1 to 65535}.',
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
