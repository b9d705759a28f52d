import { type CaseDescriptor, type TestCase, testCase } from "../../harness/conformance/case.ts";
import type { CaseContext, Trial } from "../../harness/conformance/case-context.ts";
import { NotObservable } from "../../harness/conformance/verdict.ts";
import { type CipherSuite, suitesOf } from "../../harness/protocols/tls/index.ts";
import type { Access, ApplicationRequest } from "../../harness/roles/terminal/index.ts";
import { describeEnding } from "../../harness/wire/observer.ts";

/** RD 4.2: the certificate proves the server, and whoever the visitor is, he is served what is open to everyone. */
const OPEN: Pick<CaseDescriptor, "useCase" | "needs" | "dependsOn"> = {
  useCase: 1,
  needs: { role: "enabler", wayIn: "server-only" },
  dependsOn: "UC1-SRV-BV-01",
};

const openEstablishment = testCase(
  {
    ...OPEN,
    id: "UC1-SRV-BV-01",
    purpose:
      "A terminal that authenticates the enabler gets what is open to everyone, with each claimed version and suite",
    requirements: ["1.2", "5.1"],
    polarity: "valid",
    parameters: ["tls", "suite"],
    clauses: ["RD 4.2", "RFC 5280 6", "RFC 9110 4.3.4, 15.5.2"],
    steps: [
      "the terminal offers one version and one suite alone, and verifies chain, dates and name of the certificate",
      "it asks for the open resource without credentials, and is served",
    ],
    smoke: true,
  },
  async ({ terminal, enabler, check, should }) => {
    const outcome = await terminal.handshakeWithCertificate();
    const how = outcome.ok ? "completed" : describeEnding(outcome.ending);
    check("5.1", "the handshake completes: both ends have agreed keys for the connection", outcome.ok, how);
    const certificate = outcome.ok ? outcome.session.certificate : undefined;
    const distrust =
      certificate === undefined
        ? `no certificate: ${how}`
        : (certificate.chainError ?? certificate.nameError);
    check(
      "1.2",
      "chain and name of the certificate prove the enabler to the terminal",
      distrust === undefined,
      distrust,
    );
    if (!outcome.ok || certificate === undefined) return;
    should(
      "RFC 9525",
      "the name stands in subjectAltName and not only in the common name",
      certificate.names.length > 0,
    );
    const reply = await outcome.session.exchange({
      ...enabler.open.request,
      headers: [["Host", enabler.serverName]],
    });
    check(
      "RD 4.2",
      "what is open to everyone is served, and no credentials are asked for",
      reply.ok && enabler.open.isIn(reply.response),
      reply.ok ? `status ${reply.response.status}` : describeEnding(reply.ending),
    );
  },
);

/** Asks for what only users get; what is open to everyone may be served in its place. */
async function askFor(
  access: Access,
  request: ApplicationRequest,
  enabler: CaseContext["enabler"],
): Promise<Trial> {
  const outcome = await access.request(request);
  if (!outcome.ok) return { served: false, how: describeEnding(outcome.ending) };
  const { response } = outcome;
  const served = enabler.serves(response) && !enabler.open.isIn(response);
  return { served, how: `${request.target}: status ${response.status}` };
}

const protectedWithoutUser = testCase(
  {
    ...OPEN,
    id: "UC1-SRV-BI-01",
    purpose: "Nothing protected is served to a visitor, neither at once nor after what is open to everyone",
    requirements: ["4.1"],
    polarity: "invalid",
    parameters: ["tls"],
    variants: { order: ["at-once", "after-open"] },
    clauses: ["RD 4.2", "RD 6 4.1"],
    steps: [
      "the terminal opens a TLS connection and authenticates the enabler",
      "it asks for the protected resource, at once or after it was served the open one on this connection",
    ],
  },
  async ({ terminal, enabler, parameters, preamble, enterServedAsNobody, refusal, check, observe }) => {
    const trial = await refusal(async () => {
      const access = await preamble("a TLS connection", async () => {
        if (parameters["order"] === "after-open") return enterServedAsNobody(terminal);
        const entry = await terminal.enterAsNobody();
        if (!entry.entered) throw new Error(describeEnding(entry.ending));
        return entry.access;
      });
      return askFor(access, enabler.protectedResource, enabler);
    });
    check("4.1", "nothing protected is disclosed to somebody who proved nothing", trial.refused, trial.how);
    observe("how it was refused", trial.how);
  },
);

