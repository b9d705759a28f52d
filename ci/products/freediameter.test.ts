/** freeDiameter as a peer of the key manager on Zn, and as the agent between it and an enabler. */
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { BSF, NAF, REALM, UA } from "../../harness/roles/testing/names.ts";
import { PrivateNetwork } from "./private-network.ts";
import { ProductError } from "./product.ts";
import { outputOf } from "./run-program.ts";
import type { Relayed } from "./zn-through-relay.ts";

const PROGRAM = fileURLToPath(new URL("./zn-through-relay.ts", import.meta.url));
const ADDRESS = "10.9.9.1";
const AGENT = `agent.${REALM}`;

let network: PrivateNetwork | undefined;
let whyNoNetwork = "";

beforeAll(async () => {
  try {
    network = await PrivateNetwork.create(ADDRESS);
  } catch (error) {
    if (!(error instanceof ProductError && /not permitted/i.test(error.output))) throw error;
    whyNoNetwork = "freeDiameter needs a private network, which this user may not make; root may";
  }
});
beforeEach(({ skip }) => skip(network === undefined, whyNoNetwork));
afterAll(() => network?.remove());

async function relayed(protection: "tls" | "none"): Promise<Relayed> {
  if (network === undefined) throw new Error("not prepared");
  const output = await outputOf(network.inside([process.execPath, PROGRAM, protection, ADDRESS]));
  // The program writes just this.
  return JSON.parse(output) as Relayed;
}

describe.each([
  ["over TLS that authenticates both ends", "tls", AGENT],
  ["over TCP alone", "none", ""],
] as const)("%s", (_, protection, client) => {
  test("freeDiameter exchanges capabilities, watchdogs and farewells, and relays requests and answers", async () => {
    const own = { error: false, originHost: AGENT };
    const keyManager = { error: false, originHost: BSF };
    const seen = await relayed(protection);
    expect(seen).toMatchObject({
      capabilities: { result: 2001, ...own },
      watchdog: { result: 2001, ...own },
      farewell: { result: 2001, ...own },
      key: { result: 2001, ...keyManager, isRight: true, impiIsRight: true },
      unknown: { result: 5403, ...keyManager },
      refused: { result: 5402, ...keyManager },
      unroutable: { result: 3002, error: true, originHost: AGENT },
      malformed: [],
    });
    // The agent has authenticated itself, and names the enabler as the origin.
    expect(seen.requests).toMatchObject([
      { nafFqdn: NAF, ua: UA, client, originHost: NAF },
      { nafFqdn: `other.${REALM}`, client, originHost: NAF },
    ]);
  });
});
