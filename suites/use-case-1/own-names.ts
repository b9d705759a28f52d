import { testCase } from "../../harness/conformance/case.ts";
import { describeEnding } from "../../harness/wire/observer.ts";
import { NORMAL, needing } from "./flows.ts";

export const keyOfEachName = testCase(
  {
    ...NORMAL,
    id: "UC1-PSK-BV-15",
    purpose: "Under each of its names the enabler uses the key for the name that the terminal used",
    requirements: ["5.1"],
    polarity: "valid",
    needs: needing(NORMAL, { otherNames: true }),
    parameters: ["tls"],
    clauses: ["TS 33.220 4.5.3, B.2", "TS 24.109 F.3", "RFC 6066 3"],
    steps: ["for each name the terminal bootstraps, sends the name as server name and proves its key for it"],
  },
  async ({ terminal, ixit, enabler, keyManager, preamble, check }) => {
    const { serverName: first, otherNames = [] } = ixit.enabler;
    for (const serverName of [first, ...otherNames]) {
      const { btid, credential } = await preamble("the terminal bootstraps", () => terminal.bootstrap());
      const entry = await terminal.enter(credential, { serverName });
      const outcome = entry.entered ? await entry.access.request(enabler.protectedResource) : undefined;
      const served = outcome?.ok === true && enabler.serves(outcome.response);
      const how = entry.entered ? "let in" : describeEnding(entry.ending);
      const names = keyManager.requestsFor(btid).map(({ nafFqdn }) => nafFqdn);
      check(
        "5.1",
        "the key for the name that the terminal used is agreed on",
        served,
        `${serverName}: ${how}`,
      );
      check(
        "5.1",
        "the key manager is asked under the name that the terminal used, and no other",
        names.length > 0 && names.every((name) => name === serverName),
        `${serverName}: asked for ${names.join(", ") || "nothing"}`,
      );
    }
  },
);

export const keyOfOtherOwnName = testCase(
  {
    ...NORMAL,
    id: "UC1-PSK-BI-37",
    purpose: "The key for one name of the enabler opens nothing under another one",
    requirements: ["5.1"],
    polarity: "invalid",
    needs: needing(NORMAL, { otherNames: true }),
    parameters: ["tls"],
    clauses: ["TS 33.220 4.5.3, B.2", "RFC 6066 3"],
    steps: [
      "the terminal sends the first name of the enabler and proves its key for another one, and the other way round",
    ],
  },
  async ({ terminal, ixit, preamble, check }) => {
    const { serverName: first, otherNames = [] } = ixit.enabler;
    for (const other of otherNames) {
      for (const [serverName, keyFor] of [
        [first, other],
        [other, first],
      ] as const) {
        const { credential } = await preamble("the terminal bootstraps", () => terminal.bootstrap());
        const attempt = await terminal.attempt(credential.forOtherNaf(keyFor), { serverName });
        const how = `key for ${keyFor} under ${serverName}: ${attempt.how}`;
        check("5.1", "no protected resource is served and no state changes", attempt.refused, how);
      }
    }
  },
);