/** Targets that begin as the open resource does and may end at the protected one; by name. */
function detours(open: string, wanted: string): Readonly<Record<string, string>> {
  return {
    dots: `${open}/..${wanted}`,
    "encoded-dots": `${open}/%2e%2e${wanted}`,
    "encoded-slash": `${open}/..%2f${wanted.slice(1)}`,
    parameter: `${open};/..${wanted}`,
    "double-slash": `/${wanted}`,
    query: `${open}?path=${wanted}`,
  };
}

const detoursToProtected = testCase(
  {
    ...OPEN,
    id: "UC1-SRV-BI-02",
    purpose: "No other spelling of a path leads from what is open to everyone to what is protected",
    requirements: ["4.1"],
    polarity: "invalid",
    parameters: ["tls"],
    clauses: ["RD 4.2", "RD 6 4.1", "RFC 3986 5.2.4, 6.2.2"],
    steps: [
      "the terminal is served the open resource",
      "it asks for paths that begin as that of the open resource does and end at the protected one",
    ],
  },
  async ({ terminal, enabler, ixit, preamble, enterServedAsNobody, refusal, check }) => {
    // Without it any page of a server that answers everything with 200 would look protected.
    if (ixit.resources.protected.contains === undefined)
      throw new NotObservable(
        "IXIT resources.protected.contains is missing: any page could be the protected one",
      );
    const targets = detours(enabler.open.request.target, enabler.protectedResource.target);
    const seen: string[] = [];
    const trial = await refusal(async () => {
      const access = await preamble("the open resource is served", () => enterServedAsNobody(terminal));
      for (const target of Object.values(targets)) {
        const one = await askFor(access, { method: "GET", target }, enabler);
        seen.push(one.how);
        if (one.served) return one;
      }
      return { served: false, how: seen.join("; ") };
    });
    check("4.1", "nothing protected is disclosed by a detour", trial.refused, trial.how);
  },
);

const SUITES = {
  null: {
    id: "UC1-SRV-BI-03",
    purpose: "A visitor who offers only suites without encryption is served nothing",
    label: "4.1",
    suites: suitesOf("certificate", false),
    clauses: ["RD 6 4.1", "RFC 5246 A.5"],
    text: "nothing is served over a connection that is not encrypted",
  },
  anonymous: {
    id: "UC1-SRV-BI-04",
    purpose: "A visitor who offers only suites in which the enabler proves nothing is served nothing",
    label: "1.2",
    suites: suitesOf("anonymous", true),
    clauses: ["RD 6 1.2, 5.1", "RFC 5246 A.5 (anonymous suites)"],
    text: "no connection comes about in which the enabler has not proven itself",
  },
} as const;

/** Takes one suite alone into a handshake, and asks for the open resource when it completes. */
async function visitWith(suite: CipherSuite, { terminal, enabler }: CaseContext): Promise<Trial> {
  const outcome = await terminal.handshakeWith([suite]);
  if (!outcome.ok) return { served: false, how: describeEnding(outcome.ending) };
  const reply = await outcome.session.exchange({
    ...enabler.open.request,
    headers: [["Host", enabler.serverName]],
  });
  const what = reply.ok ? `status ${reply.response.status}` : describeEnding(reply.ending);
  return { served: true, how: `${suite.name}: handshake completed, ${what}` };
}

