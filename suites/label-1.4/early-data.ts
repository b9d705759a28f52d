import { type TestCase, testCase } from "../../harness/conformance/case.ts";
import type { CaseContext, EntryOptions } from "../../harness/conformance/case-context.ts";
import { NothingToAsk } from "../../harness/conformance/verdict.ts";
import { serializeAuthorization } from "../../harness/protocols/digest/index.ts";
import type { ApplicationRequest } from "../../harness/roles/terminal/index.ts";
import { describeEnding } from "../../harness/wire/observer.ts";
import { isDigest, type Reached, reach } from "../property/over-path.ts";
import { describeReplay, judgeReplay, playBack } from "../property/recorded.ts";
import { needing, USER_WAYS, type WayCode } from "../property/ways.ts";

/** The request as HTTP/1.1 octets (RFC 9112 3), with the credentials that the way in needs. */
function asOctets({ enabler }: CaseContext, { access }: Reached, request: ApplicationRequest): Buffer {
  const { method, target, body = "" } = request;
  const lines = [
    `${method} ${target} HTTP/1.1`,
    `Host: ${enabler.serverName}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    ...(isDigest(access) ? [`Authorization: ${serializeAuthorization(access.right(request).fields)}`] : []),
  ];
  return Buffer.from(`${lines.join("\r\n")}\r\n\r\n${body}`);
}

/** A connection that waits for a ticket with which early data may be sent. @throws NothingToAsk where none comes */
async function withTicket(context: CaseContext, code: WayCode) {
  const tickets: NonNullable<EntryOptions["resume"]>[] = [];
  const reached = await reach(context, code, { onTicket: (ticket) => tickets.push(ticket) });
  const ticket = tickets.find((one) => one.version === "1.3" && one.maxEarlyData > 0);
  if (ticket === undefined) throw new NothingToAsk("the enabler takes no early data");
  return { reached, ticket };
}

/** Sends a change as early data, which the network records. @throws NothingToAsk where it does not act */
async function sendEarly(context: CaseContext, code: WayCode, state: ReturnType<CaseContext["state"]>) {
  const { preamble } = context;
  const { reached, ticket } = await withTicket(context, code);
  const before = await state.read();
  await preamble("the terminal resumes with early data", async () => {
    const { terminal, credential } = reached;
    if (credential === undefined) throw new Error("only users change a state");
    const earlyData = asOctets(context, reached, state.change);
    const entry = await terminal.enter(credential, { resume: ticket, earlyData });
    if (!entry.entered) throw new Error(describeEnding(entry.ending));
  });
  const after = await state.read();
  if (after === undefined || after === before)
    throw new NothingToAsk(`early data does not act: state ${before}, then ${after}`);
  const connection = reached.network.connections.at(-1) ?? reached.connection;
  return { network: reached.network, connection, after };
}

export const replayedEarlyData: readonly TestCase[] = USER_WAYS.map(({ code, fields }) =>
  testCase(
    {
      ...fields,
      id: `L14-${code}-BI-04`,
      purpose: "Early data that the enabler has acted upon does not act again when the network plays it back",
      requirements: ["1.4", "1.1"],
      polarity: "replay",
      needs: needing(fields, { observes: ["state"], tls: "1.3" }),
      parameters: [],
      variants: { tls: ["1.3"] },
      clauses: ["RD 6 1.4", "RD 3.2 replay protection", "RFC 8446 8, 4.2.10, E.5"],
      steps: [
        "a terminal in a visited network gets a ticket that allows early data",
        "it resumes, and changes a state by a request in its early data",
        "the network plays the connection back, and the state is as it was after the first",
      ],
    },
    async (context) => {
      const state = context.state();
      const { after, ...recorded } = await sendEarly(context, code, state);
      const trial = await context.refusal(async () => {
        const replay = await playBack(context, recorded, { pace: "at-once" });
        return { served: false, how: describeReplay(replay) };
      });
      await judgeReplay(context, state, after, trial.how);
    },
  ),
);
