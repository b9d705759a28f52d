/** What the engine refuses in a server's first answer, by the alert that the clause names. */
import { describe, expect, test } from "vitest";
import { ALERT } from "../alert.ts";
import { encode, uint } from "../layout/layout.ts";
import { EXTENSION, extension, flag, keyShareEntryLayout } from "../messages/extensions.ts";
import {
  type Extension,
  HANDSHAKE_TYPE,
  handshakeLayout,
  RETRY_RANDOM,
  type ServerHello,
  serverHelloLayout,
} from "../messages/handshake.ts";
import { encodeRecord } from "../records/record.ts";
import { suiteByName } from "../suites.ts";
import type { TlsVersion } from "../versions.ts";
import { type ClientEnd, TlsClient } from "./engine.ts";

const SUITES = [
  "TLS_AES_128_GCM_SHA256",
  "TLS_AES_256_GCM_SHA384",
  "TLS_PSK_WITH_AES_128_GCM_SHA256",
  "TLS_PSK_WITH_AES_128_CBC_SHA",
].flatMap((name) => suiteByName(name) ?? []);
const GCM = 0x1301;
const PSK_GCM = 0x00a8;

const record = (octets: Buffer, type = 22): Buffer =>
  encodeRecord({ type, version: 0x0303, fragment: octets });
const handshake = (type: number, body: Buffer): Buffer => record(encode(handshakeLayout, { type, body }));
const hello = (change: Partial<ServerHello>): Buffer =>
  handshake(
    HANDSHAKE_TYPE.serverHello,
    encode(serverHelloLayout, {
      version: 0x0303,
      random: Buffer.alloc(32, 9),
      sessionId: Buffer.alloc(0),
      suite: PSK_GCM,
      compression: 0,
      extensions: undefined,
      ...change,
    }),
  );

/** How a client that offers these versions ends when this arrives; undefined: it goes on. */
function endOf(versions: readonly TlsVersion[], ...arriving: readonly Buffer[]): ClientEnd | undefined {
  let end: ClientEnd | undefined;
  const client = new TlsClient(
    {
      offer: { versions, suites: SUITES, psk: { identity: Buffer.from("id"), key: Buffer.alloc(16) } },
      random: (octets) => Buffer.alloc(octets, 4),
      now: () => 0,
    },
    {
      write: () => undefined,
      established: () => undefined,
      application: () => undefined,
      ended: (one) => {
        end = one;
      },
    },
  );
  client.start();
  for (const octets of arriving) client.receive(octets);
  return end;
}
const alertOf = (...parameters: Parameters<typeof endOf>): number | undefined => endOf(...parameters)?.alert;

const ends13 = extension(EXTENSION.supportedVersions, uint(2), 0x0304);
const retryFor = (group: number): Extension => extension(EXTENSION.keyShare, uint(2), group);
const ending = (hex: string): Buffer => Buffer.concat([Buffer.alloc(24, 9), Buffer.from(hex, "hex")]);

test("a right ServerHello of TLS 1.2 is taken", () => expect(endOf(["1.2"], hello({}))).toBeUndefined());

describe("version", () => {
  test.each([
    ["another than the one offered", ["1.2"], hello({ version: 0x0301 }), ALERT.protocolVersion],
    ["one that there is not", ["1.2"], hello({ version: 0x0305 }), ALERT.protocolVersion],
    ["TLS 1.3 in the old field", ["1.2", "1.3"], hello({ version: 0x0304 }), ALERT.protocolVersion],
    [
      "TLS 1.2 in supported_versions",
      ["1.2", "1.3"],
      hello({ extensions: [extension(EXTENSION.supportedVersions, uint(2), 0x0303)] }),
      ALERT.illegalParameter,
    ],
  ] as const)("%s", (_what, versions, octets, alert) => expect(alertOf(versions, octets)).toBe(alert));

  test.each([
    ["TLS 1.3 for TLS 1.2", ["1.2", "1.3"], 0x0303, "444f574e47524401", ALERT.illegalParameter],
    ["TLS 1.3 for TLS 1.1", ["1.1", "1.2", "1.3"], 0x0302, "444f574e47524400", ALERT.illegalParameter],
    ["TLS 1.2 for TLS 1.1", ["1.1", "1.2"], 0x0302, "444f574e47524400", ALERT.illegalParameter],
    ["TLS 1.2 was taken as the newest offered", ["1.1", "1.2"], 0x0303, "444f574e47524401", undefined],
    ["TLS 1.1 was the newest offered", ["1.1"], 0x0302, "444f574e47524400", undefined],
  ] as const)("a downgrade that the server marks: %s", (_what, versions, version, mark, alert) => {
    const suite = version === 0x0302 ? 0x008c : PSK_GCM;
    expect(alertOf(versions, hello({ version, suite, random: ending(mark) }))).toBe(alert);
  });
});

