import { type TestCase, testCase } from "../../harness/conformance/case.ts";
import type { CaseContext } from "../../harness/conformance/case-context.ts";
import { claimedLinks, type Link } from "../../harness/conformance/parameters.ts";
import { NothingToAsk } from "../../harness/conformance/verdict.ts";
import { describeEnding } from "../../harness/wire/observer.ts";
import { type Reached, reach } from "../property/over-path.ts";
import { needing, USER_WAYS, WAYS_IN, type WayCode } from "../property/ways.ts";

const RECORD_HEADER = 5;
/** ServerHello.random behind the headers of record and message and the version. */
const RANDOM_END = RECORD_HEADER + 4 + 2 + 32;
/** "DOWNGRD" and 1 or 0 (RFC 8446 4.1.3). */
const MARK_12 = "444f574e47524401";
const MARK_OLDER = "444f574e47524400";

function endOfRandom({ connection }: Reached): string {
  const hello = connection.record("towards-client", { nth: 1, of: "handshake" })?.octets;
  return hello?.subarray(RANDOM_END - MARK_12.length / 2, RANDOM_END).toString("hex") ?? "";
}

/** The newest version below 1.3 that is claimed. @throws NothingToAsk */
function olderLink({ ics }: CaseContext, code: WayCode): Link {
  const links = claimedLinks(ics, WAYS_IN[code]);
  const older = links
    .filter(({ version }) => version !== "1.3")
    .sort((a, b) => (a.version < b.version ? 1 : -1));
  const [link] = older;
  if (link === undefined) throw new NothingToAsk("no version below TLS 1.3 is claimed");
  return link;
}

export const downgrades: readonly TestCase[] = USER_WAYS.map(({ code, fields }) =>
  testCase(
    {
      ...fields,
      id: `L51-${code}-BI-01`,
      purpose:
        "An enabler that can do TLS 1.3 tells a terminal which negotiated less, so that a path cannot talk both down",
      requirements: ["5.1"],
      polarity: "invalid",
      needs: needing(fields, { tls: "1.3", link: "below TLS 1.3" }),
      parameters: [],
      clauses: ["RD 6 5.1", "RFC 8446 4.1.3", "RFC 7507 3"],
      steps: [
        "a terminal in a visited network offers nothing newer than the version below TLS 1.3 that is claimed",
        "the end of ServerHello.random says that the enabler could have done more",
        "it offers that version again, and says with TLS_FALLBACK_SCSV that it tried a newer one before",
      ],
    },
    async (context) => {
      const { check, should, observe } = context;
      const { version, suite } = olderLink(context, code);
      const reached = await reach(context, code, { version, suites: [suite] });
      const mark = endOfRandom(reached);
      const marked = mark === (version === "1.2" ? MARK_12 : MARK_OLDER);
      check(
        "5.1",
        "ServerHello.random tells of the newer version",
        marked,
        `TLS ${version}, its end is ${mark}`,
      );
      const { terminal, credential } = reached;
      if (credential === undefined) return;
      const entry = await terminal.enter(credential, {
        version,
        suites: [suite],
        misbehaviour: "fallbackSuite",
      });
      const how = entry.entered ? "the handshake ended" : describeEnding(entry.ending);
      should("RFC 7507 3", "a fallback that is not needed is refused", !entry.entered, how);
      observe("how a needless fallback was answered", how);
    },
  ),
);
