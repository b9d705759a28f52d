import { type TestCase, testCase } from "../../harness/conformance/case.ts";
import type { CaseContext } from "../../harness/conformance/case-context.ts";
import { NothingToAsk } from "../../harness/conformance/verdict.ts";
import type { ApplicationRequest } from "../../harness/roles/terminal/index.ts";
import type { Action, Selection } from "../../harness/roles/visited-network/index.ts";
import { howEnded, type Reached, reach } from "../property/over-path.ts";
import { needing, USER_WAYS, type WayCode } from "../property/ways.ts";

/** Where the request is cut: in the record with its header, or in front of the one with its body. */
const PLACES: ReadonlyMap<string, { readonly which: Selection; readonly where: "before" | "middle" }> =
  new Map([
    ["header", { which: { nth: 1, of: "application" }, where: "middle" }],
    ["body", { which: { nth: 2, of: "application" }, where: "before" }],
  ]);

/**
 * The change with a body in chunks, so that its header leaves first.
 * @throws NothingToAsk where the body is to be cut and the change needs none: it may act when its header is there
 */
function inChunks(request: ApplicationRequest, cut: string): ApplicationRequest {
  if (cut === "body" && request.body === undefined)
    throw new NothingToAsk("the change of IXIT resources.state has no body that could be cut");
  return { ...request, body: request.body ?? "of no meaning", chunked: true };
}

/** @throws NothingToAsk where the whole request does not act either */
async function requireTaken(
  { preamble }: CaseContext,
  request: ApplicationRequest,
  { access }: Reached,
  read: () => Promise<string | undefined>,
): Promise<string | undefined> {
  return preamble("the whole request acts", async () => {
    const before = await read();
    const outcome = await access.request(request);
    const after = await read();
    if (after !== before) return after;
    throw new NothingToAsk(`a request with a body in chunks is not taken: ${howEnded(outcome)}`);
  });
}

async function cutRequest(
  context: CaseContext,
  code: WayCode,
  { which, action }: { readonly which: Selection; readonly action: Action },
) {
  const { check, observe, refusal, preamble } = context;
  const state = context.state();
  const request = inChunks(state.change, context.parameters["cut"] ?? "");
  const whole = await preamble("a terminal is served", () => reach(context, code));
  const before = await requireTaken(context, request, whole, state.read);
  let how = "";
  await refusal(async () => {
    const reached = await reach(context, code);
    const { network, connection, access } = reached;
    const treated = network.treat({
      direction: "towards-server",
      which,
      action,
      connection: connection.number,
    });
    const [outcome] = await access.flightHere([request]);
    await preamble("the connection is cut", async () => {
      if (!treated.carriedOut) throw new Error(treated.whyNot ?? "no such record came by");
    });
    how = outcome === undefined ? "no outcome" : howEnded(outcome);
    return { served: false, how };
  });
  const after = await state.read();
  const seen = `${how}, state ${before}, then ${after}`;
  check("3.1", "an incomplete message is not acted upon", after === before, seen);
  observe("what became of the connection", how);
}

export const cutMessages: readonly TestCase[] = USER_WAYS.map(({ code, fields }) =>
  testCase(
    {
      ...fields,
      id: `L31-${code}-BI-03`,
      purpose: "A request that is incomplete when the connection is cut is not acted upon",
      requirements: ["3.1"],
      polarity: "invalid",
      needs: needing(fields, { observes: ["state"] }),
      parameters: ["tls"],
      variants: { cut: [...PLACES.keys()], how: ["end", "reset"] },
      clauses: ["RD 6 3.1", "RFC 9112 8, 9.8", "RFC 5246 7.2.1", "RFC 8446 6.1"],
      steps: [
        "a terminal in a visited network changes a state by a request with a body in chunks",
        "it sends such a request again, and the network cuts the connection within it, by the end of TCP or a reset",
        "the state is as it was after the first",
      ],
    },
    async (context) => {
      const { parameters } = context;
      const place = PLACES.get(parameters["cut"] ?? "");
      const how = parameters["how"] === "reset" ? "reset" : "end";
      const which = place?.which ?? { nth: 1, of: "application" };
      await cutRequest(context, code, {
        which,
        action: { kind: "cut", where: place?.where ?? "middle", how },
      });
    },
  ),
);
