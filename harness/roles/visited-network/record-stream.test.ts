import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { encodeRecord } from "../../protocols/tls/index.ts";
import { RecordStream } from "./record-stream.ts";

const record = fc.record({
  type: fc.integer({ min: 20, max: 24 }),
  version: fc.constantFrom(0x0300, 0x0301, 0x0303, 0x0304),
  fragment: fc.uint8Array({ maxLength: 300 }).map((octets) => Buffer.from(octets)),
});

/** Cuts octets at these places. */
function chunks(octets: Buffer, cuts: readonly number[]): readonly Buffer[] {
  const places = [...new Set(cuts.map((cut) => cut % (octets.length + 1)))].sort((a, b) => a - b);
  return [...places, octets.length].map((end, index) => octets.subarray(places[index - 1] ?? 0, end));
}

const cuts = fc.array(fc.nat(5_000), { maxLength: 20 });

describe("a stream of records", () => {
  test("gives the same records, however they arrive", () => {
    fc.assert(
      fc.property(fc.array(record, { maxLength: 8 }), cuts, (records, places) => {
        const encoded = records.map(encodeRecord);
        const stream = new RecordStream();
        const seen = chunks(Buffer.concat(encoded), places).flatMap((chunk) => stream.push(chunk));
        expect(seen).toEqual(encoded);
        expect([stream.pending, stream.opaque]).toEqual([0, false]);
      }),
    );
  });

  test("loses no octet of anything", () => {
    fc.assert(
      fc.property(
        fc.array(record, { maxLength: 3 }),
        fc.uint8Array({ maxLength: 400 }),
        cuts,
        (records, rest, places) => {
          const all = Buffer.concat([...records.map(encodeRecord), rest]);
          const stream = new RecordStream();
          const seen = chunks(all, places).flatMap((chunk) => stream.push(chunk));
          expect(stream.pending).toBe(stream.peek().length);
          expect(Buffer.concat([...seen, stream.peek()])).toEqual(all);
        },
      ),
    );
  });

  test.each([
    ["a type that there is not", "1903030001"],
    ["a version of something else", "1605030001"],
    ["more than a record may have", "160303ffff"],
    ["text", Buffer.from("GET / HTTP/1.1").toString("hex")],
  ])("takes nothing for a record behind %s", (_, hex) => {
    const stream = new RecordStream();
    const good = Buffer.from("1403030001" + "01", "hex");
    const bad = Buffer.from(hex, "hex");
    expect(stream.push(Buffer.concat([good, bad]))).toEqual([good]);
    expect(stream.opaque).toBe(true);
    expect(stream.push(good)).toEqual([]);
    expect(stream.peek()).toEqual(Buffer.concat([bad, good]));
    stream.discard();
    expect(stream.pending).toBe(0);
  });
});
