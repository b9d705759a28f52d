import {
  EXTENSION,
  extension,
  keyShareEntryLayout,
  retryGroupLayout,
  selectedPskLayout,
  serverVersionLayout,
} from "../messages/extensions.ts";
import { type Extension, RETRY_RANDOM, type ServerHello } from "../messages/handshake.ts";
import { VERSION_NUMBER } from "../versions.ts";
import { ALL, LEGACY } from "./deviation.ts";
import type { ServerDeviation } from "./of-servers.ts";

const saying = (change: (hello: ServerHello) => ServerHello) => () => ({ serverHello: change });

const withExtensions = (change: (extensions: readonly Extension[]) => readonly Extension[]) =>
  saying((hello) => ({ ...hello, extensions: change(hello.extensions ?? []) }));

const without = (type: number) =>
  withExtensions((extensions) => extensions.filter((one) => one.type !== type));

const adding = (...more: readonly Extension[]) => withExtensions((extensions) => [...extensions, ...more]);

const replacing = (type: number, change: (data: Buffer) => Buffer) =>
  withExtensions((extensions) =>
    extensions.map((one) => (one.type === type ? { ...one, data: change(one.data) } : one)),
  );

/** Group and length stand before the share. */
const SHARE_HEADER = 4;
const NOBODYS_GROUP = 0xfafa;
const TLS_1_5 = 0x0305;
const SSL_3 = 0x0300;
const V13: ServerDeviation["versions"] = ["1.3"];

/** HelloRetryRequest instead of ServerHello (RFC 8446 4.1.4), for the group that this gives. */
const retrying = (group: (own: number) => number | undefined) =>
  saying((hello) => {
    const share = hello.extensions?.find(({ type }) => type === EXTENSION.keyShare);
    const wished = group(share?.data.readUInt16BE(0) ?? NOBODYS_GROUP);
    return {
      ...hello,
      random: RETRY_RANDOM,
      extensions: [
        extension(EXTENSION.supportedVersions, serverVersionLayout, VERSION_NUMBER["1.3"]),
        ...(wished === undefined ? [] : [extension(EXTENSION.keyShare, retryGroupLayout, wished)]),
      ],
    };
  });

