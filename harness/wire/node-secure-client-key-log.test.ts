import { expect, onTestFinished, test } from "vitest";
import { NodeSecureClient } from "./node-secure-client.ts";
import { listenTls } from "./testing/loopback.ts";
import { Recorder } from "./testing/recorder.ts";
import { pskOffer, pskServer } from "./testing/tls-peers.ts";

test.each([
  ["1.2", ["CLIENT_RANDOM"]],
  [
    "1.3",
    [
      "CLIENT_HANDSHAKE_TRAFFIC_SECRET",
      "SERVER_HANDSHAKE_TRAFFIC_SECRET",
      "CLIENT_TRAFFIC_SECRET_0",
      "SERVER_TRAFFIC_SECRET_0",
      "EXPORTER_SECRET",
    ],
  ],
] as const)("TLS %s: each secret is told, with the random of the client", async (version, labels) => {
  const { at } = await listenTls(pskServer(), (socket) => socket.resume());
  const ours: string[] = [];
  const client = new NodeSecureClient({ onSecret: (line) => ours.push(line.trimEnd()) });
  const bounds = { connectMs: 10_000, responseMs: 10_000 };
  const outcome = await client.connect(at, pskOffer(version), bounds, new Recorder());
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.ending));
  onTestFinished(() => outcome.session.close());
  expect(ours.map((line) => line.split(" ")[0]).sort()).toEqual([...labels].sort());
  for (const line of ours) expect(line).toMatch(/^[A-Z_0-9]+ [0-9a-f]{64} [0-9a-f]{64,96}$/);
});
