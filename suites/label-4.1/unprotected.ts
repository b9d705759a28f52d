import { type TestCase, testCase } from "../../harness/conformance/case.ts";
import type { CaseContext } from "../../harness/conformance/case-context.ts";
import { Inconclusive } from "../../harness/conformance/verdict.ts";
import { serializeAuthorization } from "../../harness/protocols/digest/index.ts";
import { type Access, type DigestAccess, requestOctets } from "../../harness/roles/terminal/index.ts";
import { goalOf, type Reached, reach } from "../property/over-path.ts";
import { USER_WAYS, WAYS_IN, type WayCode } from "../property/ways.ts";

/** Fatal handshake_failure in a record that nothing protects (RFC 5246 7.2). */
const FAILURE = Buffer.from("15030300020228", "hex");
/** A record of type 22 with octets that are no message. */
const NO_HANDSHAKE = Buffer.concat([Buffer.from("1603010020ff", "hex"), Buffer.alloc(31, 0xa5)]);

const isDigest = (access: Access): access is DigestAccess => "takeOver" in access;

/** The request for what is protected as octets, with credentials that are right where the way in has some. */
function requestInClear(context: CaseContext, code: WayCode, { access }: Reached): Buffer {
  const goal = goalOf(context, code);
  const { serverName } = context.enabler;
  if (!isDigest(access) || access.challenge === undefined) return requestOctets(serverName, goal);
  const authorization = serializeAuthorization(access.right(goal).fields);
  return requestOctets(serverName, {
    ...goal,
    headers: [...(goal.headers ?? []), ["Authorization", authorization]],
  });
}

/** What is sent before the request, by when that is. */
function begins({ connection }: Reached): ReadonlyMap<string, readonly Uint8Array[]> {
  const hello = connection.record("towards-server", { nth: 1, of: "handshake" })?.octets;
  if (hello === undefined) throw new Error("no ClientHello came by");
  return new Map([
    ["before protection starts", []],
    ["behind a ClientHello", [hello]],
    ["behind a start that the terminal says has failed", [hello, FAILURE]],
    ["behind a start that fails", [NO_HANDSHAKE]],
  ]);
}

export const nothingInClear: readonly TestCase[] = USER_WAYS.map(({ code, fields }) =>
  testCase(
    {
      ...fields,
      id: `L41-${code}-BI-02`,
      purpose:
        "Where TLS is spoken nothing that deserves protection is said in clear, neither before it starts nor when the start failed",
      requirements: ["4.1"],
      polarity: "invalid",
      parameters: [],
      clauses: ["RD 6 4.1", "RD 5.1.5, 5.1.6", "TS 24.109 5.2", "RFC 9110 4.2.2"],
      steps: [
        "a terminal in a visited network is served over TLS",
        "at the same address it asks in clear, with the right credentials: at once, behind a ClientHello, and behind a handshake that failed",
        "nothing protected comes back",
      ],
    },
    async (context) => {
      const { enabler, refusal, check, should, observe } = context;
      const reached = await reach(context, code);
      let challenged = false;
      const trial = await refusal(async () => {
        const served: string[] = [];
        for (const [when, before] of begins(reached)) {
          const request = requestInClear(context, code, reached);
          const { connected, answer, how } = await enabler.converseInClear(WAYS_IN[code], [
            ...before,
            request,
          ]);
          if (!connected) throw new Inconclusive(`${when}: ${how}`);
          if (answer !== undefined && enabler.serves(answer)) served.push(when);
          else if (answer?.isCut === true && answer.status < 300)
            throw new Inconclusive(`${when}: status ${answer.status} with more than can be looked into`);
          challenged ||= answer?.status === 401;
          observe(`asked in clear ${when}`, how);
        }
        const how = served.length === 0 ? "nothing protected came in clear" : `served ${served.join(", ")}`;
        return { served: served.length > 0, how };
      });
      check("4.1", "nothing protected is said in clear", trial.refused, trial.how);
      should("TS 24.109 5.2", "no challenge invites to authenticate in clear", !challenged);
    },
  ),
);
