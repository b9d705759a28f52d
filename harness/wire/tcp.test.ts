import dns, { type LookupAddress } from "node:dns";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { connectTcp } from "./tcp.ts";
import { closedPort, listenTcp } from "./testing/loopback.ts";

/** Lets every name have these addresses; none: the answer never comes. */
function resolveTo(...addresses: readonly LookupAddress[]): void {
  const lookup = vi.spyOn(dns, "lookup");
  // The overload that Node's sockets call: all addresses of the name.
  lookup.mockImplementation(((_name: string, _options: unknown, done: (...answer: unknown[]) => void) => {
    if (addresses.length > 0) process.nextTick(done, null, addresses);
  }) as typeof dns.lookup);
  onTestFinished(() => lookup.mockRestore());
}

const V4 = { address: "127.0.0.1", family: 4 };
const V6 = { address: "::1", family: 6 };

describe("connectTcp", () => {
  test.each(["127.0.0.1", "::1"])("connects to %s", async (host) => {
    const { at, connections, allGone } = await listenTcp(() => undefined, host);
    const outcome = await connectTcp(at, 10_000);
    if (!outcome.ok) throw new Error(JSON.stringify(outcome.ending));
    expect(outcome.socket.remoteAddress).toBe(host);
    // A late error of a socket that nobody reads is no error of this process.
    outcome.socket.destroy(new Error("late"));
    await expect.poll(connections).toBe(1);
    await allGone();
  });

  test("takes the address of a name at which somebody listens", async () => {
    resolveTo(V6, V4);
    const { at, connections } = await listenTcp(() => undefined);
    const outcome = await connectTcp({ host: "naf.example", port: at.port }, 10_000);
    if (!outcome.ok) throw new Error(JSON.stringify(outcome.ending));
    await expect.poll(connections).toBe(1);
    outcome.socket.destroy();
  });

  test("says for each address of a name that nobody listens there", async () => {
    resolveTo(V6, V4);
    const { port } = await closedPort();
    expect(await connectTcp({ host: "naf.example", port }, 10_000)).toEqual({
      ok: false,
      ending: {
        kind: "unreachable",
        text: `connect ECONNREFUSED ::1:${port}; connect ECONNREFUSED 127.0.0.1:${port}`,
      },
    });
  });

  test("gives up within its bound, naming the address", async () => {
    resolveTo();
    expect(await connectTcp({ host: "naf.example", port: 443 }, 50)).toEqual({
      ok: false,
      ending: { kind: "unreachable", text: "naf.example:443 does not answer within 50 ms" },
    });
  });
});
