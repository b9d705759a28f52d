/**
 * One connection of the suite's own TLS for each order of a list, which stands on stdin as JSON, for tests that run it
 * inside a private network. Writes what became of each as JSON on stdout.
 */
import { json } from "node:stream/consumers";
import type { CipherSuite, ClientOffer, TlsVersion } from "../../harness/protocols/tls/index.ts";
import { DrivenClient } from "../../harness/wire/engine/testing/driven-client.ts";

/** What the test wants; identity and key in hexadecimal digits. */
export interface EngineVisit {
  readonly port: number;
  readonly version: TlsVersion;
  readonly suite: CipherSuite;
  /** Absent: no pre-shared key is offered. */
  readonly identity?: string;
  readonly key: string;
  readonly encryptThenMac?: boolean;
  /** Before anything is asked there is a second handshake, up to TLS 1.2. */
  readonly twice?: true;
}

export interface EngineVisited {
  readonly suite: string;
  readonly version: string | undefined;
  readonly pskInUse: boolean | undefined;
  /** First line of the answer; how the connection ended where there is none. */
  readonly answer: string;
  readonly page: string;
  /** Whether a second handshake ended well; absent: there was to be none. */
  readonly second?: boolean;
}

async function visit({
  port,
  version,
  suite,
  identity,
  key,
  encryptThenMac,
  twice,
}: EngineVisit): Promise<EngineVisited> {
  const offer: ClientOffer = {
    versions: [version],
    suites: [suite],
    ...(identity === undefined
      ? {}
      : { psk: { identity: Buffer.from(identity, "hex"), key: Buffer.from(key, "hex") } }),
    ...(encryptThenMac === undefined ? {} : { encryptThenMac }),
  };
  const client = new DrivenClient(port, offer);
  await client.until(() => client.established !== undefined);
  if (client.established !== undefined && twice === true) await client.renegotiate(offer);
  if (client.established !== undefined && client.end === undefined) {
    client.send("GET / HTTP/1.0\r\n\r\n");
    await client.until(() => false);
  }
  client.destroy();
  return {
    suite: suite.name,
    version: client.established?.version,
    pskInUse: client.established?.pskInUse,
    answer: client.received.split("\r\n")[0] || JSON.stringify(client.end),
    page: client.received,
    ...(twice === undefined ? {} : { second: typeof client.later[0] === "object" }),
  };
}

// The test writes just this.
const orders = (await json(process.stdin)) as readonly EngineVisit[];
const visited: EngineVisited[] = [];
for (const order of orders) visited.push(await visit(order));
process.stdout.write(JSON.stringify(visited));