/** Misbehaviour inside ServerHello, or in a HelloRetryRequest that stands for it. */
export const SERVER_HELLO_DEVIATIONS = {
  suiteOfNobody: {
    title: "ServerHello chooses a suite that was not offered",
    clause: "RFC 5246 7.4.1.3, RFC 8446 4.1.3",
    versions: ALL,
    expects: "refuse",
    begin: saying((hello) => ({ ...hello, suite: 0xfafa })),
  },
  suiteWithoutProtection: {
    title: "ServerHello chooses a suite without encryption, which was not offered",
    clause: "RFC 5246 7.4.1.3",
    versions: LEGACY,
    expects: "refuse",
    begin: saying((hello) => ({ ...hello, suite: 0x002c })),
  },
  versionOfTheFuture: {
    title: "ServerHello chooses a version beyond those that were offered",
    clause: "RFC 5246 7.4.1.3, RFC 8446 4.2.1",
    versions: ALL,
    expects: "refuse",
    begin: saying((hello) => ({
      ...hello,
      ...(hello.extensions?.some(({ type }) => type === EXTENSION.supportedVersions) === true
        ? {
            extensions: hello.extensions.map((one) =>
              one.type === EXTENSION.supportedVersions
                ? extension(EXTENSION.supportedVersions, serverVersionLayout, TLS_1_5)
                : one,
            ),
          }
        : { version: TLS_1_5 }),
    })),
  },
  versionOfThePast: {
    title: "ServerHello chooses SSL 3.0, which was not offered",
    clause: "RFC 5246 E.1, RFC 7568 3",
    versions: LEGACY,
    expects: "refuse",
    begin: saying((hello) => ({ ...hello, version: SSL_3 })),
  },
  olderVersionInExtension: {
    title: "supported_versions of ServerHello says TLS 1.2",
    clause: "RFC 8446 4.2.1",
    versions: V13,
    expects: "refuse",
    begin: replacing(EXTENSION.supportedVersions, () => Buffer.from("0303", "hex")),
  },
  compressed: {
    title: "ServerHello chooses a compression method that was not offered",
    clause: "RFC 5246 7.4.1.3, RFC 8446 4.1.3",
    versions: ALL,
    expects: "refuse",
    begin: saying((hello) => ({ ...hello, compression: 1 })),
  },
  otherSessionId: {
    title: "legacy_session_id_echo is not that of the client",
    clause: "RFC 8446 4.1.3",
    versions: V13,
    expects: "refuse",
    begin: saying((hello) => ({ ...hello, sessionId: Buffer.alloc(32, 0x5a) })),
  },
  extensionOfNobody: {
    title: "ServerHello has an extension that was not offered",
    clause: "RFC 5246 7.4.1.4, RFC 8446 4.2",
    versions: ALL,
    expects: "refuse",
    begin: adding({ type: 0xfafa, data: Buffer.alloc(0) }),
  },
  protocolOfNobody: {
    title: "ServerHello chooses an application protocol though none was offered",
    clause: "RFC 7301 3.1, RFC 5246 7.4.1.4",
    versions: LEGACY,
    expects: "refuse",
    begin: adding({ type: EXTENSION.alpn, data: Buffer.from("0003026832", "hex") }),
  },
  statusUnasked: {
    title: "ServerHello promises a certificate status that was not asked for",
    clause: "RFC 6066 8, RFC 5246 7.4.1.4",
    versions: LEGACY,
    expects: "refuse",
    begin: adding({ type: EXTENSION.statusRequest, data: Buffer.alloc(0) }),
  },
  repeatedServerExtension: {
    title: "an extension of ServerHello stands twice",
    clause: "RFC 5246 7.4.1.4, RFC 8446 4.2",
    versions: ALL,
    expects: "refuse",
    begin: withExtensions((extensions) => [...extensions, ...extensions.slice(0, 1)]),
  },
  filledRenegotiationInfo: {
    title: "renegotiation_info of a first ServerHello is not empty",
    clause: "RFC 5746 3.4",
    versions: LEGACY,
    expects: "refuse",
    begin: replacing(EXTENSION.renegotiationInfo, () => Buffer.from("0141", "hex")),
  },
  pskOfNobody: {
    title: "selected_identity is one that was not offered",
    clause: "RFC 8446 4.2.11",
    versions: V13,
    authentication: "psk",
    expects: "refuse",
    begin: replacing(EXTENSION.preSharedKey, () => Buffer.from("0005", "hex")),
  },
  pskUnoffered: {
    title: "ServerHello selects a pre-shared key though none was offered",
    clause: "RFC 8446 4.2.11, 4.2",
    versions: V13,
    authentication: "certificate",
    expects: "refuse",
    begin: adding(extension(EXTENSION.preSharedKey, selectedPskLayout, 0)),
  },
  shareLeftOut: {
    title: "ServerHello has no share, which only psk_ke would allow",
    clause: "RFC 8446 4.2.8, 4.2.9",
    versions: V13,
    expects: "refuse",
    begin: without(EXTENSION.keyShare),
  },
  shareOfOtherGroup: {
    title: "the server's share is of a group that was not offered",
    clause: "RFC 8446 4.2.8",
    versions: V13,
    expects: "refuse",
    begin: replacing(
      EXTENSION.keyShare,
      (data) =>
        extension(EXTENSION.keyShare, keyShareEntryLayout, {
          group: NOBODYS_GROUP,
          key: data.subarray(SHARE_HEADER),
        }).data,
    ),
  },
  shortShare: {
    title: "the server's share is an octet too short",
    clause: "RFC 8446 4.2.8.2",
    versions: V13,
    expects: "refuse",
    begin: replacing(
      EXTENSION.keyShare,
      (data) =>
        extension(EXTENSION.keyShare, keyShareEntryLayout, {
          group: data.readUInt16BE(0),
          key: data.subarray(SHARE_HEADER, -1),
        }).data,
    ),
  },
  zeroServerShare: {
    title: "the server's share is zeros, from which everybody knows the secret or which is no point",
    clause: "RFC 8446 4.2.8.2, 7.4.2",
    versions: V13,
    expects: "refuse",
    begin: replacing(
      EXTENSION.keyShare,
      (data) =>
        extension(EXTENSION.keyShare, keyShareEntryLayout, {
          group: data.readUInt16BE(0),
          key: Buffer.alloc(data.length - SHARE_HEADER),
        }).data,
    ),
  },
  retryForSharedGroup: {
    title: "HelloRetryRequest asks for the group of which a share was sent",
    clause: "RFC 8446 4.1.4, 4.2.8",
    versions: V13,
    expects: "refuse",
    begin: retrying((own) => own),
  },
  retryForGroupOfNobody: {
    title: "HelloRetryRequest asks for a group that was not offered",
    clause: "RFC 8446 4.2.8",
    versions: V13,
    expects: "refuse",
    begin: retrying(() => NOBODYS_GROUP),
  },
  retryForNothing: {
    title: "HelloRetryRequest asks for nothing that would change the ClientHello",
    clause: "RFC 8446 4.1.4",
    versions: V13,
    expects: "refuse",
    begin: retrying(() => undefined),
  },
} as const satisfies Readonly<Record<string, ServerDeviation>>;
