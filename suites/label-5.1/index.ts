import type { TestCase } from "../../harness/conformance/case.ts";
import { downgrades } from "./downgrade.ts";
import { forgedParameters } from "./forged.ts";
import { forwardSecrecy } from "./forward-secrecy.ts";
import { freshKeys } from "./fresh.ts";
import {
  legacyRenegotiation,
  renegotiationEnds,
  renegotiationKeepsUser,
  renegotiationProvesKey,
  renegotiationProvesUser,
  unboundRenegotiations,
} from "./renegotiation.ts";
import { resumptionEnds, resumptionForOtherName, resumptionKeepsUser } from "./resumption.ts";
import { degenerateNumbers, degenerateShares } from "./shares.ts";

/** RD 6 5.1: keys are agreed in a secure way before anything relies on them. */
export const LABEL_51: readonly TestCase[] = [
  ...freshKeys,
  ...forwardSecrecy,
  ...downgrades,
  ...degenerateShares,
  ...degenerateNumbers,
  ...forgedParameters,
  resumptionKeepsUser,
  resumptionEnds,
  resumptionForOtherName,
  legacyRenegotiation,
  ...unboundRenegotiations,
  renegotiationKeepsUser,
  renegotiationProvesUser,
  renegotiationEnds,
  renegotiationProvesKey,
];
