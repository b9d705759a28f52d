import { type TestCase, testCase } from "../../harness/conformance/case.ts";
import { type Tampering, tamper } from "../property/tampering.ts";
import { EVERY_WAY } from "../property/ways.ts";

const WAYS = {
  truncated: { action: () => ({ kind: "truncate", octets: 1, mend: true }) },
  "cut-short": { action: () => ({ kind: "truncate", octets: 1, mend: false }) },
  extended: { action: () => ({ kind: "extend", octets: 1, mend: true }) },
  divided: { action: () => ({ kind: "refragment", octets: 20 }) },
  dropped: { action: () => ({ kind: "drop" }) },
  // Here the first request arrives as it should and may act: it is the second one that must not.
  repeated: { action: () => ({ kind: "repeat" }), acting: "second" },
  swapped: { action: () => ({ kind: "swap" }) },
} as const satisfies Readonly<Record<string, Tampering>>;

const TAMPERINGS: ReadonlyMap<string, Tampering> = new Map(Object.entries(WAYS));

export const rearrangedRecords: readonly TestCase[] = EVERY_WAY.map(({ code, fields }) =>
  testCase(
    {
      ...fields,
      id: `L31-${code}-BI-02`,
      purpose:
        "Protected records that are cut, extended, divided, left out, repeated or out of order end the connection",
      requirements: ["3.1"],
      polarity: "invalid",
      parameters: ["tls"],
      variants: { way: Object.keys(WAYS) },
      clauses: ["RD 6 3.1", "RFC 5246 6.2.3, 6.2.3.1", "RFC 8446 5.2, 5.3"],
      steps: [
        "a terminal in a visited network is served",
        "it sends two requests, and the network does to the record of the first what the variant says",
        "the connection has ended, nothing that follows is answered, and the state is what it was",
      ],
    },
    async (context) => {
      const { parameters, check, observe } = context;
      const seen = await tamper(context, code, TAMPERINGS.get(parameters["way"] ?? "") ?? WAYS.dropped);
      check("3.1", "the change is detected: the connection ends", seen.ended, seen.how);
      check("3.1", "nothing that follows the change acts or is answered", seen.refused, seen.how);
      observe("how it was refused", seen.how);
    },
  ),
);
