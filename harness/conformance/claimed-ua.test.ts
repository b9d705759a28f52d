import { describe, expect, it } from "vitest";
import { uaToHex } from "../protocols/gba/index.ts";
import { suiteByName } from "../protocols/tls/index.ts";
import { claimedUa } from "./claimed-ua.ts";
import { referenceProfile } from "./testing/reference-profile.ts";
import type { WayIn } from "./vocabulary.ts";

function ua(identifier: string, wayIn: WayIn, suiteName: string): string {
  const { ics } = referenceProfile({ ics: { ua: { identifier } } });
  const suite = suiteByName(suiteName);
  if (suite === undefined) throw new Error(`no suite ${suiteName}`);
  return uaToHex(claimedUa(ics, wayIn, suite.version, suite));
}

const TLS_1_2 = "TLS_PSK_WITH_AES_128_GCM_SHA256";
const TLS_1_3 = "TLS_AES_128_GCM_SHA256";

describe("claimedUa (TS 33.220 H.3)", () => {
  it.each<[string, WayIn, string, string]>([
    ["negotiated", "uc1.psk-tls", TLS_1_2, "01000100a8"],
    ["negotiated", "uc1.psk-tls", TLS_1_3, "0100000007"],
    ["negotiated", "uc1.https-digest", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "010001c02f"],
    // Certificate TLS with Digest has the form of the suite in TLS 1.3 too.
    ["negotiated", "uc1.https-digest", TLS_1_3, "0100011301"],
    ["fixed:002f", "uc1.psk-tls", TLS_1_2, "010001002f"],
    ["fixed:002f", "uc1.https-digest", TLS_1_3, "010001002f"],
    ["0100000002", "uc1.psk-tls", TLS_1_2, "0100000002"],
    ["0100000002", "uc1.psk-tls", TLS_1_3, "0100000002"],
    ["0100000007", "uc1.https-digest", TLS_1_3, "0100000007"],
  ])("claim %s over %s with %s gives %s", (claim, wayIn, suite, expected) => {
    expect(ua(claim, wayIn, suite)).toBe(expected);
  });
});
