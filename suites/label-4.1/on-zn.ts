import { type TestCase, testCase } from "../../harness/conformance/case.ts";
import type { CaseContext, CaseTerminal } from "../../harness/conformance/case-context.ts";
import { Inconclusive } from "../../harness/conformance/verdict.ts";
import { uaFromHex } from "../../harness/protocols/gba/index.ts";
import type { VisitedNetwork } from "../../harness/roles/visited-network/index.ts";
import { traceOf } from "../../harness/wire/capture/traces.ts";
import { USER_WAYS } from "../property/ways.ts";

/** Everything that either end said on each connection, end by end. */
function heard({ connections }: VisitedNetwork): Buffer {
  const parts = connections.flatMap(({ clientSide: { events } }) =>
    (["client", "server"] as const).flatMap((end) => [
      ...events.filter(({ from }) => from === end).map(({ octets }) => octets),
      Buffer.of(0),
    ]),
  );
  return Buffer.concat(parts);
}

/** What the key manager tells of a terminal, by name. The B-TID is no secret: terminals name it in clear. */
type Secrets = readonly (readonly [name: string, octets: Buffer])[];

/** A terminal whose key was never asked for is served over the network; it asks who it is, where that can be asked. */
async function beServed(context: CaseContext, terminal: CaseTerminal): Promise<Secrets> {
  const { keyManager, enabler, preamble, enterServed, claimedUa, ixit, identityTold } = context;
  const { btid, credential } = await preamble("the terminal bootstraps", () => terminal.bootstrap());
  const access = await preamble("the terminal is served", () => enterServed(terminal, credential));
  if (ixit.resources.identity !== undefined) await identityTold(access, btid);
  if (keyManager.requestsFor(btid).length === 0)
    throw new Inconclusive("a terminal was served whose key was not asked for over the network");
  const ua = uaFromHex(claimedUa(access));
  return [
    ["the key", Buffer.from(credential.key({ nafFqdn: enabler.serverName, ua }))],
    ...[terminal.impi, ...terminal.impus].map((one) => ["an identity", Buffer.from(one)] as const),
  ];
}

/** What of it can be read on the network, and in which form. @throws Inconclusive when not everything was recorded */
function readable(
  network: VisitedNetwork,
  secrets: Secrets,
): { readonly found: boolean; readonly seen: string } {
  if (!network.isRecordedWhole)
    throw new Inconclusive(
      "more went to the key manager and back than is recorded: nobody can look through it",
    );
  const wire = heard(network);
  const found = secrets.flatMap(([name, octets]) => {
    const form = traceOf(wire, octets);
    return form === undefined ? [] : [`${name} ${form}`];
  });
  const nothing = `nothing in ${wire.length} octets of ${network.connections.length} connections`;
  return { found: found.length > 0, seen: found.length > 0 ? [...new Set(found)].join("; ") : nothing };
}

export const canariesOnZn: readonly TestCase[] = USER_WAYS.map(({ code, fields }) =>
  testCase(
    {
      ...fields,
      id: `L41-${code}-BV-10`,
      purpose: "What the key manager tells the enabler cannot be read between them: neither key nor identity",
      requirements: ["4.1", "S2"],
      polarity: "valid",
      parameters: [],
      clauses: ["RD 6 4.1 (between servers)", "RD 6.1.1 S2", "TS 33.220 4.4.5", "RFC 6733 13"],
      steps: [
        "a network stands between enabler and key manager, and terminals whose keys were never asked for are served",
        "keys and permanent identities are looked for in all that went to the key manager's place and back",
        "they are looked for as they are, in hexadecimal digits, base64, UTF-16, percent-encoded, backwards, and compressed",
      ],
      exclusive: true,
    },
    async (context) => {
      const { anotherTerminal, networkOnZn, check } = context;
      const { found, seen } = await networkOnZn(async (network) => {
        const secrets = [
          ...(await beServed(context, anotherTerminal())),
          ...(await beServed(context, anotherTerminal())),
        ];
        await network.mark();
        return readable(network, secrets);
      });
      check("4.1", "neither key nor identity can be read between enabler and key manager", !found, seen);
      check("S2", "the key travels so that only enabler and key manager can read it", !found, seen);
    },
  ),
);
