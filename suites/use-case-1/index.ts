import type { TestCase } from "../../harness/conformance/case.ts";
import { enablerCertificate, outsideTls } from "./certificate.ts";
import { withoutCredentials } from "./challenge.ts";
import {
  otherNaf,
  otherServerName,
  otherUa,
  similarIdentity,
  unknownIdentity,
  wrongKey,
} from "./credentials.ts";
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
import { anonymity, identityTold, intendedIdentity, twoKeysOfOneUser, usersAlternate } from "./identity.ts";
import { falseKeyManager } from "./key-manager-authentication.ts";
import { nonsense, refuses, silent, unreachable, wrongLength } from "./key-manager-failures.ts";
import { anonymousSuites, nullSuites } from "./weak-suites.ts";

/** RD 5.1: shared key based security establishment. */
export const USE_CASE_1: readonly TestCase[] = [
  pskEstablishment,
  digestEstablishment,
  ...identityTold,
  ...anonymity,
  ...twoKeysOfOneUser,
  usersAlternate,
  ...intendedIdentity,
  enablerCertificate,
  withoutCredentials,
  ...unknownIdentity,
  wrongKey,
  similarIdentity,
  ...otherNaf,
  ...otherUa,
  otherServerName,
  ...expiredKey,
  ...expiryInSession,
  ...refuses,
  ...silent,
  ...unreachable,
  ...nonsense,
  ...wrongLength,
  ...falseKeyManager,
  ...nullSuites,
  ...anonymousSuites,
  wrongResponse,
  otherUser,
  replay,
  usedNonceCount,
  foreignNonce,
  alteredBody,
  omittedQop,
  outsideTls,
];
