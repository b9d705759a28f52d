/** How a case gets a visited network, a misbehaving terminal, and a capture of both. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { TestSystem } from "../system/test-system.ts";
import type { CaseContext } from "./case-context.ts";
import { carryOut } from "./testing/carry-out.ts";
import { referenceProfile } from "./testing/reference-profile.ts";

let system: TestSystem;

beforeAll(async () => {
  system = await TestSystem.start(referenceProfile());
});

afterAll(() => system?.close());

const LINK = { tls: "1.2", suite: "00a8" };

/** A terminal in the visited network that is served, with these options. */
async function visit(
  { anotherTerminal, visitedNetwork, preamble, enabler }: CaseContext,
  options: Parameters<CaseContext["terminal"]["enter"]>[1] = {},
) {
  const network = await visitedNetwork();
  const terminal = anotherTerminal({ behind: network });
  const { credential } = await preamble("the terminal bootstraps", () => terminal.bootstrap());
  const entry = await terminal.enter(credential, options);
  const outcome = entry.entered ? await entry.access.request(enabler.protectedResource) : undefined;
  return { network, entry, served: outcome?.ok === true && enabler.serves(outcome.response) };
}

const captureIn = ({ events }: Awaited<ReturnType<typeof carryOut>>) =>
  events.find((event) => event.type === "case-end")?.capture;

describe("a visited network", () => {
  it("is one for the case, and its terminals reach key manager and enabler through it", async () => {
    const { result } = await carryOut({ system, parameters: LINK }, async (context) => {
      const { network, served } = await visit(context);
      const again = await context.visitedNetwork();
      context.check("1.1", "the resource is served", served);
      context.observe("same", String(again === network));
      context.observe("connections", String(network.connections.length));
    });
    expect(result.verdict).toBe("pass");
    const seen = new Map(result.checks.map(({ text, detail }) => [text, detail]));
    expect(seen.get("same")).toBe("true");
    // Bootstrapping and enabler, at least one each.
    expect(Number(seen.get("connections"))).toBeGreaterThanOrEqual(2);
  });

  it.each([
    ["1.2", "00a8", "CLIENT_RANDOM "],
    ["1.3", "1301", "CLIENT_TRAFFIC_SECRET_0 "],
  ])("leaves a capture with the secrets of TLS %s inside", async (tls, suite, secret) => {
    const done = await carryOut({ system, parameters: { tls, suite } }, async (context) => {
      context.check("1.1", "the resource is served", (await visit(context)).served);
    });
    expect(done.result.verdict).toBe("pass");
    const capture = Buffer.from(captureIn(done) ?? []);
    // Section header block (pcapng 4.1).
    expect(capture.subarray(0, 4).toString("hex")).toBe("0a0d0d0a");
    expect(capture.includes(secret)).toBe(true);
  });

  it("leaves none where no case used it", async () => {
    const done = await carryOut({ system, parameters: LINK }, async ({ check }) => check("1.1", "so", true));
    expect(captureIn(done)).toBeUndefined();
  });

  it("leaves a capture of a case that ended early, too", async () => {
    const done = await carryOut({ system, parameters: LINK }, async (context) => {
      await visit(context);
      await context.preamble("a step", async () => {
        throw new Error("it failed");
      });
    });
    expect(done.result.verdict).toBe("inconclusive");
    expect(captureIn(done)?.length).toBeGreaterThan(1_000);
  });

  it("treats records as the case says", async () => {
    const { result } = await carryOut({ system, parameters: LINK }, async (context) => {
      const network = await context.visitedNetwork();
      const treated = network.treat({
        direction: "towards-server",
        which: { nth: 1, of: "application" },
        action: { kind: "alter", region: "middle" },
      });
      const { served } = await visit(context);
      context.check("1.1", "it was carried out, and nothing was served", treated.carriedOut && !served);
    });
    expect(result).toMatchObject({ verdict: "pass" });
  });
});

describe("a terminal with the suite's own TLS", () => {
  it.each([
    ["1.2", "00a8"],
    ["1.3", "1301"],
  ])("is served in TLS %s, and its secrets are in the capture", async (tls, suite) => {
    const done = await carryOut({ system, parameters: { tls, suite } }, async (context) => {
      context.check("1.1", "it is served", (await visit(context, { client: "engine" })).served);
    });
    expect(done.result.verdict).toBe("pass");
    expect(done.transcript).toContain("own engine");
    expect(Buffer.from(captureIn(done) ?? []).includes("CLIENT_")).toBe(true);
  });

  it("misbehaves as it is told", async () => {
    const { result } = await carryOut({ system, parameters: LINK }, async (context) => {
      const { entry } = await visit(context, { misbehaviour: "wrongFinished" });
      const { served } = await visit(context, { misbehaviour: "fragmentedHandshake" });
      context.check("1.1", "a wrong Finished is refused", !entry.entered);
      context.check("1.1", "a handshake in small records is not", served);
    });
    expect(result).toMatchObject({ verdict: "pass" });
  });
});
