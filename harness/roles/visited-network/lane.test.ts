import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import { encodeRecord } from "../../protocols/tls/index.ts";
import { listenTcp } from "../../wire/testing/loopback.ts";
import { visitedNetwork } from "./tls-path-fixture.ts";
import type { Action } from "./treatment.ts";

/** A record of data of one letter; nothing protects anything here. */
const record = (letter: string, length = 4): Buffer =>
  encodeRecord({ type: 23, version: 0x0303, fragment: Buffer.alloc(length, letter) });

/** A terminal that speaks octets, and what has arrived behind the path. */
async function path() {
  const chunks: Buffer[] = [];
  const arrived = () => Buffer.concat(chunks);
  let far: Socket | undefined;
  const listener = await listenTcp((socket) => {
    far = socket;
    socket.on("data", (data: Buffer) => chunks.push(data));
  });
  const network = await visitedNetwork([listener.at]);
  const near = connect(network.inside(listener.at));
  onTestFinished(() => void near.destroy());
  await once(near, "connect");
  return {
    network,
    near,
    treat: (action: Action, nth: number) =>
      network.treat({ direction: "towards-server", which: { nth, of: "data" }, action }),
    far: () => far,
    arrived,
    arrives: (...expected: readonly Buffer[]) => expect.poll(arrived).toEqual(Buffer.concat(expected)),
    allGone: listener.allGone,
  };
}

describe("one direction of a connection", () => {
  test("hands a record on as it comes, and does not treat what has begun to go", async () => {
    const { near, arrives, treat } = await path();
    const begun = record("a");
    near.write(begun.subarray(0, 7));
    await arrives(begun.subarray(0, 7));
    const [first, second] = [treat({ kind: "drop" }, 1), treat({ kind: "drop" }, 2)];
    near.write(Buffer.concat([begun.subarray(7), record("b"), record("c")]));
    await arrives(begun, record("c"));
    expect([first.carriedOut, second.carriedOut]).toEqual([false, true]);
  });

  test("puts something of its own between records only", async () => {
    const { near, network, arrives } = await path();
    near.write(record("a").subarray(0, 7));
    await arrives(record("a").subarray(0, 7));
    network.connections[0]?.insert("towards-server", record("i"));
    near.write(Buffer.concat([record("a").subarray(7), record("b").subarray(0, 8)]));
    await arrives(record("a"), record("i"));
    near.write(record("b").subarray(8));
    await arrives(record("a"), record("i"), record("b"));
    near.write(record("c").subarray(0, 6));
    await arrives(record("a"), record("i"), record("b"), record("c").subarray(0, 6));
    network.connections[0]?.insert("towards-server", record("j"));
    near.end();
    await arrives(record("a"), record("i"), record("b"), record("c").subarray(0, 6), record("j"));
  });

  test("keeps the begin of a record that may be treated, until it is whole or the sender ends", async () => {
    const { near, network, arrives, treat, allGone } = await path();
    const repeated = treat({ kind: "repeat" }, 1);
    near.write(record("a").subarray(0, 6));
    await expect.poll(() => network.connections[0]?.clientSide.events.length).toBe(1);
    expect(network.connections[0]?.serverSide?.events).toEqual([]);
    near.write(record("a").subarray(6));
    await arrives(record("a"), record("a"));
    expect(repeated.carriedOut).toBe(true);
    treat({ kind: "drop" }, 9);
    near.end(Buffer.concat([record("b"), record("c").subarray(0, 3)]));
    await arrives(record("a"), record("a"), record("b"), record("c").subarray(0, 3));
    await allGone();
  });

  test("sends a swapped record and what is to be replayed before the sender's end", async () => {
    const { near, network, arrives, treat } = await path();
    treat({ kind: "replay", after: 5 }, 1);
    const swapped = treat({ kind: "swap" }, 2);
    near.end(Buffer.concat([record("a"), record("b")]));
    await arrives(record("a"), record("b"), record("a"));
    expect(swapped).toMatchObject({ carriedOut: false, whyNot: "the sender ended" });
    expect(network.recording.notes).toEqual([
      "connection 1: a record and the next one change places, data record 2 towards the server: not carried out, the sender ended",
    ]);
  });

  test("carries out treatments on records next to each other, each once", async () => {
    const { near, arrives, treat } = await path();
    treat({ kind: "swap" }, 1);
    treat({ kind: "extend", octets: 1, mend: true }, 2);
    treat({ kind: "truncate", octets: 99, mend: true }, 3);
    treat({ kind: "refragment", octets: 3 }, 4);
    near.write(Buffer.concat(["a", "b", "c", "d", "e"].map((letter) => record(letter))));
    const extended = encodeRecord({ type: 23, version: 0x0303, fragment: Buffer.from("bbbb\0") });
    await arrives(extended, record("a"), record("c", 0), record("d", 3), record("d", 1), record("e"));
  });

  test("reflects a record to its sender alone, or hands it on too", async () => {
    const { near, arrives, treat } = await path();
    treat({ kind: "reflect", pass: false }, 1);
    treat({ kind: "reflect", pass: true }, 2);
    let back = Buffer.alloc(0);
    near.on("data", (data: Buffer) => {
      back = Buffer.concat([back, data]);
    });
    near.write(Buffer.concat([record("a"), record("b")]));
    await arrives(record("b"));
    await expect.poll(() => back).toEqual(Buffer.concat([record("a"), record("b")]));
  });

  test("ends alone when it is cut so, and the other one goes on", async () => {
    const server = createServer({ allowHalfOpen: true }, (socket) => {
      let heard = "";
      socket.setEncoding("latin1").on("data", (data) => (heard += String(data)));
      socket.once("end", () => socket.end(heard.slice(-1)));
    }).listen(0, "127.0.0.1");
    onTestFinished(() => void server.close());
    await once(server, "listening");
    // A listening TCP server has an address of this form.
    const at = { host: "127.0.0.1", port: (server.address() as AddressInfo).port };
    const network = await visitedNetwork([at]);
    network.treat({
      direction: "towards-server",
      which: { nth: 1, of: "data" },
      action: { kind: "cut", where: "after", how: "end" },
    });
    const near = connect({ ...network.inside(at), allowHalfOpen: true });
    onTestFinished(() => void near.destroy());
    near.write(Buffer.concat([record("a"), record("b")]));
    expect(String((await once(near, "data"))[0])).toBe("a");
  });

  test("carries much, one way and to a slow reader, octet by octet as it was", async () => {
    const { near, far, network, arrived, arrives, treat } = await path();
    treat({ kind: "drop" }, 10_000);
    near.write(record("x"));
    await arrives(record("x"));
    far()?.pause();
    const many = Array.from({ length: 300 }, (_, index) => record(String(index % 10), 16_000));
    near.end(Buffer.concat(many));
    await expect.poll(() => network.connections[0]?.clientSide.events.length).toBeGreaterThan(10);
    far()?.resume();
    const whole = Buffer.concat([record("x"), ...many]);
    await expect.poll(() => arrived().length).toBe(whole.length);
    expect(arrived().equals(whole)).toBe(true);
  });
});
