import { type TestCase, testCase } from "../../harness/conformance/case.ts";
import { FLOWS } from "./flows.ts";

/** A domain that may not exist (RFC 2606 2). */
const FOREIGN = "bsf.elsewhere.invalid";

export const foreignDomain: readonly TestCase[] = FLOWS.map(({ code, fields }) =>
  testCase(
    {
      ...fields,
      id: code === "PSK" ? "UC1-PSK-BI-33" : "UC1-DIG-BI-73",
      purpose:
        "A B-TID of another operator's domain opens nothing, and nobody is asked for it whom only the B-TID names",
      requirements: ["1.1"],
      polarity: "invalid",
      parameters: ["tls"],
      clauses: ["RD 3.2 (bombing)", "TS 33.220 4.5.2", "RFC 7542 3"],
      steps: [
        "the terminal is served under its own B-TID",
        "with its key it names a B-TID with the same local part and the domain of another operator",
        "it does so with the address of a listener of ours in place of the domain",
      ],
    },
    async ({ terminal, preamble, enterServed, decoy, check, should, observe }) => {
      const { btid, credential } = await preamble("the terminal bootstraps", () => terminal.bootstrap());
      await preamble("the terminal is served", () => enterServed(terminal, credential));
      const [local = ""] = btid.split("@");
      const listener = await preamble("a listener is there", decoy);
      for (const domain of [FOREIGN, ...(listener === undefined ? [] : [listener.authority])]) {
        const attempt = await terminal.attempt(credential.withName(`${local}@${domain}`, "a foreign domain"));
        check(
          "1.1",
          "no protected resource is served and no state changes",
          attempt.refused,
          `${domain}: ${attempt.how}`,
        );
      }
      if (listener === undefined) {
        observe(
          "connections to a host that only the identity names",
          "not seen: IXIT keyManager.zn is every address",
        );
        return;
      }
      should(
        "RD 3.2",
        "no connection is made to a host that only the identity names",
        listener.connections() === 0,
        `${listener.connections()} connections`,
      );
    },
  ),
);
