/**
 * One visit over PSK-TLS as a program of its own, so that it can be started in another network: it reads a
 * {@link Visit} from stdin and writes a {@link Visited} to stdout, both JSON.
 */
import { json } from "node:stream/consumers";
import { suiteByName } from "../../harness/protocols/tls/index.ts";
import { NodeSecureClient } from "../../harness/wire/node-secure-client.ts";
import type { Ending } from "../../harness/wire/observer.ts";

export interface Visit {
  readonly port: number;
  readonly serverName: string;
  /** IANA name. */
  readonly suite: string;
  readonly identity: string;
  /** Hexadecimal digits. */
  readonly key: string;
}

export type Visited =
  | {
      readonly ok: true;
      readonly suite: string;
      readonly pskInUse: boolean;
      readonly hint: string | null;
      readonly status: number;
      readonly body: string;
    }
  | { readonly ok: false; readonly ending: Ending };

async function visit({ port, serverName, suite: name, identity, key }: Visit): Promise<Visited> {
  const suite = suiteByName(name);
  if (suite === undefined) throw new Error(`the suite table has no ${name}`);
  const outcome = await new NodeSecureClient().connect(
    { host: "127.0.0.1", port },
    {
      version: suite.version,
      suites: [suite],
      serverName,
      authentication: { kind: "psk", identity, key: Buffer.from(key, "hex") },
    },
    { connectMs: 10_000, responseMs: 20_000 },
    { event: () => undefined },
  );
  if (!outcome.ok) return { ok: false, ending: outcome.ending };
  const { session } = outcome;
  const reply = await session.exchange({ method: "GET", target: "/", headers: [["Host", serverName]] });
  await session.close();
  if (!reply.ok) return { ok: false, ending: reply.ending };
  const { status, body } = reply.response;
  const { pskInUse, hint } = session;
  return { ok: true, suite: session.suite.name, pskInUse, hint, status, body: body.toString() };
}

// Written by the test that started this program.
process.stdout.write(JSON.stringify(await visit((await json(process.stdin)) as Visit)));
