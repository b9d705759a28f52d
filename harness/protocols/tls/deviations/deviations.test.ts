/** Each deviation changes what it names, and nothing else; what servers make of it is tested in harness/wire/engine. */
import { describe, expect, test } from "vitest";
import { TlsClient } from "../client/engine.ts";
import type { ClientOffer } from "../client/offer.ts";
import type { Hooks, OutgoingName } from "../connection/hooks.ts";
import { Sender } from "../connection/sender.ts";
import { decode } from "../layout/layout.ts";
import { type ClientHello, clientHelloLayout, type HandshakeName } from "../messages/handshake.ts";
import { unprotected } from "../records/protection.ts";
import { suiteByName } from "../suites.ts";
import { HELLO_DEVIATIONS } from "./hellos.ts";
import {
  expectationOf,
  MISPLACED,
  misplacedAt,
  TLS_DEVIATIONS,
  type TlsDeviationName,
  tlsDeviation,
} from "./index.ts";

// The keys of a record of ours are its type's.
const NAMES = Object.keys(TLS_DEVIATIONS) as TlsDeviationName[];

type Sent = Readonly<Record<string, string>>;

/** What a client of TLS 1.2 would send after one another, by the message in whose turn it goes out. */
function script(hooks: Hooks): Sent {
  const transcript: Buffer[] = [];
  const sent: Record<string, string> = {};
  let turn = "";
  const sender = new Sender(
    (octets) => (sent[turn] = (sent[turn] ?? "") + octets.toString("hex")),
    hooks,
    transcript,
  );
  const say = (name: OutgoingName, send: () => void) => {
    turn = name;
    sent[turn] = "";
    send();
    sent[`hash after ${name}`] = Buffer.concat(transcript).toString("hex");
  };
  const message = (name: HandshakeName, octets: number) =>
    say(name, () => sender.handshake(name, Buffer.alloc(octets, 5)));
  message("clientHello", 60);
  message("clientKeyExchange", 40);
  say("changeCipherSpec", () => sender.changeCipherSpec());
  sender.use({ seal: (content, version) => unprotected.seal(content, version) });
  message("finished", 12);
  say("applicationData", () => sender.application(Buffer.from("first request, of some length")));
  turn = "later data";
  sent[turn] = "";
  sender.application(Buffer.from("second request"));
  return sent;
}

/** The turns in which something else is sent, and whether the hashes follow what was sent. */
function changesOf(name: TlsDeviationName): readonly string[] {
  const [right, changed] = [script({}), script(tlsDeviation(name).begin())];
  return Object.keys(right).filter((turn) => !turn.startsWith("hash") && right[turn] !== changed[turn]);
}

const HELLO = "clientHello";
const EXCHANGE = "clientKeyExchange";
const CHANGE = "changeCipherSpec";
const FINISHED = "finished";
const DATA = "applicationData";
const TURNS: Partial<Record<TlsDeviationName, readonly string[]>> = {
  wrongBinder: [HELLO],
  wrongFinished: [FINISHED],
  wrongEndOfFinished: [FINISHED],
  emptyFinished: [FINISHED],
  longFinished: [FINISHED],
  omittedFinished: [FINISHED],
  dataForFinished: [FINISHED],
  repeatedFinished: [FINISHED],
  earlyApplicationData: [FINISHED],
  omittedChangeCipherSpec: [CHANGE],
  repeatedChangeCipherSpec: [CHANGE],
  earlyChangeCipherSpec: [EXCHANGE],
  strangeChangeCipherSpec: [CHANGE],
  omittedKeyExchange: [EXCHANGE],
  repeatedKeyExchange: [EXCHANGE],
  lateKeyExchange: [EXCHANGE, CHANGE],
  longKeyExchange: [EXCHANGE],
  emptyKeyExchange: [EXCHANGE],
  changedKeyExchange: [EXCHANGE],
  changedClientHello: [HELLO],
  secondClientHello: [EXCHANGE],
  unexpectedCertificate: [EXCHANGE],
  helloRequestOfClient: [EXCHANGE],
  wrongSecret: [],
  alteredRecord: [DATA],
  alteredTag: [DATA],
  truncatedRecord: [DATA],
  extendedRecord: [DATA],
  repeatedRecord: [DATA],
  plaintextRecord: [DATA],
  unknownRecordType: [DATA],
  giantRecord: [DATA],
  emptyHandshakeRecord: [HELLO],
  fragmentedHandshake: [HELLO, EXCHANGE],
  fragmentedData: [DATA, "later data"],
  emptyDataRecord: [DATA, "later data"],
  otherRecordVersion: [HELLO],
  warningAlert: [DATA, "later data"],
  fallbackSuite: [],
  withoutRenegotiationInfo: [],
  emptyRenegotiationInfo: [],
  wrongVerifyData: [],
  halfOpen: [EXCHANGE, CHANGE, FINISHED, DATA, "later data"],
};

const TITLED = /^[^A-Z\s].*[^.]$|^[A-Z][a-zA-Z]+ .*[^.]$|^verify_data .*$/;

