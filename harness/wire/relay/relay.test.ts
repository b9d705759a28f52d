import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { closedPort, listenTcp } from "../testing/loopback.ts";
import { RecordingBudget } from "./recording.ts";
import { dial, Relay } from "./relay.ts";
import { TappedSocket } from "./tapped-socket.ts";

const UNLIMITED = () => new RecordingBudget(2 ** 30, () => undefined);

test("a relay has one listener for each address, and hands over what arrives unread", async () => {
  const [one, two] = [await closedPort(), await closedPort()];
  const arrived = Promise.withResolvers<{ readonly inner: Socket; readonly port: number }>();
  const relay = await Relay.start([one, two, one], {
    name: "the relay",
    maxConnections: 2,
    carry: (inner, { port }) => arrived.resolve({ inner, port }),
  });
  expect(relay.inside({ ...one })).toEqual(relay.inside(one));
  expect(relay.inside(two)).not.toEqual(relay.inside(one));
  expect(() => relay.inside({ host: "192.0.2.1", port: 1 })).toThrow(
    "the relay does not lead to 192.0.2.1:1",
  );
  const socket = connect(relay.inside(two));
  socket.write("early");
  const { inner, port } = await arrived.promise;
  expect([port, inner.bytesRead]).toEqual([two.port, 0]);
  const data = once(inner, "data");
  inner.resume();
  expect(String((await data)[0])).toBe("early");
  const ended = new Promise((resolve) => socket.once("close", resolve));
  socket.resume();
  await relay.close();
  await ended;
  await relay.close();
});

test("a connection that does not come about is none", async () => {
  expect(await dial(await closedPort(), 5_000)).toBeUndefined();
  const { at } = await listenTcp((socket) => socket.resume());
  const socket = await dial(at, 5_000, "127.0.0.9");
  onTestFinished(() => void socket?.destroy());
  expect(socket?.localAddress).toBe("127.0.0.9");
});

test("a tapped socket records both ends, and nothing behind its own end", async () => {
  const { at } = await listenTcp((socket) => {
    socket.on("data", (data) => (String(data) === "reset" ? socket.resetAndDestroy() : socket.write("pong")));
  });
  const socket = await dial(at, 5_000);
  if (socket === undefined) throw new Error("nobody listens");
  const tap = new TappedSocket(socket, "client", UNLIMITED());
  const heard: string[] = [];
  const gone = Promise.withResolvers<boolean>();
  const pong = Promise.withResolvers<void>();
  tap.listen({
    data: (octets) => {
      heard.push(String(octets));
      pong.resolve();
    },
    end: () => heard.push("end"),
    gone: gone.resolve,
  });
  tap.send(Buffer.from("ping"), "a comment");
  await pong.promise;
  tap.send(Buffer.from("reset"));
  tap.end();
  tap.send(Buffer.from("lost"));
  expect(await gone.promise).toBe(true);
  await tap.drained();
  expect(heard).toEqual(["pong"]);
  expect(tap.recorded.server).toEqual(at);
  const seen = tap.recorded.events.map(({ from, kind, octets }) => `${from} ${kind} ${octets}`);
  expect(seen.slice(0, 4)).toEqual([
    "client data ping",
    "server data pong",
    "client data reset",
    "client end ",
  ]);
  expect(seen.slice(4)).toEqual(["server reset "]);
  expect(tap.recorded.events[0]?.comment).toBe("a comment");
});

test("a budget allows no more once it was exceeded", () => {
  const notes: string[] = [];
  const budget = new RecordingBudget(10, (text) => notes.push(text));
  expect([budget.allows(10), budget.allows(0), budget.allows(1), budget.allows(0)]).toEqual([
    true,
    true,
    false,
    false,
  ]);
  expect(notes).toHaveLength(1);
});
