import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { KeyOutcome } from "../../association.ts";
import { conforming } from "../../policy/conforming.ts";
import { Material } from "../../smoke/bench.ts";
import {
  DiameterKeyManager,
  type DiameterReply,
  diameterAddress,
  gba,
  KEY,
  right,
  time,
} from "../../smoke/diameter-key-manager.ts";
import { type Avp, encodeAvp, groupAvp, numberAvp, textAvp } from "./avp.ts";
import { BASE_AVP, GBA_AVP, VENDOR_3GPP } from "./dictionary.ts";
import { COMMAND, encodeMessage, type Message } from "./message.ts";
import { DiameterSession } from "./session.ts";

const material = new Material();
let stub: DiameterKeyManager;
const sessions: DiameterSession[] = [];

beforeAll(async () => {
  stub = await DiameterKeyManager.start(material);
});
afterAll(async () => {
  for (const session of sessions) session.destroy();
  await stub.stop();
  material.remove();
});
beforeEach(() => {
  stub.reply = (question) => [right(question)];
  stub.received.length = 0;
});

function open(port = stub.port): DiameterSession {
  const session = new DiameterSession(diameterAddress(material, port), conforming);
  sessions.push(session);
  return session;
}

const query = (btid = "a@bsf.home1.example") =>
  ({ wayIn: "uc1.psk-tls", btid, nafFqdn: "naf.home1.example", ua: "0100000007" }) as const;

function outcome(reply: DiameterReply, session = open()): Promise<KeyOutcome> {
  stub.reply = reply;
  return session.ask(query(), AbortSignal.timeout(20_000));
}

const without = (code: number) => (avps: readonly Avp[]) => avps.filter((avp) => avp.code !== code);
const and =
  (...more: readonly Avp[]) =>
  (avps: readonly Avp[]) => [...avps, ...more];
const changed = (change: (avps: readonly Avp[]) => readonly Avp[]) => (): DiameterReply => (question) => [
  right(question, change),
];
const unknownAvp = (mandatory: boolean): Avp => ({
  code: 60_000,
  vendor: 99,
  mandatory,
  data: Buffer.from("?"),
});
const experimental = (code: number, vendor = VENDOR_3GPP) =>
  groupAvp(BASE_AVP.experimentalResult, [
    numberAvp(BASE_AVP.vendorId, vendor),
    numberAvp(BASE_AVP.experimentalResultCode, code),
  ]);
const result = (...avps: readonly Avp[]) => changed((all) => [...without(BASE_AVP.resultCode)(all), ...avps]);

test("a question is answered with the key, its user and its end", async () => {
  expect(await outcome((question) => [right(question)])).toEqual({
    kind: "key",
    association: {
      btid: "a@bsf.home1.example",
      ua: "0100000007",
      key: KEY,
      expiresAt: Date.UTC(1900, 0, 1) + 4_260_000_000_000,
      impi: "user1@home1.example",
    },
  });
  expect(stub.received.map(({ command }) => command)).toEqual([257, 310]);
});

describe("answers that hold a key all the same", () => {
  test.each<[string, () => DiameterReply]>([
    ["an unknown AVP without M", changed(and(unknownAvp(false)))],
    ["AVPs in another order", changed((avps) => [...avps].reverse())],
    ["no User-Name", changed(without(BASE_AVP.userName))],
    ["a key of the UICC beside it", changed(and(gba(GBA_AVP.uiccKeyMaterial, Buffer.alloc(32))))],
    ["an expiry after 2036", changed((avps) => [...without(404)(avps), gba(404, time(2 ** 32 + 1000))])],
    [
      "an answer to nothing before it",
      () => (question) => [
        right({ ...question, hopByHop: (question.hopByHop + 1) % 2 ** 32 }),
        right(question),
      ],
    ],
    ["the same answer again", () => (question) => [right(question), right(question)]],
  ])("%s", async (_, reply) => {
    expect(await outcome(reply())).toMatchObject({ kind: "key", association: { key: KEY } });
  });
});

