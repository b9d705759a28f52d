import { describe, expect, test } from "vitest";
import type { RecordedConnection, RecordedTcp, TcpEvent } from "../relay/recording.ts";
import { captureOf } from "./capture.ts";
import { addressOctets } from "./ip-address.ts";
import { packetsOf } from "./packets.ts";

const CLIENT = { host: "192.0.2.1", port: 40_000 };
const SERVER = { host: "192.0.2.2", port: 443 };

const event = (from: TcpEvent["from"], kind: TcpEvent["kind"], text = "", at = 10): TcpEvent => ({
  at,
  from,
  kind,
  octets: Buffer.from(text),
});

const tcp = (events: readonly TcpEvent[], change: Partial<RecordedTcp> = {}): RecordedTcp => ({
  client: CLIENT,
  server: SERVER,
  openedAt: 1,
  events,
  ...change,
});

const FLAGS: Readonly<Record<number, string>> = {
  2: "SYN",
  18: "SYN ACK",
  16: "ACK",
  24: "PSH ACK",
  17: "FIN ACK",
  20: "RST ACK",
};

/** `client PSH ACK 1 1 "text"`: from, flags, sequence and acknowledgement number, data. */
function ladder(recorded: RecordedTcp): readonly string[] {
  return packetsOf(recorded).map(({ octets }) => {
    const segment = octets.subarray(20);
    const from = segment.readUInt16BE(0) === CLIENT.port ? "client" : "server";
    const data = segment.subarray((segment.readUInt8(12) >> 4) * 4).toString();
    const numbers = `${segment.readUInt32BE(4)} ${segment.readUInt32BE(8)}`;
    return `${from} ${FLAGS[segment.readUInt8(13)]} ${numbers} ${JSON.stringify(data)}`;
  });
}

describe("packets of a recorded connection", () => {
  test("open it, count what was said, and end it as it ended", () => {
    const events = [
      event("client", "data", "hello"),
      event("server", "data", "hi"),
      event("client", "end"),
      event("server", "data", "!"),
      event("server", "end"),
    ];
    expect(ladder(tcp(events))).toEqual([
      'client SYN 0 0 ""',
      'server SYN ACK 0 1 ""',
      'client ACK 1 1 ""',
      'client PSH ACK 1 1 "hello"',
      'server PSH ACK 1 6 "hi"',
      'client FIN ACK 6 3 ""',
      'server ACK 3 7 ""',
      'server PSH ACK 3 7 "!"',
      'server FIN ACK 4 7 ""',
      'client ACK 7 5 ""',
    ]);
  });

  test("end with a reset, behind which nothing comes", () => {
    const events = [event("server", "reset"), event("client", "data", "lost"), event("client", "end")];
    expect(ladder(tcp(events)).slice(3)).toEqual(['server RST ACK 1 1 ""']);
  });

  test("are as long as a packet may be, where more was read at once", () => {
    const long = packetsOf(tcp([event("client", "data", "x".repeat(100_000))])).slice(3);
    expect(long.map(({ octets }) => octets.length - 40)).toEqual([65_495, 34_505]);
  });

  test("have addresses of one family", () => {
    const [syn] = packetsOf(tcp([], { client: { host: "::1", port: 1 }, server: SERVER }));
    expect(syn?.octets.readUInt8(0)).toBe(0x60);
    expect(syn?.octets.subarray(24, 40).toString("hex")).toBe("00000000000000000000ffffc0000202");
  });
});

test.each([
  ["192.0.2.1", "c0000201"],
  ["::ffff:192.0.2.1", "c0000201"],
  ["2001:db8::1:2", "20010db8000000000000000000010002"],
  ["fe80::1%eth0", "fe800000000000000000000000000001"],
  ["1:2:3:4:5:6:7:8", "00010002000300040005000600070008"],
  ["64:ff9b::192.0.2.33", "0064ff9b0000000000000000c0000221"],
  ["::", "00".repeat(16)],
])("the address %s", (text, hex) => {
  expect(addressOctets(text).toString("hex")).toBe(hex);
});

test("what is no address", () => {
  expect(() => addressOctets("localhost")).toThrow('"localhost" is no IP address');
});

/** Types of the blocks, and the interfaces of the packets. */
function blocks(file: Buffer): { readonly types: readonly number[]; readonly on: readonly number[] } {
  const [types, on]: [number[], number[]] = [[], []];
  for (let at = 0; at < file.length; at += file.readUInt32LE(at + 4)) {
    types.push(file.readUInt32LE(at));
    if (file.readUInt32LE(at) === 6) on.push(file.readUInt32LE(at + 8));
  }
  return { types, on };
}

describe("a capture", () => {
  const said = tcp([event("client", "data", "same")]);
  const HEADER = [0x0a0d0d0a, 1, 1];

  test("has the secrets before the packets", () => {
    const connection: RecordedConnection = { clientSide: said, serverSide: said };
    const { types, on } = blocks(captureOf({ connections: [connection], notes: [] }, ["CLIENT_RANDOM 0 0"]));
    expect(types).toEqual([...HEADER, 10, 6, 6, 6, 6]);
    expect(on).toEqual([0, 0, 0, 0]);
    expect(blocks(captureOf({ connections: [], notes: [] })).types).toEqual(HEADER);
  });

  test("has both sides where the path changed something, in the order of time", () => {
    const changed = tcp([event("client", "data", "lame", 5)], { openedAt: 3 });
    const connection: RecordedConnection = { clientSide: said, serverSide: changed };
    const { on } = blocks(captureOf({ connections: [connection], notes: [] }));
    expect(on).toEqual([1, 1, 1, 0, 0, 0, 0, 1]);
    const played: RecordedConnection = { clientSide: undefined, serverSide: said };
    expect(blocks(captureOf({ connections: [played], notes: [] })).on).toEqual([0, 0, 0, 0]);
  });
});
