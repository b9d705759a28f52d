import { type TestCase, testCase } from "../../harness/conformance/case.ts";
import type { CaseContext } from "../../harness/conformance/case-context.ts";
import { suiteByName, suiteHex } from "../../harness/protocols/tls/index.ts";
import {
  type Protection,
  protectionOf,
  REGIONS,
  type RegionName,
} from "../../harness/roles/visited-network/index.ts";
import type { Reached } from "../property/over-path.ts";
import { type Tampered, tamper } from "../property/tampering.ts";
import { EVERY_WAY, type WayCode } from "../property/ways.ts";

const PARTS = ["header", "length", "begin", "middle", "end"] as const;

/** encrypt_then_mac (RFC 7366 2), empty, as it stands in a ServerHello. */
const ENCRYPT_THEN_MAC = Buffer.from("00160000", "hex");

/** Where the parts of a protected record of this connection are. */
function layout({ access: { session }, connection }: Reached): Protection {
  const hello = connection.record("towards-client", { nth: 1, of: "handshake" })?.octets;
  return protectionOf(session.version, session.suite, hello?.includes(ENCRYPT_THEN_MAC) ?? false);
}

/** The suite of the instance, before any connection is made. */
function protectionHere({ ics, parameters }: CaseContext, code: WayCode): Protection | undefined {
  const { wayIn } = EVERY_WAY.find((one) => one.code === code)?.fields.needs ?? {};
  const claimed = Object.entries(ics.waysIn).find(([name]) => name === wayIn)?.[1].suites ?? [];
  const suite = claimed.map(suiteByName).find((one) => one && suiteHex(one) === parameters["suite"]);
  return suite === undefined ? undefined : protectionOf("1.2", suite);
}

/**
 * Padding and MAC are told apart by nobody (RFC 5246 7.2.2), or the padding can be guessed. A reset overtakes the alert
 * before it where octets are left unread, so that an alert which was not seen tells nothing.
 */
function judgeAlerts({ should }: CaseContext, alerts: readonly (number | undefined)[]): void {
  const same = new Set(alerts.filter((alert) => alert !== undefined)).size < 2;
  const seen = alerts.map((alert) => alert ?? "none seen").join(", then ");
  should("RFC 5246 6.2.3.2", "wrong padding is answered as a wrong MAC is", same, seen);
}

/** Regions of a part, each of which is changed on a connection of its own. */
function regionsOf(part: string, isCbc: boolean, version: string): readonly RegionName[] {
  switch (part) {
    case "header":
      // The version of a protected record of TLS 1.3 may be ignored (RFC 8446 5.2).
      return version === "1.3" ? ["type"] : ["type", "version"];
    case "length":
      return ["length"];
    case "begin":
      return ["begin"];
    case "middle":
      return ["middle"];
    default:
      return isCbc ? ["tag", "padding"] : ["tag"];
  }
}

const alter = (context: CaseContext, code: WayCode, region: RegionName): Promise<Tampered> =>
  tamper(context, code, {
    action: (reached) => ({ kind: "alter", region, protection: layout(reached) }),
  });

/** What a changed record does to the enabler is judged; how it says so is only recommended. */
function judge({ check, should, parameters }: CaseContext, region: RegionName, seen: Tampered): void {
  const what = REGIONS[region].title;
  check("3.1", "the change is detected: the connection ends", seen.ended, `${what}: ${seen.how}`);
  check("3.1", "nothing of it acts, and nothing that follows it", seen.refused, `${what}: ${seen.how}`);
  // RFC 5246 7.2.2 forbids it; in TLS 1.0 it had a meaning.
  if (parameters["tls"] !== "1.0")
    should("RFC 5246 7.2.2", "no alert tells that decryption failed", seen.alert !== 21, seen.how);
}

export const alteredRecord: readonly TestCase[] = EVERY_WAY.map(({ code, fields }) =>
  testCase(
    {
      ...fields,
      id: `L31-${code}-BI-01`,
      purpose:
        "A protected record of which the network changes one bit ends the connection, and does not act",
      requirements: ["3.1"],
      polarity: "invalid",
      parameters: ["tls", "suite"],
      variants: { part: PARTS },
      clauses: ["RD 6 3.1", "RFC 5246 6.2.3, 7.2.2", "RFC 8446 5.2", "RFC 7366 3"],
      steps: [
        "a terminal in a visited network is served",
        "it sends a request that changes a state, and the network changes one bit of the record that carries it",
        "another request follows; the connection has ended, and the state is what it was",
      ],
    },
    async (context) => {
      const { parameters, observe } = context;
      const { part = "", tls = "" } = parameters;
      const isCbc = protectionHere(context, code)?.kind === "cbc";
      const alerts: (number | undefined)[] = [];
      for (const region of regionsOf(part, isCbc, tls)) {
        const seen = await alter(context, code, region);
        judge(context, region, seen);
        observe(`how it was refused: ${region}`, seen.how);
        alerts.push(seen.alert);
      }
      if (alerts.length > 1 && part === "end") judgeAlerts(context, alerts);
      if (part === "header" && tls === "1.3") {
        const seen = await alter(context, code, "version");
        observe("a changed version in the header of a protected record", seen.how);
      }
    },
  ),
);
