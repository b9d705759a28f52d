import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import { AddressTranslation } from "./address-translation.ts";
import type { Destination } from "./secure-client.ts";
import { closedPort, listenTcp } from "./testing/loopback.ts";

async function translation(...destinations: readonly Destination[]): Promise<AddressTranslation> {
  const started = await AddressTranslation.start(destinations);
  onTestFinished(() => started.close());
  return started;
}

/** A client that is connected and has said something; what the far end answers is read from it. */
async function say(at: Destination, text: string): Promise<Socket> {
  const socket = connect({ ...at, allowHalfOpen: true });
  onTestFinished(() => void socket.destroy());
  await once(socket, "connect");
  socket.write(text);
  return socket;
}

const read = async (socket: Socket) => String((await once(socket, "data"))[0]);

/** A server that answers each text with the address that it sees. */
function mirror() {
  const seen: string[] = [];
  return {
    seen,
    listening: listenTcp((socket) => {
      socket.on("data", (data) => {
        seen.push(`${socket.remoteAddress}`);
        socket.write(`${socket.remoteAddress} ${data}`);
      });
    }),
  };
}

describe("an address translation", () => {
  test("gives connections its own address, the same for all until it moves", async () => {
    const { listening } = mirror();
    const { at } = await listening;
    const nat = await translation(at);
    const inside = nat.inside(at);
    expect(inside).not.toEqual(at);
    const [one = "", two = ""] = await Promise.all(
      ["a", "b"].map(async (text) => (await read(await say(inside, text))).split(" ")[0]),
    );
    expect(one).toMatch(/^127\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\./);
    expect(two).toBe(one);
    nat.move();
    const moved = (await read(await say(inside, "c"))).split(" ")[0];
    expect(moved).not.toBe(one);
    expect(nat.connections.map(({ from }) => from.split(":")[0])).toEqual([one, one, moved]);
    expect(new Set(nat.connections.map(({ from }) => from)).size).toBe(3);
  });

  test("counts a round trip for each answer to what was said", async () => {
    const { listening } = mirror();
    const { at } = await listening;
    const nat = await translation(at);
    const socket = await say(nat.inside(at), "a");
    await read(socket);
    expect(nat.connections).toMatchObject([{ towards: at, roundTrips: 1 }]);
    for (const text of ["b", "c"]) {
      socket.write(text);
      await read(socket);
    }
    expect(nat.connections).toMatchObject([{ towards: at, roundTrips: 3 }]);
  });

  test("hands an end on as an end, after which the other side may still speak", async () => {
    const server = createServer({ allowHalfOpen: true }, (far) => {
      far.resume().once("end", () => far.end("after the end"));
    }).listen(0, "127.0.0.1");
    onTestFinished(() => void server.close());
    await once(server, "listening");
    // A listening TCP server has an address of this form.
    const at = { host: "127.0.0.1", port: (server.address() as AddressInfo).port };
    const nat = await translation(at);
    const socket = await say(nat.inside(at), "x");
    socket.end();
    expect(await read(socket)).toBe("after the end");
    await once(socket, "end");
  });

  test("hands a reset on as a reset", async () => {
    const { at } = await listenTcp((socket) => socket.once("data", () => socket.resetAndDestroy()));
    const nat = await translation(at);
    const socket = await say(nat.inside(at), "x");
    const [error] = await once(socket, "error").catch((caught: unknown) => [caught]);
    expect(error).toMatchObject({ code: "ECONNRESET" });
  });

  test("ends what leads nowhere, and everything when it is closed", async () => {
    const nowhere = await closedPort();
    const { at, allGone } = await listenTcp((socket) => socket.resume());
    const nat = await AddressTranslation.start([nowhere, at]);
    const lost = connect(nat.inside(nowhere));
    const [reset] = await once(lost, "error").catch((caught: unknown) => [caught]);
    expect(reset).toMatchObject({ code: "ECONNRESET" });
    const standing = await say(nat.inside(at), "x");
    standing.resume().on("error", () => undefined);
    await expect.poll(() => nat.connections.at(-1)?.from).not.toBe("");
    const ended = once(standing, "end");
    await nat.close();
    await Promise.all([ended, allGone()]);
    expect(() => nat.inside({ host: "192.0.2.1", port: 1 })).toThrow("does not lead to 192.0.2.1:1");
  });
});
