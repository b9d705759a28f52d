import { describe, expect, it } from "vitest";
import type { Ics, Ixit } from "../system/profile/index.ts";
import type { CaseDescriptor, CaseNeeds, Observation } from "./case.ts";
import { boundLabels, notApplicable, versionsBelow } from "./selection.ts";
import { descriptor, referenceProfile } from "./testing/reference-profile.ts";

const { ics, ixit } = referenceProfile();
const PSK: CaseNeeds = { role: "enabler", wayIn: "uc1.psk-tls" };

interface Situation {
  readonly ics?: Partial<Ics>;
  readonly ixit?: Partial<Ixit>;
  readonly case: Partial<CaseDescriptor>;
}

function decide({ ics: claims = {}, ixit: reached = {}, case: fields }: Situation) {
  return notApplicable(descriptor(fields), { ...ics, ...claims }, { ...ixit, ...reached });
}

const EXTERNAL: Pick<Ixit, "system"> = { system: { kind: "external" } };
const { protected: only } = ixit.resources;
const BARE = { protected: only };

describe("boundLabels", () => {
  it("leaves out what the claimed release does not demand", () => {
    expect(boundLabels(["1.1", "1.4", "5.1", "1.1a"], 1)).toEqual(["1.1", "5.1"]);
    expect(boundLabels(["1.1", "1.4", "5.1", "1.1a"], 2)).toEqual(["1.1", "1.4", "5.1", "1.1a"]);
  });
});

describe("versionsBelow", () => {
  it.each([
    [
      ["1.2", "1.3"],
      ["1.0", "1.1"],
    ],
    [["1.3"], ["1.0", "1.1", "1.2"]],
    [["1.2", "1.0"], []],
  ] as const)("of %s are %s", (tls, older) => {
    const claims = { ...ics, waysIn: { "uc1.psk-tls": { tls, suites: [] } } };
    expect(versionsBelow(claims, "uc1.psk-tls")).toEqual(older);
    expect(versionsBelow(claims, "uc1.https-digest")).toEqual([]);
    const needs: CaseNeeds = { ...PSK, olderTls: true };
    const decided = notApplicable(descriptor({ needs }), claims, ixit);
    expect(decided?.reason).toBe(
      older.length > 0
        ? undefined
        : "ICS waysIn.uc1.psk-tls.tls claims 1.0, and no older version can be offered",
    );
  });
});

describe("a link that the ICS must claim", () => {
  it.each([
    [["1.2", "1.3"], [], "below TLS 1.3", undefined],
    [["1.3"], [], "below TLS 1.3", "ICS waysIn.uc1.psk-tls claims no version below TLS 1.3"],
    [["1.3"], [], "elliptic", undefined],
    [["1.2"], ["TLS_ECDHE_PSK_WITH_AES_128_CBC_SHA256"], "elliptic", undefined],
    [
      ["1.2"],
      ["TLS_PSK_WITH_AES_128_GCM_SHA256"],
      "elliptic",
      "ICS waysIn.uc1.psk-tls claims no suite with a curve",
    ],
  ] as const)("%s, %s: %s", (tls, suites, link, reason) => {
    const claims = { ...ics, waysIn: { "uc1.psk-tls": { tls, suites } } };
    expect(notApplicable(descriptor({ needs: { ...PSK, link } }), claims, ixit)?.reason).toBe(reason);
  });
});

