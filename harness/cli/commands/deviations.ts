import { MISPLACED, SERVER_DEVIATIONS, SHARE_DEVIATIONS, TLS_DEVIATIONS } from "../../protocols/tls/index.ts";
import { DIAMETER_ANSWERS, ZN_ANSWERS } from "../../roles/key-manager/index.ts";
import { DIGEST_DEVIATIONS } from "../../roles/terminal/index.ts";
import { ACTIONS } from "../../roles/visited-network/index.ts";

/** What one of our roles can do wrong on purpose. */
interface DeviationEntry {
  readonly id: string;
  /** Which role, and over what. */
  readonly of: string;
  readonly title: string;
  /** The clause that it breaks, or that allows it. */
  readonly clause: string;
  /** TLS versions in which it can be carried out. */
  readonly versions?: readonly string[];
  /** What a conforming system makes of it, where the deviation says so. */
  readonly expects?: string;
}

interface Described {
  readonly title: string;
  readonly clause: string;
  readonly versions?: readonly string[];
  readonly expects?: string;
  readonly enabler?: string;
  readonly level?: string;
}

/** What each word of an expectation means for the system under test. */
const EXPECTATIONS: Readonly<Record<string, string>> = {
  refuse: "must end it",
  accept: "must bear it",
  either: "may do either",
  key: "uses the key",
  "no-key": "uses no key of this answer",
  "never-mixed": "never takes it for another user",
  open: "may do either",
};

const GROUPS: readonly (readonly [of: string, named: Readonly<Record<string, Described>>])[] = [
  ["terminal's Digest", DIGEST_DEVIATIONS],
  ["terminal's TLS", TLS_DEVIATIONS],
  ["terminal's TLS, message in a wrong place", Object.fromEntries(MISPLACED)],
  ["terminal's TLS, wrong share", Object.fromEntries(SHARE_DEVIATIONS)],
  ["TLS of a server of ours", SERVER_DEVIATIONS],
  ["visited network", ACTIONS],
  ["key manager on Zn", ZN_ANSWERS],
  ["key manager on Zn with Diameter", DIAMETER_ANSWERS],
];

/** Every named misbehaviour, in the order in which `seccf list --deviations` shows them. */
export const DEVIATIONS: readonly DeviationEntry[] = GROUPS.flatMap(([of, named]) =>
  Object.entries(named).map(([id, described]) => entryOf(id, of, described)),
);

function entryOf(
  id: string,
  of: string,
  { title, clause, versions, expects, enabler, level }: Described,
): DeviationEntry {
  const expectation = EXPECTATIONS[expects ?? enabler ?? ""];
  const weight = level === undefined || level === "must" ? "" : ` (${level})`;
  return {
    id,
    of,
    title,
    clause,
    ...(versions === undefined ? {} : { versions }),
    ...(expectation === undefined ? {} : { expects: `${expectation}${weight}` }),
  };
}
