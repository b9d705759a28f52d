import type { TestCase } from "../../harness/conformance/case.ts";
import { addressTranslation } from "./address-translation.ts";
import { bootstrappingVariants, uiccKey, userOfEachKey } from "./bootstrapping-variants.ts";
import { keysKept, keysNotKept } from "./caching.ts";
import { enablerCertificate, outsideTls } from "./certificate.ts";
import { actingWithoutCredentials, withoutCredentials } from "./challenge.ts";
import {
  otherNaf,
  otherServerName,
  otherUa,
  serverNameForms,
  similarIdentity,
  unknownIdentity,
  wrongKey,
} from "./credentials.ts";
import { doubtfulAnswers, swappedAnswers, unusedAnswers, usedAnswers } from "./diameter-answers.ts";
import { bodyCases } from "./digest/bodies.ts";
import { countCases } from "./digest/counts.ts";
import { directiveCases } from "./digest/directives.ts";
import { flightCases } from "./digest/flights.ts";
import { formCases } from "./digest/forms.ts";
import { nonceCases } from "./digest/nonces.ts";
import { replayAfterRestart, replayCases } from "./digest/replays.ts";
import { userCases } from "./digest/users.ts";
import {
  alteredBody,
  foreignNonce,
  omittedQop,
  otherUser,
  replay,
  usedNonceCount,
  wrongResponse,
} from "./digest.ts";
import { digestEstablishment, pskEstablishment } from "./establishment.ts";
import { expiredKey, expiryInSession } from "./expiry.ts";
import { foreignDomain } from "./foreign-domain.ts";
import { cutIdentity, emptyIdentity, identityForms, longestIdentity, ownLongIdentity } from "./identities.ts";
import { anonymity, identityTold, intendedIdentity, twoKeysOfOneUser, usersAlternate } from "./identity.ts";
import { identityOfOtherOctets, identityWithNul, longIdentity } from "./identity-octets.ts";
import { falseKeyManager, unprotectedKeyManager } from "./key-manager-authentication.ts";
import { nonsense, refuses, silent, unreachable, wrongLength } from "./key-manager-failures.ts";
import { lostRight } from "./lost-right.ts";
import { keyOfEachName, keyOfOtherOwnName } from "./own-names.ts";
import { consistentView, postConditions } from "./post-conditions.ts";
import { retired } from "./retired-suites.ts";
import { serverOnly } from "./server-only.ts";
import { identitySettings } from "./several-identities.ts";
import { crowd, manyConnections, newKeyDuringSession } from "./simultaneous.ts";
import { oldVersionWithCertificate, oldVersionWithPsk, sha2BeforeTls12 } from "./versions.ts";
import { anonymousSuites, nullSuites } from "./weak-suites.ts";

/** RD 5.1: shared key based security establishment. */
export const USE_CASE_1: readonly TestCase[] = [
  pskEstablishment,
  digestEstablishment,
  ...identityTold,
  ...anonymity,
  ...twoKeysOfOneUser,
  ...newKeyDuringSession,
  ...manyConnections,
  ...crowd,
  ...keysNotKept,
  ...keysKept,
  ...bootstrappingVariants,
  ...userOfEachKey,
  ...uiccKey,
  usersAlternate,
  ...intendedIdentity,
  enablerCertificate,
  withoutCredentials,
  actingWithoutCredentials,
  ...unknownIdentity,
  wrongKey,
  similarIdentity,
  longestIdentity,
  cutIdentity,
  ownLongIdentity,
  identityForms,
  emptyIdentity,
  longIdentity,
  identityWithNul,
  identityOfOtherOctets,
  ...foreignDomain,
  ...otherNaf,
  ...otherUa,
  otherServerName,
  serverNameForms,
  keyOfEachName,
  keyOfOtherOwnName,
  ...expiredKey,
  ...expiryInSession,
  ...refuses,
  ...silent,
  ...unreachable,
  ...nonsense,
  ...wrongLength,
  ...falseKeyManager,
  ...usedAnswers,
  ...unusedAnswers,
  ...swappedAnswers,
  ...doubtfulAnswers,
  ...unprotectedKeyManager,
  ...nullSuites,
  ...anonymousSuites,
  ...retired,
  sha2BeforeTls12,
  oldVersionWithPsk,
  oldVersionWithCertificate,
  wrongResponse,
  otherUser,
  replay,
  usedNonceCount,
  foreignNonce,
  alteredBody,
  omittedQop,
  ...directiveCases,
  ...formCases,
  ...countCases,
  ...nonceCases,
  ...replayCases,
  ...userCases,
  ...flightCases,
  ...bodyCases,
  outsideTls,
  ...serverOnly,
  ...addressTranslation,
  ...postConditions,
  ...consistentView,
  ...identitySettings,
  ...lostRight,
  replayAfterRestart,
];
