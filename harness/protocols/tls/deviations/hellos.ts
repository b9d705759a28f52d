import { SIGNALLING_SUITE } from "../client/offer.ts";
import type { Hooks } from "../connection/hooks.ts";
import { EXTENSION } from "../messages/extensions.ts";
import type { ClientHello, Extension } from "../messages/handshake.ts";
import { ALL, flipped, LEGACY, type TlsDeviation } from "./deviation.ts";

const changing = (change: (hello: ClientHello) => ClientHello) => (): Hooks => ({ clientHello: change });

const withExtensions =
  (change: (extensions: readonly Extension[]) => readonly Extension[]) =>
  (hello: ClientHello): ClientHello => ({ ...hello, extensions: change(hello.extensions ?? []) });

const without = (type: number) =>
  withExtensions((extensions) => extensions.filter((one) => one.type !== type));

const withRenegotiationInfo = (change: (data: Buffer) => Buffer) =>
  withExtensions((extensions) =>
    extensions.map((one) =>
      one.type === EXTENSION.renegotiationInfo ? { ...one, data: change(one.data) } : one,
    ),
  );

/** Misbehaviour inside the ClientHello. */
export const HELLO_DEVIATIONS = {
  preSharedKeyNotLast: {
    title: "another extension stands behind pre_shared_key",
    clause: "RFC 8446 4.2.11",
    versions: ["1.3"],
    expects: "refuse",
    begin: changing(
      withExtensions((extensions) => {
        const psk = extensions.filter(({ type }) => type === EXTENSION.preSharedKey);
        const others = extensions.filter(({ type }) => type !== EXTENSION.preSharedKey);
        return [...others.slice(0, -1), ...psk, ...others.slice(-1)];
      }),
    ),
  },
  noPskModes: {
    title: "pre_shared_key comes without psk_key_exchange_modes",
    clause: "RFC 8446 4.2.9",
    versions: ["1.3"],
    expects: "refuse",
    begin: changing(without(EXTENSION.pskKeyExchangeModes)),
  },
  wrongBinder: {
    title: "the last octet of the binder is another",
    clause: "RFC 8446 4.2.11",
    versions: ["1.3"],
    expects: "refuse",
    // Of each ClientHello: behind a HelloRetryRequest the binder of the second one counts.
    begin: () => ({
      message: (message) =>
        message.name === "clientHello" ? [{ ...message, octets: flipped(message.octets, -1) }] : [message],
    }),
  },
  repeatedExtension: {
    title: "an extension stands twice",
    clause: "RFC 5246 7.4.1.4, RFC 8446 4.2",
    versions: ALL,
    expects: "either",
    begin: changing(withExtensions((extensions) => [...extensions.slice(0, 1), ...extensions])),
  },
  unknownExtension: {
    title: "an extension stands there that nobody knows",
    clause: "RFC 5246 7.4.1.4, RFC 8446 4.2",
    versions: ALL,
    expects: "accept",
    begin: changing(
      withExtensions((extensions) => [{ type: 0xfafa, data: Buffer.from("seccf") }, ...extensions]),
    ),
  },
  unknownSuite: {
    title: "a suite is offered that nobody knows",
    clause: "RFC 5246 7.4.1.2, RFC 8446 4.1.2",
    versions: ALL,
    expects: "accept",
    begin: changing((hello) => ({ ...hello, suites: [0xfafa, ...hello.suites] })),
  },
  compressionOnly: {
    title: "the null compression method is not offered",
    clause: "RFC 5246 7.4.1.2, RFC 8446 4.1.2",
    versions: ALL,
    expects: "refuse",
    begin: changing((hello) => ({ ...hello, compression: Buffer.of(1) })),
  },
  noSuites: {
    title: "no suite is offered",
    clause: "RFC 5246 7.4.1.2, RFC 8446 4.1.2",
    versions: ALL,
    expects: "refuse",
    begin: changing((hello) => ({ ...hello, suites: [] })),
  },
  wrongRenegotiationInfo: {
    title: "renegotiation_info of a first handshake is not empty",
    clause: "RFC 5746 3.6",
    versions: LEGACY,
    expects: "refuse",
    begin: changing(withRenegotiationInfo(() => Buffer.from("0141", "hex"))),
  },
} as const satisfies Readonly<Record<string, TlsDeviation>>;

/** Misbehaviour that a case asks for by itself: it needs a certain offer, or is none to be refused always. */
export const SPECIAL_DEVIATIONS = {
  fallbackSuite: {
    title: "the fallback suite says that a newer version was tried before",
    clause: "RFC 7507 3",
    versions: LEGACY,
    expects: "refuse",
    begin: changing((hello) => ({ ...hello, suites: [...hello.suites, SIGNALLING_SUITE.fallback] })),
  },
  withoutRenegotiationInfo: {
    title: "renegotiation_info is left out, as by who knows nothing of it",
    clause: "RFC 5746 3.4, 3.5",
    versions: LEGACY,
    // Of a first handshake a server may take it; of a later one it must not when the first had it (RFC 5746 3.7, 4.3).
    expects: "either",
    begin: changing(without(EXTENSION.renegotiationInfo)),
  },
  emptyRenegotiationInfo: {
    title: "renegotiation_info is empty, as if the handshake were the first on its connection",
    clause: "RFC 5746 3.5",
    versions: LEGACY,
    expects: "either",
    begin: changing(withRenegotiationInfo(() => Buffer.of(0))),
  },
  wrongVerifyData: {
    title: "renegotiation_info of a later handshake has one bit that is another",
    clause: "RFC 5746 3.5",
    versions: LEGACY,
    expects: "refuse",
    begin: changing(withRenegotiationInfo((data) => flipped(data, -1))),
  },
  halfOpen: {
    title: "nothing follows the ClientHello",
    clause: "OMA-RD-SEC_CF 3.2 (denial of service)",
    versions: ALL,
    expects: "refuse",
    begin: () => ({ message: (message) => (message.name === "clientHello" ? [message] : []) }),
  },
} as const satisfies Readonly<Record<string, TlsDeviation>>;