const nullSuites = testCase(
  {
    ...OPEN,
    id: SUITES.null.id,
    purpose: SUITES.null.purpose,
    requirements: ["4.1"],
    polarity: "invalid",
    needs: { ...OPEN.needs, tls: "1.2" },
    parameters: [],
    clauses: SUITES.null.clauses,
    steps: [
      "the terminal offers, in TLS 1.2, each suite without encryption alone, and asks for the open resource",
    ],
  },
  async (context) => {
    const claimed = context.ics.waysIn["server-only"]?.suites ?? [];
    const weak = SUITES.null.suites;
    context.should(
      "RD 6 4.1",
      "no suite without encryption is claimed",
      !weak.some(({ name }) => claimed.includes(name)),
    );
    for (const suite of weak.filter(({ name }) => !claimed.includes(name))) {
      const trial = await context.refusal(() => visitWith(suite, context));
      context.check("4.1", SUITES.null.text, trial.refused, trial.how);
    }
  },
);

const anonymousSuites = testCase(
  {
    ...OPEN,
    id: SUITES.anonymous.id,
    purpose: SUITES.anonymous.purpose,
    requirements: ["1.2", "5.1"],
    polarity: "invalid",
    needs: { ...OPEN.needs, tls: "1.2" },
    parameters: [],
    clauses: SUITES.anonymous.clauses,
    steps: ["the terminal offers, in TLS 1.2, only suites with anonymous key exchange"],
  },
  async ({ terminal, refusal, check }) => {
    const trial = await refusal(async () => {
      const outcome = await terminal.handshakeWith(SUITES.anonymous.suites);
      if (!outcome.ok) return { served: false, how: describeEnding(outcome.ending) };
      return { served: true, how: `handshake completed with ${outcome.session.suite.name}` };
    });
    check("1.2", SUITES.anonymous.text, trial.refused, trial.how);
    check("5.1", "no keys are agreed with somebody who could be anybody", trial.refused, trial.how);
  },
);

const visitorIsNobody = testCase(
  {
    ...OPEN,
    id: "UC1-SRV-BI-05",
    purpose: "A visitor who presents the identity of a subscriber remains nobody, and no key is asked for",
    requirements: ["5.1"],
    polarity: "invalid",
    parameters: ["tls"],
    clauses: ["RD 4.2", "RD 3.2 anonymity", "TS 24.109 7.2 (X-3GPP-Intended-Identity)"],
    steps: [
      "the terminal bootstraps, and is served the open resource without naming its key",
      "it is served again, and presents an identity of a subscriber in X-3GPP-Intended-Identity",
      "where the open resource says for whom the application took the visitor, it is nobody's identity",
    ],
    // Whether a key request belongs to the visit can be said only when nobody else enters.
    exclusive: true,
  },
  async ({ terminal, enabler, keyManager, preamble, enterServedAsNobody, check, observe }) => {
    await preamble("the terminal bootstraps", () => terminal.bootstrap());
    const before = keyManager.askedFor();
    const access = await preamble("the open resource is served", () => enterServedAsNobody(terminal));
    const told = await preamble("it is served again, with an identity presented", async () => {
      const headers = [["X-3GPP-Intended-Identity", `"${terminal.impi}"`]] as const;
      const outcome = await access.request({ ...enabler.open.request, headers });
      if (!outcome.ok) throw new Error(describeEnding(outcome.ending));
      observe("answer to a presented identity", `status ${outcome.response.status}`);
      return enabler.open.visitorIn(outcome.response);
    });
    const asked = [...keyManager.askedFor()].filter((btid) => !before.has(btid));
    check("5.1", "no key is asked for where none was named", asked.length === 0, asked.join(", "));
    if (enabler.open.tellsVisitor) {
      check(
        "RD 4.2",
        "the application is told nobody's identity",
        told === undefined || !keyManager.identities().includes(told),
        `told ${JSON.stringify(told)}`,
      );
    } else
      observe(
        "whether the application is told an identity",
        "declared: IXIT resources.open.identity is missing",
      );
  },
);

export const serverOnly: readonly TestCase[] = [
  openEstablishment,
  protectedWithoutUser,
  detoursToProtected,
  nullSuites,
  anonymousSuites,
  visitorIsNobody,
];
