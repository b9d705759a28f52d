import { type TestCase, testCase } from "../../harness/conformance/case.ts";
import { Inconclusive } from "../../harness/conformance/verdict.ts";
import { USER_WAYS } from "../property/ways.ts";

/** Over HTTPS a certificate proves the enabler; the key proves the terminal, and what it does not prove opens nothing. */
const IDS = { PSK: "L12-PSK-BI-01", DIG: "L11-DIG-BI-02" } as const;

const OTHER_KEY =
  "when the key manager hands the enabler another key than the terminal has, neither takes the other for who he is";

export const wrongKeyHanded: readonly TestCase[] = USER_WAYS.map(({ code, fields }) =>
  testCase(
    {
      ...fields,
      id: IDS[code],
      purpose:
        code === "PSK"
          ? "An enabler that was handed another key proves nothing to the terminal, and there is no connection"
          : "An enabler that was handed another key takes no proof with the right one",
      requirements: code === "PSK" ? ["1.2", "5.1"] : ["1.1", "5.1"],
      polarity: "invalid",
      parameters: ["tls"],
      clauses: [
        "RD 6 1.1, 1.2",
        "RD 3.2 key confirmation",
        "RFC 4279 2",
        "RFC 8446 4.2.11",
        "TS 33.220 4.5.3",
      ],
      steps: [
        "a terminal bootstraps; the key manager gives the enabler a key for it that is well-formed and another one",
        "the terminal enters with the right key",
        "it is not served, and with a pre-shared key no handshake ends; afterwards everything works as before",
      ],
    },
    async ({ anotherTerminal, keyManager, preamble, check, observe }) => {
      const terminal = anotherTerminal();
      const association = await preamble("a terminal bootstraps", () => terminal.bootstrap());
      keyManager.steer(association, { answer: "wrong-key" });
      const attempt = await terminal.attempt(association.credential);
      const { refused, handshakeCompleted, how } = attempt;
      if (keyManager.requestsFor(association.btid).length === 0)
        throw new Inconclusive(`the enabler did not ask for the key: ${how}`);
      if (code === "PSK")
        check(
          "1.2",
          "no handshake ends in which the enabler has not proven the terminal's key",
          refused && !handshakeCompleted,
          how,
        );
      else check("1.1", "no protected resource is served and no state changes", refused, how);
      check("5.1", OTHER_KEY, refused, how);
      observe("how it was refused", how);
    },
  ),
);