describe("answers that hold none", () => {
  const malformed = "malformed";
  test.each<[string, () => DiameterReply, KeyOutcome["kind"]]>([
    ["unknown B-TID", result(experimental(5403)), "unknown"],
    ["not authorised", result(experimental(5402)), "not-authorised"],
    ["another experimental result", result(experimental(5401)), "unavailable"],
    ["an experimental result of another vendor", result(experimental(5403, 1)), malformed],
    ["a result of another class", result(numberAvp(BASE_AVP.resultCode, 9001)), "unavailable"],
    ["no result", result(), malformed],
    ["two results", changed(and(experimental(5403))), malformed],
    ["too busy", () => (question) => [{ ...right(question), error: true }], "unavailable"],
    ["an unknown AVP with M", changed(and(unknownAvp(true))), malformed],
    ["no key", changed(without(GBA_AVP.meKeyMaterial)), malformed],
    ["two keys", changed(and(gba(GBA_AVP.meKeyMaterial, Buffer.alloc(32)))), malformed],
    ["a key of 16 octets", changed((avps) => [...without(405)(avps), gba(405, Buffer.alloc(16))]), malformed],
    ["no expiry", changed(without(GBA_AVP.keyExpiryTime)), malformed],
    ["two names", changed(and(textAvp(BASE_AVP.userName, "b@home1.example"))), malformed],
    [
      "another session",
      () => (question) => [right({ ...question, sessionId: `${question.sessionId}0` })],
      malformed,
    ],
    ["another End-to-End", () => (question) => [right({ ...question, endToEnd: 1 })], malformed],
    ["another command", () => (question) => [{ ...right(question), command: 303 }], malformed],
    ["another application", () => (question) => [{ ...right(question), application: 16_777_221 }], malformed],
    [
      "an AVP that is too long",
      () => (question) => {
        const octets = encodeMessage(right(question, and(textAvp(BASE_AVP.productName, "abcd"))));
        octets.writeUInt8(200, octets.length - encodeAvp(textAvp(BASE_AVP.productName, "abcd")).length + 7);
        return [octets];
      },
      malformed,
    ],
  ])("%s", async (_, reply, kind) => {
    expect(await outcome(reply())).toMatchObject({ kind });
  });
});

test("answers in another order reach those who asked", async () => {
  const session = open();
  const held: Parameters<DiameterReply>[0][] = [];
  stub.reply = (question) => {
    held.push(question);
    if (held.length < 3) return [];
    return held
      .toReversed()
      .map((each) =>
        right(each, (avps) => [
          ...without(BASE_AVP.userName)(avps),
          textAvp(BASE_AVP.userName, `${each.btid.slice(0, 1)}@home1.example`),
        ]),
      );
  };
  const outcomes = await Promise.all(
    ["a", "b", "c"].map((name) =>
      session.ask(query(`${name}@bsf.home1.example`), AbortSignal.timeout(20_000)),
    ),
  );
  expect(outcomes).toMatchObject(
    ["a", "b", "c"].map((name) => ({ association: { impi: `${name}@home1.example` } })),
  );
});

const ofPeer = (command: number): Message => ({
  request: true,
  proxiable: false,
  error: false,
  command,
  application: 0,
  hopByHop: 1,
  endToEnd: 2,
  avps: [textAvp(BASE_AVP.originHost, "bsf.home1.example")],
});

test("a watchdog of the peer is answered, and its disconnection ends the session", async () => {
  const session = open();
  await session.ask(query(), AbortSignal.timeout(20_000));
  stub.send(ofPeer(COMMAND.deviceWatchdog));
  await expect
    .poll(() => stub.received.some(({ command, request }) => command === 280 && !request))
    .toBe(true);
  stub.send(ofPeer(COMMAND.disconnectPeer));
  await expect.poll(() => session.usable).toBe(false);
});

test("octets that are no message end the session, and the questions with it", async () => {
  await expect(outcome(() => [Buffer.from("HTTP/1.1 200 OK\r\n\r\n")])).rejects.toMatchObject({
    name: "NoAnswer",
    why: "unreachable",
  });
});

test("a key manager with a strange certificate is asked nothing", async () => {
  const strange = await DiameterKeyManager.start(material, material.otherKeyManager);
  try {
    const failure = open(strange.port).ask(query(), AbortSignal.timeout(20_000));
    await expect(failure).rejects.toMatchObject({ why: "untrusted" });
    expect(strange.received).toEqual([]);
  } finally {
    await strange.stop();
  }
});

test.each([true, false])(
  "a session whose probe is answered (%s) goes on, another one ends",
  async (answered) => {
    const session = open();
    await session.ask(query(), AbortSignal.timeout(20_000));
    stub.answersWatchdog = answered;
    session.probe(300);
    await expect
      .poll(() => stub.received.some(({ command }) => command === COMMAND.deviceWatchdog))
      .toBe(true);
    const goesOn = session.ask(query(), AbortSignal.timeout(20_000));
    stub.answersWatchdog = true;
    await expect(goesOn).resolves.toMatchObject({ kind: "key" });
    if (!answered) await expect.poll(() => session.usable).toBe(false);
    else expect(session.usable).toBe(true);
  },
);
