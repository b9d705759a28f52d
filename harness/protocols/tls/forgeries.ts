/**
 * What somebody on the path can make of what both ends negotiate before anything protects it. The ends notice when they
 * compare what they saw: by Finished, and by the binder of a pre-shared key (RFC 5246 7.4.9, F.1.4; RFC 8446 4.2.11.2).
 */
import { messagesIn } from "./clear-messages.ts";
import { decode, encode, type Layout, rest, struct } from "./layout/layout.ts";
import {
  clientVersionsLayout,
  EXTENSION,
  type ExtensionName,
  extension,
  extensionValue,
  groupsLayout,
  pskModesLayout,
} from "./messages/extensions.ts";
import {
  type ClientHello,
  clientHelloLayout,
  type Extension,
  HANDSHAKE_TYPE,
  handshakeLayout,
  pskNameLayout,
} from "./messages/handshake.ts";
import { CONTENT_TYPE, encodeRecord, RECORD_HEADER } from "./records/record.ts";

const TLS_11 = 0x0302;
const PSK_KE = 0;

/** A ServerKeyExchange of a pre-shared key: the hint, and parameters behind it (RFC 4279 2, 3; RFC 5489 2). */
const hintedLayout = struct<{ readonly hint: Buffer; readonly parameters: Buffer }>({
  hint: pskNameLayout,
  parameters: rest,
});

type Message = "clientHello" | "serverKeyExchange";

export interface Forgery {
  readonly title: string;
  readonly clause: string;
  /** The message that is changed. */
  readonly of: Message;
  /** The body of the message, changed. @throws Error when it has nothing of the kind */
  readonly change: (body: Buffer) => Buffer;
}

export const FORGERIES = {
  version: {
    title: "the newest version that the terminal offers is taken away",
    clause: "RFC 5246 E.1, F.1.2; RFC 8446 4.1.3",
    of: "clientHello",
    change: onHello(withoutNewest),
  },
  suite: {
    title: "the first suite that the terminal offers is taken away",
    clause: "RFC 5246 F.1.4",
    of: "clientHello",
    change: onHello((hello) => {
      if (hello.suites.length < 2) throw new Error("only one suite is offered");
      return { ...hello, suites: hello.suites.slice(1) };
    }),
  },
  "extended-master-secret": {
    title: "the offer of an extended master secret is taken away",
    clause: "RFC 7627 5.1",
    of: "clientHello",
    change: onHello((hello) => without(hello, "extendedMasterSecret")),
  },
  "encrypt-then-mac": {
    title: "the offer to encrypt before the MAC is taken away",
    clause: "RFC 7366 3",
    of: "clientHello",
    change: onHello((hello) => without(hello, "encryptThenMac")),
  },
  "renegotiation-info": {
    title: "the word that renegotiation is secure is taken away",
    clause: "RFC 5746 3.4",
    of: "clientHello",
    change: onHello((hello) => without(hello, "renegotiationInfo")),
  },
  "server-name": {
    title: "the server name is taken away",
    clause: "RFC 6066 3",
    of: "clientHello",
    change: onHello((hello) => without(hello, "serverName")),
  },
  group: {
    title: "the first group that the terminal offers is taken away",
    clause: "RFC 8422 5.1.1, RFC 8446 4.2.7",
    of: "clientHello",
    change: onHello((hello) =>
      changed(hello, "supportedGroups", groupsLayout, (groups) => {
        if (groups.length < 2) throw new Error("only one group is offered");
        return groups.slice(1);
      }),
    ),
  },
  "psk-modes": {
    title: "of the modes of a pre-shared key only the one without a fresh secret is left",
    clause: "RFC 8446 4.2.9",
    of: "clientHello",
    change: onHello((hello) =>
      changed(hello, "pskKeyExchangeModes", pskModesLayout, (modes) => {
        if (modes.length < 2 || !modes.includes(PSK_KE)) throw new Error("there is no choice of modes");
        return Buffer.of(PSK_KE);
      }),
    ),
  },
  hint: {
    title: "the hint that the enabler gives is another one",
    clause: "RFC 4279 5.2",
    of: "serverKeyExchange",
    change: (body) => {
      const { hint, parameters } = decode(hintedLayout, body);
      if (hint.length === 0) throw new Error("the hint is empty");
      const other = Buffer.from(hint);
      other.writeUInt8(other.readUInt8(0) ^ 1, 0);
      return encode(hintedLayout, { hint: other, parameters });
    },
  },
} as const satisfies Readonly<Record<string, Forgery>>;
export type ForgeryName = keyof typeof FORGERIES;

/**
 * A record with its header whose message of the kind that is forged has been changed. Messages are whole in one record
 * unless they are very long.
 * @throws Error when the record has no such message, TlsAlertError (decode_error) when it has another form
 */
export function forge(name: ForgeryName, record: Buffer): Buffer {
  const { of, change } = FORGERIES[name];
  let found = false;
  const messages = messagesIn(record.subarray(RECORD_HEADER)).map((message) => {
    if (message.type !== HANDSHAKE_TYPE[of]) return message;
    found = true;
    return { type: message.type, body: change(message.body) };
  });
  if (!found) throw new Error(`the record holds no ${of}`);
  return encodeRecord({
    type: CONTENT_TYPE.handshake,
    version: record.readUInt16BE(1),
    fragment: Buffer.concat(messages.map((message) => encode(handshakeLayout, message))),
  });
}

function onHello(change: (hello: ClientHello) => ClientHello): Forgery["change"] {
  return (body) => encode(clientHelloLayout, change(decode(clientHelloLayout, body)));
}

function without(hello: ClientHello, name: ExtensionName): ClientHello {
  const { extensions = [] } = hello;
  const left = extensions.filter(({ type }) => type !== EXTENSION[name]);
  if (left.length === extensions.length) throw new Error(`the ClientHello has no ${name}`);
  return { ...hello, extensions: left };
}

function changed<T>(
  hello: ClientHello,
  name: ExtensionName,
  layout: Layout<T>,
  change: (value: T) => T,
): ClientHello {
  const { extensions = [] } = hello;
  const value = extensionValue(extensions, name, layout);
  if (value === undefined) throw new Error(`the ClientHello has no ${name}`);
  const other: Extension = extension(EXTENSION[name], layout, change(value));
  return { ...hello, extensions: extensions.map((one) => (one.type === EXTENSION[name] ? other : one)) };
}

/** The version before stands in supported_versions, or up to TLS 1.2 in the hello itself. */
function withoutNewest(hello: ClientHello): ClientHello {
  const versions = extensionValue(hello.extensions, "supportedVersions", clientVersionsLayout);
  if (versions === undefined) {
    if (hello.version < TLS_11) throw new Error("no older version can be offered");
    return { ...hello, version: hello.version - 1 };
  }
  if (versions.length < 2) throw new Error("only one version is offered");
  return changed(hello, "supportedVersions", clientVersionsLayout, (all) => all.slice(1));
}