describe("suite, compression and extensions up to TLS 1.2", () => {
  test.each([
    ["a suite that was not offered", hello({ suite: 0x00a9 }), ALERT.illegalParameter],
    ["a suite of TLS 1.3", hello({ suite: GCM }), ALERT.illegalParameter],
    ["compression", hello({ compression: 1 }), ALERT.illegalParameter],
    [
      "an extension that was not offered",
      hello({ extensions: [{ type: 0xfafa, data: Buffer.alloc(0) }] }),
      ALERT.unsupportedExtension,
    ],
    [
      "a ticket that was not asked for",
      hello({ extensions: [flag("sessionTicket")] }),
      ALERT.unsupportedExtension,
    ],
    [
      "an extension twice",
      hello({ extensions: [flag("extendedMasterSecret"), flag("extendedMasterSecret")] }),
      ALERT.illegalParameter,
    ],
    [
      "renegotiation_info that is not empty (RFC 5746 3.4)",
      hello({ extensions: [{ type: EXTENSION.renegotiationInfo, data: Buffer.from("0141", "hex") }] }),
      ALERT.handshakeFailure,
    ],
  ] as const)("%s", (_what, octets, alert) => expect(alertOf(["1.2"], octets)).toBe(alert));

  test("a suite of TLS 1.2 in TLS 1.0", () => {
    expect(alertOf(["1.0"], hello({ version: 0x0301 }))).toBe(ALERT.illegalParameter);
  });
});

describe("TLS 1.3", () => {
  const retry = hello({ random: RETRY_RANDOM, suite: GCM, extensions: [ends13, retryFor(23)] });

  test.each([
    [
      "a session identifier that was not sent",
      hello({ suite: GCM, sessionId: Buffer.of(1), extensions: [ends13] }),
      ALERT.illegalParameter,
    ],
    [
      "neither key share nor pre-shared key",
      hello({ suite: GCM, extensions: [ends13] }),
      ALERT.missingExtension,
    ],
    ["a suite of TLS 1.2", hello({ extensions: [ends13] }), ALERT.illegalParameter],
    [
      "a share of a group for which none was sent",
      hello({
        suite: GCM,
        extensions: [
          ends13,
          extension(EXTENSION.keyShare, keyShareEntryLayout, { group: 23, key: Buffer.alloc(65, 4) }),
        ],
      }),
      ALERT.illegalParameter,
    ],
    [
      "a pre-shared key that was not offered",
      hello({ suite: GCM, extensions: [ends13, extension(EXTENSION.preSharedKey, uint(2), 1)] }),
      ALERT.illegalParameter,
    ],
    [
      "a pre-shared key with another hash",
      hello({ suite: 0x1302, extensions: [ends13, extension(EXTENSION.preSharedKey, uint(2), 0)] }),
      ALERT.illegalParameter,
    ],
    [
      "an extension of another message",
      hello({ suite: GCM, extensions: [ends13, flag("extendedMasterSecret")] }),
      ALERT.illegalParameter,
    ],
    [
      "a cookie outside of a HelloRetryRequest",
      hello({ suite: GCM, extensions: [ends13, { type: EXTENSION.cookie, data: Buffer.alloc(3) }] }),
      ALERT.unsupportedExtension,
    ],
  ] as const)("%s", (_what, octets, alert) => expect(alertOf(["1.2", "1.3"], octets)).toBe(alert));

  test("a HelloRetryRequest is answered once", () => {
    expect(alertOf(["1.3"], retry)).toBeUndefined();
    expect(alertOf(["1.3"], retry, retry)).toBe(ALERT.unexpectedMessage);
  });

  test("after it the suite stays", () => {
    expect(alertOf(["1.3"], retry, hello({ suite: 0x1302, extensions: [ends13] }))).toBe(
      ALERT.illegalParameter,
    );
  });

  test.each([
    ["nothing", []],
    ["the group of the share that was sent", [retryFor(29)]],
    ["a group that was not offered", [retryFor(257)]],
  ] as const)("a HelloRetryRequest that asks for %s", (_what, extensions) => {
    const octets = hello({ random: RETRY_RANDOM, suite: GCM, extensions: [ends13, ...extensions] });
    expect(alertOf(["1.3"], octets)).toBe(ALERT.illegalParameter);
  });
});

describe("records and alerts", () => {
  test.each([
    [
      "a message that is not ServerHello",
      handshake(HANDSHAKE_TYPE.finished, Buffer.alloc(12)),
      ALERT.unexpectedMessage,
    ],
    ["application data", record(Buffer.from("data"), 23), ALERT.unexpectedMessage],
    ["ChangeCipherSpec", record(Buffer.of(1), 20), ALERT.unexpectedMessage],
    ["an alert of one octet", record(Buffer.of(2), 21), ALERT.decodeError],
    ["a type that there is not", record(Buffer.of(2), 99), ALERT.unexpectedMessage],
    ["an empty handshake record", record(Buffer.alloc(0)), ALERT.unexpectedMessage],
    ["a record that is too long", Buffer.from("1603034801", "hex"), ALERT.recordOverflow],
    ["content that is too long", record(Buffer.alloc(2 ** 14 + 1, 2)), ALERT.recordOverflow],
    ["a message that is too long", record(Buffer.from("02ffffff", "hex")), ALERT.decodeError],
  ] as const)("%s", (_what, octets, alert) => {
    expect(endOf(["1.2"], octets)).toMatchObject({ by: "client", alert });
  });

  test("a warning and a HelloRequest go by; a fatal alert and close_notify end", () => {
    const quiet = [record(Buffer.of(1, 90), 21), handshake(HANDSHAKE_TYPE.helloRequest, Buffer.alloc(0))];
    expect(endOf(["1.2"], ...quiet, hello({}))).toBeUndefined();
    expect(endOf(["1.2"], record(Buffer.of(2, 40), 21))).toEqual({ by: "server", alert: 40 });
    expect(endOf(["1.2"], record(Buffer.of(1, 0), 21))).toEqual({ by: "server", alert: 0 });
  });
});
