import { testCase } from "../../harness/conformance/case.ts";
import { describeEnding } from "../../harness/wire/observer.ts";
import { ALTERNATIVE, needing } from "./flows.ts";

export const enablerCertificate = testCase(
  {
    ...ALTERNATIVE,
    id: "UC1-DIG-BV-06",
    purpose:
      "The enabler's certificate chains to the authority of the IXIT and is one for the name that the terminal used",
    requirements: ["1.2"],
    polarity: "valid",
    parameters: ["tls", "suite"],
    clauses: ["RD 5.1.6", "RFC 5280 6", "RFC 9110 4.3.4", "TS 33.222 5.3"],
    steps: [
      "the terminal completes a TLS handshake whatever the certificate is worth",
      "it verifies chain, dates and names",
    ],
  },
  async ({ terminal, enabler, check, should }) => {
    const outcome = await terminal.handshakeWithCertificate();
    const how = outcome.ok ? "completed" : describeEnding(outcome.ending);
    const certificate = outcome.ok ? outcome.session.certificate : undefined;
    const chainError = certificate === undefined ? `no certificate: ${how}` : certificate.chainError;
    check(
      "1.2",
      "the chain is valid and ends in the authority of the IXIT",
      chainError === undefined,
      chainError,
    );
    if (certificate === undefined) return;
    const { nameError, names } = certificate;
    check(
      "1.2",
      "the certificate is one for the server name",
      nameError === undefined,
      nameError ?? names.join(", "),
    );
    should(
      "RFC 9525",
      "the name stands in subjectAltName and not only in the common name",
      names.length > 0,
      `subjectAltName of the certificate for ${enabler.serverName} has no DNS name`,
    );
  },
);

export const outsideTls = testCase(
  {
    ...ALTERNATIVE,
    id: "UC1-DIG-BI-08",
    purpose: "Nothing protected is served outside TLS",
    requirements: ["4.1"],
    polarity: "invalid",
    needs: needing(ALTERNATIVE, { claims: { "ua.identifier": ["negotiated"] }, observes: ["plain"] }),
    parameters: [],
    clauses: ["RD 5.1.6", "RD 6 4.1", "TS 24.109 5.2"],
    steps: [
      "the terminal asks for the protected resource over plain HTTP, at the address that the IXIT names for it",
    ],
    smoke: true,
  },
  async ({ enabler, refusal, check, should }) => {
    let challenged = false;
    const trial = await refusal(async () => {
      const seen = await enabler.askOutsideTls();
      challenged = seen.challenged;
      return seen;
    });
    check("4.1", "nothing protected is served outside TLS", trial.refused, trial.how);
    should(
      "TS 24.109 5.2",
      "no challenge invites the terminal to authenticate outside TLS",
      !challenged,
      trial.how,
    );
  },
);
