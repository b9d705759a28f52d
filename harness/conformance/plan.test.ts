import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Ics } from "../system/profile/index.ts";
import { catalogueEntry, globMatcher, type PlanOptions, plan } from "./plan.ts";
import { descriptor, referenceProfile } from "./testing/reference-profile.ts";

const CASES = [
  descriptor({ id: "UC1-PSK-BV-01", parameters: ["tls", "suite"], smoke: true }),
  descriptor({ id: "UC1-PSK-BI-02", parameters: ["tls"] }),
  descriptor({ id: "UC1-PSK-BI-03", variants: { way: ["a", "b"] } }),
  descriptor({ id: "UC1-PSK-BI-04", requirements: ["1.4"] }),
];

function planned(options: Partial<PlanOptions> = {}, ics: Partial<Ics> = {}) {
  const profile = referenceProfile({ ics });
  const chosen = plan(CASES, profile, { smoke: false, strength: 2, seed: 1, ...options });
  return {
    keys: chosen.instances.map(({ key }) => key),
    skipped: chosen.skipped.map(({ id, verdict, reason }) => [id, verdict, reason]),
    scope: chosen.scope,
  };
}

describe("plan", () => {
  it("takes every instance of what applies; the scope is full", () => {
    const { keys, skipped, scope } = planned();
    expect(new Set(keys.map((key) => key.replace(/\[.*/, "")))).toEqual(new Set(CASES.map(({ id }) => id)));
    expect(new Set(keys).size).toBe(keys.length);
    expect({ skipped, scope }).toEqual({ skipped: [], scope: "full" });
  });

  it("gives what does not apply a result with the item that decided", () => {
    const { keys, skipped } = planned({}, { release: 1 });
    expect(skipped).toEqual([["UC1-PSK-BI-04", "not-applicable", "ICS release: 1 does not bind 1.4"]]);
    expect(keys.some((key) => key.startsWith("UC1-PSK-BI-04"))).toBe(false);
    expect(planned({}, { waysIn: {} }).skipped).toHaveLength(CASES.length);
  });

  it("says so when nothing that is claimed can be offered", () => {
    const waysIn = { "uc1.psk-tls": { tls: ["1.3"], suites: ["TLS_AES_256_GCM_SHA384"] } } as const;
    const { skipped } = planned({}, { waysIn });
    expect(skipped[0]?.[2]).toBe(
      "ICS waysIn.uc1.psk-tls claims no TLS version and suite that the terminal can offer alone",
    );
  });

  it.each<[string, readonly string[]]>([
    ["UC1-PSK-BI-03", ["UC1-PSK-BI-03[way=a]", "UC1-PSK-BI-03[way=b]"]],
    ["UC1-PSK-BI-03[way=b]", ["UC1-PSK-BI-03[way=b]"]],
    ["*way=?]", ["UC1-PSK-BI-03[way=a]", "UC1-PSK-BI-03[way=b]"]],
    ["uc1-psk-bi-04", ["UC1-PSK-BI-04"]],
    ["UC1-PSK-BI-0", []],
    ["", []],
  ])("--only %j takes ids and keys that match as a whole", (only, keys) => {
    expect(planned({ only })).toEqual({ keys, skipped: [], scope: "partial" });
  });

  it("--only leaves out what does not apply and does not match", () => {
    const { skipped } = planned({ only: "*-BI-03" }, { waysIn: {} });
    expect(skipped.map(([id]) => id)).toEqual(["UC1-PSK-BI-03"]);
  });

  it("--smoke takes the smoke cases at strength 1; the scope is partial", () => {
    const { keys, scope } = planned({ smoke: true });
    expect(new Set(keys.map((key) => key.replace(/\[.*/, "")))).toEqual(new Set(["UC1-PSK-BV-01"]));
    expect(scope).toBe("partial");
  });

  it("splits into shards that have nothing in common and are everything together", () => {
    const whole = planned().keys;
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 7 }), (count) => {
        const shards = Array.from({ length: count }, (_, index) => planned({ shard: { index, count } }));
        expect(shards.flatMap(({ keys }) => keys).sort()).toEqual([...whole].sort());
        expect(new Set(shards.map(({ scope }) => scope))).toEqual(new Set(["partial"]));
      }),
      { numRuns: 10 },
    );
  });
});

describe("globMatcher", () => {
  it("takes everything but * and ? as itself", () => {
    const plain = fc.string({ unit: "binary-ascii" }).filter((text) => !/[*?\r\n]/.test(text));
    fc.assert(
      fc.property(plain, plain, (glob, text) => {
        expect(globMatcher(glob)(glob)).toBe(true);
        expect(globMatcher(glob)(text)).toBe(glob.toLowerCase() === text.toLowerCase());
        expect(globMatcher(`${glob}*`)(glob + text)).toBe(true);
        expect(globMatcher(`${glob}?`)(`${glob}x`)).toBe(true);
        expect(globMatcher(`${glob}?`)(glob)).toBe(false);
      }),
    );
  });
});

describe("catalogueEntry", () => {
  it("is what a report must know, without story and needs", () => {
    expect(catalogueEntry(descriptor({ useCase: 1, flow: "normal" }))).toEqual({
      id: "UC1-PSK-BV-90",
      purpose: "A case of a test",
      requirements: ["1.1"],
      clauses: ["RD 6 1.1"],
      polarity: "valid",
      wayIn: "uc1.psk-tls",
      useCase: 1,
      flow: "normal",
    });
  });
});
