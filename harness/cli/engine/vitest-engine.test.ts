import { spawn } from "node:child_process";
import { expect, it } from "vitest";
import { ended, userEnvironment } from "../testing/seccf.ts";

/** Vitest is not started inside vitest: a process of its own asks for a share that no worker can carry out. */
const PROGRAM = `
import { runShares } from ${JSON.stringify(new URL("vitest-engine.ts", import.meta.url).href)};
const order = { share: 3, channel: "lost", profile: "/nonexistent", fault: null, seed: 1, strength: 1, repeat: 1, keys: ["A"] };
const events = [];
const lost = await runShares({
  orders: [order],
  channel: order.channel,
  signal: new AbortController().signal,
  onEvent: (event) => events.push(event),
  onStartFailed: (failure) => events.push(failure),
});
process.stdout.write(JSON.stringify({ lost, events, exitCode: process.exitCode ?? 0 }));
`;

it("names the shares of workers that ended without a last word", async () => {
  const child = spawn(process.execPath, ["--input-type=module", "-e", PROGRAM], { env: userEnvironment() });
  const { code, stdout } = await ended(child);
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toEqual({ lost: [3], events: [], exitCode: 0 });
});