describe("notApplicable", () => {
  it("is undefined for what the reference profile claims", () => {
    const needs: CaseNeeds = {
      ...PSK,
      tls: "1.3",
      claims: {
        "psk.hint": ["3GPP-bootstrapping"],
        "digest.qop": ["auth-int"],
        "digest.qopMandatory": [true],
      },
      observes: ["identity", "state", "plain"],
      startedSystem: true,
    };
    expect(decide({ case: { needs } })).toBeUndefined();
  });

  it.each<[string, Situation, string]>([
    ["a role", { ics: { roles: [] }, case: {} }, "ICS roles does not claim enabler"],
    ["a way in", { ics: { waysIn: {} }, case: {} }, "ICS waysIn does not claim uc1.psk-tls"],
    [
      "a way in of another use case",
      { case: { needs: { ...PSK, wayIn: "uc4.psk-tls" } } },
      "ICS waysIn does not claim uc4.psk-tls",
    ],
    [
      "the release, when all labels are of release 2",
      { ics: { release: 1 }, case: { requirements: ["1.4", "1.1a"] } },
      "ICS release: 1 does not bind 1.4, 1.1a",
    ],
    [
      "a TLS version",
      {
        ics: { waysIn: { "uc1.psk-tls": { tls: ["1.2"], suites: ["TLS_PSK_WITH_AES_128_GCM_SHA256"] } } },
        case: { needs: { ...PSK, tls: "1.3" } },
      },
      "ICS waysIn.uc1.psk-tls.tls does not claim 1.3",
    ],
    [
      "a system that runs already",
      { ixit: EXTERNAL, case: { needs: { ...PSK, startedSystem: true } } },
      "IXIT system.kind is external",
    ],
    [
      "an item of the ICS",
      { case: { needs: { ...PSK, claims: { "psk.hint": ["none"] } } } },
      'ICS psk.hint is ["3GPP-bootstrapping"], the case needs none',
    ],
    [
      "a list of the ICS",
      {
        ics: { digest: { ...ics.digest, qop: ["auth"] } },
        case: { needs: { ...PSK, claims: { "digest.qop": ["auth-int"] } } },
      },
      'ICS digest.qop is ["auth"], the case needs auth-int',
    ],
    [
      "what the ICS claims beside",
      { case: { needs: { ...PSK, withoutClaims: { "digest.algorithms": ["MD5-sess", "MD5"] } } } },
      "ICS digest.algorithms claims MD5, which leaves nothing to ask",
    ],
    [
      "a single instance",
      { ixit: EXTERNAL, case: { needs: { ...PSK, secondInstance: true } } },
      "IXIT enabler.addresses names no uc1.https-digest.second: there is one instance",
    ],
    [
      "a nonce of unknown lifetime",
      { ixit: { digest: {} }, case: { needs: { ...PSK, awaitableNonce: true } } },
      "IXIT digest.nonceLifetimeMs is missing",
    ],
    [
      "a nonce that lasts longer than a case waits",
      { ixit: { digest: { nonceLifetimeMs: 5_001 } }, case: { needs: { ...PSK, awaitableNonce: true } } },
      "IXIT digest.nonceLifetimeMs is 5001",
    ],
    [
      "a single suite",
      {
        ics: { waysIn: { "uc1.psk-tls": { tls: ["1.2"], suites: ["TLS_PSK_WITH_AES_128_GCM_SHA256"] } } },
        case: { needs: { ...PSK, severalSuites: true } },
      },
      "ICS waysIn.uc1.psk-tls.suites claims one suite only",
    ],
    [
      "an item that the ICS does not have",
      { case: { needs: { ...PSK, claims: { "psk.constructor": [true] } } } },
      "ICS psk.constructor",
    ],
  ])("names %s as what decided", (_, situation, reason) => {
    const decision = decide(situation);
    expect(decision?.reason.slice(0, reason.length)).toBe(reason);
    expect(decision?.declared).toBe(false);
  });

  it("still applies when one label of several is bound", () => {
    expect(decide({ ics: { release: 1 }, case: { requirements: ["1.1", "1.4"] } })).toBeUndefined();
  });

  it.each<[Observation, Situation["ixit"], string]>([
    ["identity", { resources: BARE }, "IXIT resources.identity is missing"],
    ["public-identity", { resources: BARE }, "IXIT resources.publicIdentity is missing"],
    ["view", { resources: BARE }, "IXIT resources.view is missing"],
    ["state", { resources: BARE }, "IXIT resources.state is missing"],
    ["plain", EXTERNAL, "IXIT enabler.addresses.plain is missing"],
  ])(
    "does not judge what the IXIT does not say how to observe, and calls the half-label declared but for further views: %s",
    (observation, reached, reason) => {
      const needs: CaseNeeds = { ...PSK, observes: [observation] };
      const decision = decide({ ...(reached === undefined ? {} : { ixit: reached }), case: { needs } });
      const further = observation === "view" || observation === "public-identity";
      expect(decision).toEqual({ reason: expect.stringContaining(reason), declared: !further });
    },
  );

  it("takes the identity for the public one where that is its form", () => {
    const identity = { url: "/who", extract: { header: "X-User" }, form: "IMPU" } as const;
    const needs: CaseNeeds = { ...PSK, observes: ["public-identity"] };
    expect(decide({ ixit: { resources: { ...BARE, identity } }, case: { needs } })).toBeUndefined();
  });

  it("is not declared, but not claimed, when both hold: the ICS decides first", () => {
    const decision = decide({
      ics: { waysIn: {} },
      ixit: { resources: BARE },
      case: { needs: { ...PSK, observes: ["identity"] } },
    });
    expect(decision).toEqual({ reason: "ICS waysIn does not claim uc1.psk-tls", declared: false });
  });
});
