import { type TestCase, testCase } from "../../harness/conformance/case.ts";
import { reach } from "../property/over-path.ts";
import { needing, USER_WAYS } from "../property/ways.ts";
import { expectedIdentities } from "../use-case-1/identity.ts";

export const attributedData: readonly TestCase[] = USER_WAYS.map(({ code, fields }) =>
  testCase(
    {
      ...fields,
      id: `L13-${code}-BV-01`,
      purpose: "What two terminals in one visited network send is attributed to the one that sent it",
      requirements: ["1.3"],
      polarity: "valid",
      needs: needing(fields, { observes: ["identity"] }),
      parameters: ["tls"],
      clauses: ["RD 6 1.3", "RD 3.2 message authentication, sender invariance"],
      steps: [
        "two terminals behind one visited network enter and are served",
        "they ask in turn who they are, and the application takes each for itself",
      ],
    },
    async (context) => {
      const { identityTold, check } = context;
      const users = [await reach(context, code), await reach(context, code)];
      const told: string[] = [];
      let right = true;
      for (const { access, terminal, btid = "" } of [...users, ...users]) {
        const identity = await identityTold(access, btid);
        const wanted = expectedIdentities(context, terminal, btid);
        right &&= wanted.includes(identity ?? "");
        told.push(`told ${JSON.stringify(identity)}, right: ${wanted[0]}`);
      }
      check("1.3", "each request is attributed to the terminal that made it", right, told.join("; "));
    },
  ),
);
