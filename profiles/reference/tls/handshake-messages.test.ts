import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MalformedHandshake } from "./cursor.ts";
import {
  fatalAlert,
  MessageReader,
  negotiatedSuite,
  pskIdentity,
  recordVersion,
} from "./handshake-messages.ts";

/** A handshake message of a type with a body. */
function message(type: number, body: Buffer): Buffer {
  return Buffer.concat([Buffer.from([type, 0, body.length >> 8, body.length & 255]), body]);
}

function record(type: number, content: Buffer): Buffer {
  return Buffer.concat([Buffer.from([type, 3, 3, content.length >> 8, content.length & 255]), content]);
}

describe("MessageReader", () => {
  const octets = message(1, Buffer.from("a client hello of some length"));

  test("finds the message however records and segments cut it, and gives the records back unchanged", () => {
    const cuts = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(cuts, cuts, (recordSizes, segmentSizes) => {
        const records = Buffer.concat(pieces(octets, recordSizes).map((piece) => record(22, piece)));
        const after = record(20, Buffer.from([1]));
        const reader = new MessageReader(1_000);
        const taken = pieces(Buffer.concat([records, after]), segmentSizes).flatMap((segment) => {
          reader.push(segment);
          const found = reader.take();
          return found === undefined || found === "other" ? [] : [found];
        });
        expect(taken).toEqual([{ type: 1, octets, records }]);
        expect(reader.drain()).toEqual(after);
      }),
    );
  });

  test("a record of another type is told as such and kept", () => {
    const reader = new MessageReader(100);
    reader.push(fatalAlert(40));
    expect(reader.take()).toBe("other");
    expect(reader.drain()).toEqual(fatalAlert(40));
  });

  test("holds no more than its limit", () => {
    const reader = new MessageReader(20);
    reader.push(Buffer.alloc(20, 22));
    expect(() => reader.push(Buffer.alloc(1))).toThrow(MalformedHandshake);
  });

  test.each([
    ["an empty record", record(22, Buffer.alloc(0))],
    ["a record of more than 2^14 octets", Buffer.from([22, 3, 3, 0x40, 0x01])],
    ["a second message in the record of the first", record(22, Buffer.concat([octets, octets]))],
  ])("%s is refused", (_name, bytes) => {
    const reader = new MessageReader(1_000);
    reader.push(bytes);
    expect(() => reader.take()).toThrow(MalformedHandshake);
  });
});

describe("negotiatedSuite", () => {
  const random = Buffer.alloc(32, 5);
  const serverHello = (session: Buffer) =>
    record(
      22,
      message(
        2,
        Buffer.concat([
          Buffer.from([3, 3]),
          random,
          Buffer.from([session.length]),
          session,
          Buffer.from([0, 0xa8, 0]),
        ]),
      ),
    );

  test.each([0, 32])("is read behind a session id of %i octets, and not earlier", (length) => {
    const sent = serverHello(Buffer.alloc(length, 1));
    const end = sent.length - 1; // the compression method follows the suite
    expect(negotiatedSuite(sent.subarray(0, end - 1))).toBeUndefined();
    expect(negotiatedSuite(sent.subarray(0, end))).toBe(0x00a8);
  });

  test("there is none when the server begins with an alert", () => {
    expect(negotiatedSuite(fatalAlert(40))).toBe("none");
  });
});

describe("pskIdentity", () => {
  test("is the first field, alone or before the public key of the client", () => {
    const identity = Buffer.from([0, 3, 97, 98, 99]);
    expect(String(pskIdentity(message(16, identity)))).toBe("abc");
    expect(String(pskIdentity(message(16, Buffer.concat([identity, Buffer.from([1, 4])]))))).toBe("abc");
  });

  test("that is longer than the message is refused", () => {
    expect(() => pskIdentity(message(16, Buffer.from([0, 3, 97, 98])))).toThrow(MalformedHandshake);
  });
});

/** Cuts octets into pieces of these sizes, over and over. */
function pieces(octets: Buffer, sizes: readonly number[]): Buffer[] {
  const list: Buffer[] = [];
  for (let at = 0, i = 0; at < octets.length; i += 1) {
    const size = sizes[i % sizes.length] ?? 1;
    list.push(octets.subarray(at, at + size));
    at += size;
  }
  return list;
}

test("an alert has the version of the record that the server began with", () => {
  const begun = Buffer.from([22, 3, 1, 0, 4, 2]);
  expect(fatalAlert(115, recordVersion(begun))).toEqual(Buffer.from([21, 3, 1, 0, 2, 2, 115]));
  expect(fatalAlert(115, recordVersion(Buffer.alloc(0)))).toEqual(Buffer.from([21, 3, 3, 0, 2, 2, 115]));
});

test("the record behind a ChangeCipherSpec is looked at and left where it is", () => {
  const changeCipherSpec = Buffer.from([20, 3, 3, 0, 1, 1]);
  const finished = Buffer.from([22, 3, 3, 0, 3, 7, 8, 9]);
  const reader = new MessageReader(100);
  reader.push(Buffer.concat([changeCipherSpec, finished.subarray(0, 6)]));
  expect(reader.afterChangeCipherSpec()).toBeUndefined();
  reader.push(finished.subarray(6));
  expect(reader.afterChangeCipherSpec()).toEqual(finished);
  expect(reader.drain()).toEqual(Buffer.concat([changeCipherSpec, finished]));
});

test("no record is looked at behind another one", () => {
  const reader = new MessageReader(100);
  reader.push(Buffer.concat([fatalAlert(40), fatalAlert(40)]));
  expect(reader.afterChangeCipherSpec()).toBeUndefined();
});
