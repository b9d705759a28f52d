import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { encodeRecord } from "../../protocols/tls/index.ts";
import { HelloWatch } from "./hello-watch.ts";
import { isSelected, RecordCounter } from "./record-counter.ts";

const [CCS, ALERT, HANDSHAKE, DATA] = [20, 21, 22, 23] as const;

describe("records are counted", () => {
  test("up to TLS 1.2 as protected behind ChangeCipherSpec, as application data by their type", () => {
    const counter = new RecordCounter();
    const positions = [HANDSHAKE, CCS, HANDSHAKE, DATA, ALERT].map((type) => counter.count(type, false));
    expect(positions).toEqual([
      { any: 1, handshake: 1 },
      { any: 2, "change-cipher-spec": 1 },
      { any: 3, handshake: 2, protected: 1 },
      { any: 4, data: 1, protected: 2, application: 1 },
      { any: 5, alert: 1, protected: 3 },
    ]);
  });

  test("in TLS 1.3 as protected by their type, as application data from the mark on", () => {
    const counter = new RecordCounter();
    // A ClientHello, early data, the ChangeCipherSpec that says nothing, a second ClientHello, the Finished.
    const before = [
      counter.count(HANDSHAKE, undefined),
      counter.count(DATA, undefined),
      counter.count(CCS, undefined),
      counter.count(HANDSHAKE, true),
      counter.count(DATA, true),
    ];
    expect(before.map((position) => position.protected)).toEqual([undefined, 1, undefined, undefined, 2]);
    expect(before.every(({ application }) => application === undefined)).toBe(true);
    counter.mark();
    expect(counter.count(DATA, true)).toMatchObject({ data: 3, protected: 3, application: 1 });
  });

  test("a mark makes the next one the first", () => {
    const counter = new RecordCounter();
    counter.count(DATA, false);
    counter.mark();
    const position = counter.count(DATA, false);
    expect(position).toMatchObject({ data: 2, application: 1 });
    expect(isSelected(position, { nth: 1, of: "application" })).toBe(true);
    expect(isSelected(position, { nth: 1, of: "data" })).toBe(false);
    expect(isSelected(position, { nth: "every", of: "data" })).toBe(true);
    expect(isSelected(position, { nth: "every", of: "alert" })).toBe(false);
  });
});

/** A ServerHello with these extensions, in records of so many octets. */
function hello(extensions: string, size = 1_000): readonly Buffer[] {
  const rest = Buffer.from(extensions, "hex");
  const length = Buffer.alloc(2);
  length.writeUInt16BE(rest.length, 0);
  const body = Buffer.concat([
    Buffer.of(3, 3),
    Buffer.alloc(32, 7),
    Buffer.of(2, 1, 1, 0x13, 0x01, 0),
    length,
    rest,
  ]);
  const message = Buffer.concat([Buffer.of(2, 0, 0, body.length), body]);
  return Array.from({ length: Math.ceil(message.length / size) }, (_, index) =>
    encodeRecord({
      type: HANDSHAKE,
      version: 0x0303,
      fragment: message.subarray(index * size, (index + 1) * size),
    }),
  );
}

function watched(records: readonly Buffer[]): boolean | undefined {
  const watch = new HelloWatch();
  for (const record of records) watch.saw(record);
  return watch.tls13;
}

describe("the version of a connection", () => {
  test.each([
    ["TLS 1.3, behind another extension", hello("ff01000100" + "002b00020304"), true],
    ["TLS 1.3, octet by octet", hello("002b00020304", 1), true],
    ["an older one, without extensions", hello(""), false],
    ["an older one, named", hello("002b00020303"), false],
    ["none that is known, of a broken extension", hello("002b0002"), false],
    [
      "none, of another message",
      [encodeRecord({ type: 22, version: 0x303, fragment: Buffer.alloc(8) })],
      false,
    ],
    ["open, before the message is whole", hello("002b00020304", 10).slice(0, 3), undefined],
    [
      "open, of an alert",
      [encodeRecord({ type: 21, version: 0x303, fragment: Buffer.of(2, 40) })],
      undefined,
    ],
  ])("is %s", (_, records, expected) => {
    expect(watched(records)).toBe(expected);
  });

  test("is read from anything without an error", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 200 }), (octets) => {
        const fragment = Buffer.concat([Buffer.of(2, 0, 0), octets]);
        watched([encodeRecord({ type: HANDSHAKE, version: 0x0303, fragment })]);
      }),
    );
  });
});
