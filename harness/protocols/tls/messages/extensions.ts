/** Extensions of hello messages (RFC 6066, RFC 7627, RFC 7366, RFC 5746, RFC 8422, RFC 8446 4.2). */
import { decode, encode, type Layout, list, opaque, struct, uint } from "../layout/layout.ts";
import type { Extension } from "./handshake.ts";

export const EXTENSION = {
  serverName: 0,
  statusRequest: 5,
  supportedGroups: 10,
  ecPointFormats: 11,
  signatureAlgorithms: 13,
  alpn: 16,
  encryptThenMac: 22,
  extendedMasterSecret: 23,
  sessionTicket: 35,
  preSharedKey: 41,
  earlyData: 42,
  supportedVersions: 43,
  cookie: 44,
  pskKeyExchangeModes: 45,
  keyShare: 51,
  renegotiationInfo: 0xff01,
} as const;
export type ExtensionName = keyof typeof EXTENSION;

export function extension<T>(type: number, layout: Layout<T>, value: T): Extension {
  return { type, data: encode(layout, value) };
}

/** The one extension of this type. */
export function findExtension(
  extensions: readonly Extension[] | undefined,
  name: ExtensionName,
): Extension | undefined {
  return extensions?.find(({ type }) => type === EXTENSION[name]);
}

/** @throws TlsAlertError (decode_error) */
export function extensionValue<T>(
  extensions: readonly Extension[] | undefined,
  name: ExtensionName,
  layout: Layout<T>,
): T | undefined {
  const found = findExtension(extensions, name);
  return found === undefined ? undefined : decode(layout, found.data);
}

/** Empty, as a flag. */
export const flag = (name: ExtensionName): Extension => ({ type: EXTENSION[name], data: Buffer.alloc(0) });

export const serverNameLayout = list(
  2,
  struct<{ readonly type: number; readonly name: Buffer }>({ type: uint(1), name: opaque(2) }),
);
export const groupsLayout = list(2, uint(2));
export const schemesLayout = list(2, uint(2));
export const pointFormatsLayout = opaque(1);
export const protocolsLayout = list(2, opaque(1));
export const clientVersionsLayout = list(1, uint(2));
export const serverVersionLayout = uint(2);
export const pskModesLayout = opaque(1);
export const cookieLayout = opaque(2);
export const renegotiationLayout = opaque(1);

export interface KeyShareEntry {
  readonly group: number;
  readonly key: Buffer;
}
export const keyShareEntryLayout: Layout<KeyShareEntry> = struct<KeyShareEntry>({
  group: uint(2),
  key: opaque(2),
});
export const clientSharesLayout = list(2, keyShareEntryLayout);
export const retryGroupLayout = uint(2);

export const offeredPsksLayout = struct<{
  readonly identities: readonly { readonly identity: Buffer; readonly ticketAge: number }[];
  readonly binders: readonly Buffer[];
}>({
  identities: list(
    2,
    struct<{ readonly identity: Buffer; readonly ticketAge: number }>({
      identity: opaque(2),
      ticketAge: uint(4),
    }),
  ),
  binders: list(2, opaque(1)),
});
export const selectedPskLayout = uint(2);

/** CertificateStatusRequest for OCSP with nothing in its two lists (RFC 6066 8). */
export const STATUS_REQUEST = Buffer.from("0100000000", "hex");
