import { testCase } from "../../harness/conformance/case.ts";
import type { CaseContext } from "../../harness/conformance/case-context.ts";
import type { SecurityAssociation } from "../../harness/roles/terminal/index.ts";
import { describeEnding } from "../../harness/wire/observer.ts";
import { authenticationInfoProblem } from "./authentication-info.ts";
import { ALTERNATIVE, NORMAL } from "./flows.ts";

const ASKED =
  "the key manager was asked for this B-TID, this enabler and the claimed Ua identifier, and nothing else";

/** 5.1: which key the enabler asked for, as the key manager saw it. */
function checkAskedFor(context: CaseContext, { btid }: SecurityAssociation, ua: string): void {
  const requests = context.keyManager.requestsFor(btid);
  const asked = requests.map(({ nafFqdn, ua: asked }) => `${nafFqdn} ${asked}`);
  const wanted = `${context.enabler.serverName} ${ua}`;
  const exact = asked.length > 0 && asked.every((one) => one === wanted);
  context.check("5.1", ASKED, exact, `wanted ${wanted}; asked for ${asked.join(", ") || "nothing"}`);
  context.should(
    "TS 33.220 H.3",
    "the Ua identifier is the one that the negotiated suite gives",
    context.ics.ua.identifier === "negotiated",
    `ICS ua.identifier is ${context.ics.ua.identifier}`,
  );
}

export const pskEstablishment = testCase(
  {
    ...NORMAL,
    id: "UC1-PSK-BV-01",
    purpose:
      "A terminal with a bootstrapped key gets a PSK-TLS connection with each claimed version and suite",
    requirements: ["1.1", "1.2", "5.1"],
    polarity: "valid",
    parameters: ["tls", "suite"],
    clauses: [
      "RD 5.1.5",
      "RFC 4279 2",
      "RFC 8446 4.2.11",
      "TS 33.222 5.4",
      "TS 33.220 B.3, H.3",
      "TS 24.109 F.3",
    ],
    steps: [
      "the terminal bootstraps",
      "it offers one version and one suite alone, with its B-TID as identity and its Ks_NAF as key",
      "both Finished verify, which proves the key to both ends",
      "the protected resource is served, and the key manager saw exactly the right key request",
    ],
    smoke: true,
  },
  async (context) => {
    const { terminal, enabler, check, preamble } = context;
    const association = await preamble("the terminal bootstraps", () => terminal.bootstrap());
    const entry = await context.enterValid(terminal, association.credential);
    const session = entry.entered ? entry.access.session : undefined;
    const how = entry.entered ? "completed" : describeEnding(entry.ending);
    check(
      "1.2",
      "the enabler proves the key: the handshake completes with the pre-shared key",
      session?.pskInUse === true,
      how,
    );
    if (!entry.entered) {
      check("1.1", "the protected resource is served to the terminal", false, how);
      return;
    }
    const outcome = await entry.access.request(enabler.protectedResource);
    const served = outcome.ok && enabler.serves(outcome.response);
    const what = outcome.ok ? `status ${outcome.response.status}` : describeEnding(outcome.ending);
    check("1.1", "the protected resource is served to the terminal", served, what);
    checkAskedFor(context, association, context.claimedUa(entry.access));
    checkHint(context, entry.access.session.hint);
  },
);

/** TS 24.109 F.3: TLS 1.3 has no hint, and a product that is no GBA enabler may claim to send none. */
function checkHint(context: CaseContext, hint: string | null): void {
  if (context.parameters["tls"] === "1.3") return;
  if (context.ics.psk.hint === "none") {
    context.observe("psk_identity_hint", hint ?? "none");
    return;
  }
  context.check(
    "TS 24.109 F.3",
    "ServerKeyExchange carries a psk_identity_hint that contains 3GPP-bootstrapping",
    hint?.includes("3GPP-bootstrapping") === true,
    hint === null ? "no hint" : JSON.stringify(hint),
  );
}

export const digestEstablishment = testCase(
  {
    ...ALTERNATIVE,
    id: "UC1-DIG-BV-01",
    purpose:
      "A terminal that trusts the enabler's certificate is served after HTTP Digest with each claimed version, suite, algorithm and qop",
    requirements: ["1.1", "1.2", "5.1"],
    polarity: "valid",
    parameters: ["tls", "suite", "algorithm", "qop"],
    clauses: ["RD 5.1.6", "TS 33.222 5.3", "TS 24.109 5.2", "RFC 7616 3", "TS 33.220 H.3"],
    steps: [
      "the terminal bootstraps",
      "it opens a TLS connection and verifies chain and name of the certificate",
      "it answers the challenge with its B-TID and base64(Ks_NAF)",
      "the protected resource is served, Authentication-Info, if there is one, is right, and the key manager saw exactly the right key request",
    ],
    smoke: true,
  },
  async (context) => {
    const { terminal, enabler, check, preamble } = context;
    const association = await preamble("the terminal bootstraps", () => terminal.bootstrap());
    const entry = await terminal.enterWithDigest(association.credential);
    const how = entry.entered ? "completed" : describeEnding(entry.ending);
    check("1.2", "the handshake completes and the certificate is that of the enabler", entry.entered, how);
    if (!entry.entered) return;
    const { access } = entry;
    const outcome = await access.request(enabler.protectedResource);
    const served = outcome.ok && enabler.serves(outcome.response);
    const what = outcome.ok ? `status ${outcome.response.status}` : describeEnding(outcome.ending);
    check("1.1", "the protected resource is served to the terminal", served, what);
    if (served) checkAskedFor(context, association, context.claimedUa(access));
    if (!served || !outcome.ok || outcome.sent === undefined) return;
    const info = authenticationInfoProblem(outcome.response, outcome.sent, access.secrets);
    if (info === "absent") {
      context.should(
        "RFC 7616 3.5",
        "the answer carries Authentication-Info, as claimed",
        !context.ics.digest.authenticationInfo,
        "absent",
      );
      return;
    }
    check(
      "RFC 7616 3.5",
      "Authentication-Info is complete and its rspauth is right",
      info === undefined,
      info,
    );
  },
);