test.each(NAMES)("%s has a title, a clause, versions and an expectation", (name) => {
  const { title, clause, versions, expects } = tlsDeviation(name);
  expect(title).toMatch(TITLED);
  expect(clause).toMatch(/^(RFC \d{4}|OMA-RD-SEC_CF) [\dA-Z.]+/);
  expect(versions.length).toBeGreaterThan(0);
  expect(["refuse", "accept", "either"]).toContain(expects);
});

test("no two deviations have the same title", () => {
  expect(new Set(NAMES.map((name) => tlsDeviation(name).title)).size).toBe(NAMES.length);
});

test("before the ClientHello no version is agreed: what one version leaves open, every version does", () => {
  const names = misplacedAt("before-hello", "1.3");
  expect(names.length).toBeGreaterThan(20);
  const versions = (name: TlsDeviationName) =>
    new Set(tlsDeviation(name).versions.map((version) => expectationOf(name, version)));
  expect(names.filter((name) => versions(name).size > 1)).toEqual([]);
  expect([...MISPLACED.keys()].filter((name) => versions(name).size > 1)).toContain("longAlert@behind-hello");
});

describe("messages and records", () => {
  test.each(NAMES.filter((name) => !(name in HELLO_DEVIATIONS) || name === "wrongBinder"))("%s", (name) => {
    expect(changesOf(name)).toEqual(TURNS[name]);
  });

  test("hashes go over what was sent, but for those deviations that say otherwise", () => {
    const hashes = (hooks: Hooks) => script(hooks)["hash after finished"];
    const meant = hashes({});
    for (const name of ["changedKeyExchange", "changedClientHello"] as const)
      expect(hashes(tlsDeviation(name).begin())).toBe(meant);
    for (const name of ["repeatedKeyExchange", "longKeyExchange", "secondClientHello"] as const)
      expect(hashes(tlsDeviation(name).begin())).not.toBe(meant);
  });

  test("wrongSecret changes one bit", () => {
    const { secret } = TLS_DEVIATIONS.wrongSecret.begin();
    expect(secret?.(Buffer.from("0102", "hex")).toString("hex")).toBe("0103");
  });

  test("each connection begins anew", () => {
    for (const name of NAMES) expect([name, changesOf(name)]).toEqual([name, changesOf(name)]);
  });
});

/** The ClientHello of an engine whose randomness is always the same. */
function helloWith(hooks: Hooks): ClientHello {
  const suites = ["TLS_AES_128_GCM_SHA256", "TLS_PSK_WITH_AES_128_GCM_SHA256"].map((name) => {
    const suite = suiteByName(name);
    if (suite === undefined) throw new Error(`${name} is not in the table`);
    return suite;
  });
  const offer: ClientOffer = {
    versions: ["1.2", "1.3"],
    suites,
    psk: { identity: Buffer.from("id"), key: Buffer.alloc(16, 1) },
  };
  const written: Buffer[] = [];
  const ignored = () => undefined;
  const client = new TlsClient(
    { offer, hooks, random: (octets) => Buffer.alloc(octets, 3), now: () => 0 },
    { write: (octets) => written.push(octets), established: ignored, application: ignored, ended: ignored },
  );
  client.start();
  return decode(clientHelloLayout, Buffer.concat(written).subarray(9));
}

describe("ClientHello", () => {
  const right = helloWith({});
  const types = ({ extensions }: ClientHello) => extensions?.map(({ type }) => type) ?? [];
  const changed = (name: keyof typeof HELLO_DEVIATIONS): ClientHello =>
    helloWith(HELLO_DEVIATIONS[name].begin());
  const sorted = (hello: ClientHello) => types(hello).toSorted((a, b) => a - b);

  test("pre_shared_key is the last, and with the deviation the last but one", () => {
    expect(types(right).at(-1)).toBe(41);
    expect(types(changed("preSharedKeyNotLast")).at(-2)).toBe(41);
    expect(sorted(changed("preSharedKeyNotLast"))).toEqual(sorted(right));
  });

  test("extensions are left out, repeated or added", () => {
    expect(types(changed("noPskModes"))).toEqual(types(right).filter((type) => type !== 45));
    expect(types(changed("repeatedExtension"))).toEqual([...types(right).slice(0, 1), ...types(right)]);
    expect(types(changed("unknownExtension"))).toEqual([0xfafa, ...types(right)]);
  });

  test("suites and compression", () => {
    expect(changed("unknownSuite").suites).toEqual([0xfafa, ...right.suites]);
    expect(changed("noSuites").suites).toEqual([]);
    expect(changed("compressionOnly").compression).toEqual(Buffer.of(1));
    expect(types(changed("compressionOnly"))).toEqual(types(right));
  });

  test("renegotiation_info", () => {
    const data = (hello: ClientHello) =>
      hello.extensions?.find(({ type }) => type === 0xff01)?.data.toString("hex");
    expect(data(right)).toBe("00");
    expect(data(changed("wrongRenegotiationInfo"))).toBe("0141");
  });
});
