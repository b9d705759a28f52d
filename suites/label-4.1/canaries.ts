import { type TestCase, testCase } from "../../harness/conformance/case.ts";
import type { CaseContext } from "../../harness/conformance/case-context.ts";
import { Inconclusive, NothingToAsk } from "../../harness/conformance/verdict.ts";
import { uaFromHex } from "../../harness/protocols/gba/index.ts";
import type { ResumableSession } from "../../harness/protocols/tls/index.ts";
import type { ApplicationRequest } from "../../harness/roles/terminal/index.ts";
import { traceOf } from "../../harness/wire/capture/traces.ts";
import { actingOf, goalOf, type Reached, reach, reachAgain } from "../property/over-path.ts";
import { EVERY_WAY, type WayCode } from "../property/ways.ts";
import { letters } from "../use-case-1/identities.ts";

/** Everything that both ends said on the path towards the enabler: Ub is plain HTTP by design (TS 24.109 A.3). */
function heard({ network, connection }: Reached): Buffer {
  const { host, port } = connection.towards;
  const sides = network.connections
    .filter(({ towards }) => towards.host === host && towards.port === port)
    .map(({ serverSide }) => serverSide);
  return Buffer.concat(
    sides.flatMap((side) => (side?.events ?? []).map(({ octets }) => octets).concat(Buffer.of(0))),
  );
}

/** What must not be read on the path, by name. B-TID, server name and certificates stand there by design. */
function secretsOf(context: CaseContext, reached: Reached, canary: string) {
  const { enabler, claimedUa } = context;
  const { terminal, credential, access } = reached;
  const secrets: [name: string, octets: Buffer][] = [["the payload", Buffer.from(canary)]];
  if (credential === undefined) return secrets;
  const ua = uaFromHex(claimedUa(access));
  secrets.push(["the key", Buffer.from(credential.key({ nafFqdn: enabler.serverName, ua }))]);
  for (const identity of [terminal.impi, ...terminal.impus])
    secrets.push(["an identity", Buffer.from(identity)]);
  return secrets;
}

const withCanary = (request: ApplicationRequest, canary: string): ApplicationRequest => ({
  ...request,
  headers: [...(request.headers ?? []), ["X-Seccf-Canary", canary]],
  ...(request.body === undefined ? {} : { body: `${request.body}&canary=${canary}` }),
});

/** A terminal is served with canaries in what it says, asks who it is, ends, and enters again; it takes every ticket. */
async function converse(context: CaseContext, code: WayCode, canary: string): Promise<Reached> {
  const sessions: ResumableSession[] = [];
  const reached = await reach(context, code, { onTicket: (session) => sessions.push(session) });
  const { access, btid } = reached;
  await access.request(withCanary(goalOf(context, code), canary));
  await access.request(withCanary(actingOf(context, code).request, canary));
  if (btid !== undefined && context.ixit.resources.identity !== undefined)
    await context.identityTold(access, btid, [["X-Seccf-Canary", canary]]);
  await access.session.close();
  const again = await reachAgain(context, code, reached, { onTicket: (session) => sessions.push(session) });
  await again.access.session.close();
  return reached;
}

export const canaries: readonly TestCase[] = EVERY_WAY.map(({ code, fields }) =>
  testCase(
    {
      ...fields,
      id: `L41-${code}-BV-01`,
      purpose:
        "What is said on a protected connection, to whom and with which key cannot be read on the path",
      requirements: ["4.1"],
      polarity: "valid",
      parameters: ["tls", "suite"],
      clauses: ["RD 6 4.1", "RD 3.2 confidentiality", "RFC 5246 F.2", "RFC 8446 E.2"],
      steps: [
        "a terminal in a visited network sends a canary in requests, asks who it is, ends the connection and enters again, with all tickets that it can get",
        "canary, key and permanent identities are looked for in all that went over the path to the enabler",
        "they are looked for as they are, in hexadecimal digits, base64, UTF-16, percent-encoded, backwards, and compressed",
      ],
    },
    async (context) => {
      const canary = letters(24);
      const reached = await converse(context, code, canary);
      await context.preamble("the end of the connection has gone over the path", () =>
        reached.network.mark(),
      );
      const { suite } = reached.access.session;
      context.should("RD 4.1", "the suite that was claimed encrypts", suite.encrypts, suite.name);
      if (!reached.network.isRecordedWhole)
        throw new Inconclusive("more went over the path than is recorded: nobody can look through it");
      if (!suite.encrypts) throw new NothingToAsk(`${suite.name} was claimed and does not encrypt`);
      const wire = heard(reached);
      const found = secretsOf(context, reached, canary).flatMap(([name, octets]) => {
        const form = traceOf(wire, octets);
        return form === undefined ? [] : [`${name} ${form}`];
      });
      const seen = found.length === 0 ? `nothing in ${wire.length} octets` : [...new Set(found)].join("; ");
      context.check(
        "4.1",
        "neither payload nor key nor identity can be read on the path",
        found.length === 0,
        seen,
      );
    },
  ),
);
