import { testCase } from "../../../harness/conformance/case.ts";
import { Inconclusive, NothingToAsk } from "../../../harness/conformance/verdict.ts";
import { deviate } from "../../../harness/roles/terminal/index.ts";
import { authenticationInfoProblem } from "../authentication-info.ts";
import { ALTERNATIVE, needing } from "../flows.ts";
import { challenge, howEnded, open } from "./requests.ts";

/** Statuses of a server that takes no body without Content-Length (RFC 9110 15.5.12, 15.6.2). */
const NOT_TAKEN: readonly number[] = [400, 411, 413, 501];

const chunkedBody = testCase(
  {
    ...ALTERNATIVE,
    id: "UC1-DIG-BI-49",
    purpose:
      "Under auth-int a chunked body is hashed as it was before chunking, and one that was changed does not act",
    requirements: ["1.3", "3.1"],
    polarity: "invalid",
    needs: needing(ALTERNATIVE, { claims: { "digest.qop": ["auth-int"] }, observes: ["state"] }),
    parameters: ["algorithm"],
    variants: { qop: ["auth-int"] },
    clauses: ["RFC 7616 3.4.3, 3.4.5", "RFC 2617 3.2.2.4", "RFC 9112 7.1"],
    steps: [
      "the terminal changes the state with a body in two chunks that it signed",
      "it sends another chunked body than the one that it signed",
      "the state is as it was after the first",
    ],
  },
  async (context) => {
    const { terminal, preamble, check, observe } = context;
    const { credential } = await preamble("the terminal bootstraps", () => terminal.bootstrap());
    const access = await preamble("the terminal is served", () =>
      context.enterServedWithDigest(terminal, credential),
    );
    const state = context.state();
    const change = { ...state.change, body: state.change.body ?? "amount=1", chunked: true } as const;
    const before = await state.read();
    const { sent, ...outcome } = await access.request(change);
    if (sent === undefined)
      throw new Inconclusive(`the enabler asks for no credentials: ${howEnded(outcome)}`);
    const first = await state.read();
    const acted = first !== before;
    const notTaken = outcome.ok && NOT_TAKEN.includes(outcome.response.status);
    check(
      "RFC 7616 3.4.3",
      "a chunked body that was signed is acted upon, or no chunked body is taken",
      acted || notTaken,
      howEnded(outcome),
    );
    if (!acted) throw new NothingToAsk(`no chunked body is taken: ${howEnded(outcome)}`);
    const altered = await access.request(change, "alteredBody");
    const second = await state.read();
    const detail = `state ${first}, then ${second}; ${howEnded(altered)}`;
    check("3.1", "the change of the chunked body is detected: nothing acts", second === first, detail);
    check("1.3", "data that the user did not send is not taken for his", second === first, detail);
    observe("how it was refused", howEnded(altered));
  },
);

const head = testCase(
  {
    ...ALTERNATIVE,
    id: "UC1-DIG-BO-25",
    purpose:
      "HEAD is authenticated like GET, and what Authentication-Info proves of its answer is the empty body",
    requirements: ["1.1"],
    polarity: "boundary",
    parameters: ["qop"],
    clauses: ["RFC 7616 3.5", "RFC 9112 6.3", "RFC 9110 9.3.2"],
    steps: [
      "the terminal asks for the protected resource with HEAD",
      "Authentication-Info, if there is one, is right for the empty body",
      "a response that was computed for another method is refused",
    ],
  },
  async (context) => {
    const { terminal, enabler, preamble, refusal, check, observe } = context;
    const { credential } = await preamble("the terminal bootstraps", () => terminal.bootstrap());
    const access = await preamble("a challenge on a TLS connection", async () =>
      challenge(await open(terminal, credential), enabler.protectedResource),
    );
    const request = { ...enabler.protectedResource, method: "HEAD" };
    const { sent, ...outcome } = await access.request(request);
    observe("the answer to HEAD", howEnded(outcome));
    if (outcome.ok && succeeded(outcome.response.status) && sent !== undefined) {
      const problem = authenticationInfoProblem(outcome.response, sent, access.secrets);
      if (problem === "absent") observe("Authentication-Info on HEAD", problem);
      else
        check(
          "RFC 7616 3.5",
          "Authentication-Info is right for the empty body",
          problem === undefined,
          problem,
        );
    }
    const trial = await refusal(async () => {
      const wrong = deviate("staleMethod", access.right(request), access.secrets);
      const answer = await access.send(wrong);
      return { served: answer.ok && succeeded(answer.response.status), how: howEnded(answer) };
    });
    check("1.1", "HEAD with the response of another method is refused", trial.refused, trial.how);
  },
);

const succeeded = (status: number) => status >= 200 && status < 300;

/** Bodies of requests and responses, and what proves them. */
export const bodyCases = [chunkedBody, head] as const;
