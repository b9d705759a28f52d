import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { suiteByName, suiteHex } from "../protocols/tls/index.ts";
import type { Ics, TlsVersion } from "../system/profile/index.ts";
import { claimedLinks, expand, instanceKey, shareOf } from "./parameters.ts";
import { descriptor, referenceProfile } from "./testing/reference-profile.ts";

const { ics } = referenceProfile();

function claiming(wayIn: keyof Ics["waysIn"], tls: TlsVersion[], suites: readonly string[]): Ics {
  return { ...ics, waysIn: { [wayIn]: { tls, suites } } };
}

/** Factors of any size with values that say which factor they belong to. */
const variants = fc
  .array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 5 })
  .map((sizes) =>
    Object.fromEntries(
      sizes.map((size, factor) => [
        `factor${factor}`,
        Array.from({ length: size }, (_, i) => `value${factor}.${i}`),
      ]),
    ),
  );
const seeds = fc.integer({ min: 0, max: 1_000_000 });

describe("expand", () => {
  it("covers at strength 2 every pair of values of different parameters", () => {
    fc.assert(
      fc.property(variants, seeds, (factors, seed) => {
        const rows = expand(descriptor({ variants: factors }), ics, 2, seed).map((one) => one.parameters);
        const names = Object.keys(factors);
        for (const first of names) {
          for (const second of names.filter((name) => name > first)) {
            const pairs = new Set(rows.map((row) => `${row[first]} ${row[second]}`));
            expect(pairs.size).toBe((factors[first]?.length ?? 0) * (factors[second]?.length ?? 0));
          }
        }
      }),
      { numRuns: 50 },
    );
  });

  it("covers at strength 1 every value, with as many instances as the longest parameter has values", () => {
    fc.assert(
      fc.property(variants, seeds, (factors, seed) => {
        const rows = expand(descriptor({ variants: factors }), ics, 1, seed).map((one) => one.parameters);
        for (const [name, values] of Object.entries(factors))
          expect(new Set(rows.map((row) => row[name]))).toEqual(new Set(values));
        expect(rows).toHaveLength(Math.max(...Object.values(factors).map((values) => values.length)));
      }),
      { numRuns: 50 },
    );
  });

  it("gives the same for the same seed, sorted by unique keys, whatever the order of the variants", () => {
    fc.assert(
      fc.property(variants, seeds, fc.constantFrom(1, 2), (factors, seed, strength) => {
        const keys = expand(descriptor({ variants: factors }), ics, strength, seed).map(({ key }) => key);
        const turned = Object.fromEntries(Object.entries(factors).reverse());
        expect(expand(descriptor({ variants: turned }), ics, strength, seed).map(({ key }) => key)).toEqual(
          keys,
        );
        expect(keys).toEqual([...new Set(keys)].sort());
      }),
      { numRuns: 50 },
    );
  });

  it("lets the seed choose among the combinations", () => {
    const factors = Object.fromEntries([1, 2, 3, 4].map((n) => [`f${n}`, ["a", "b", "c", "d"]]));
    const keys = (seed: number) =>
      expand(descriptor({ variants: factors }), ics, 2, seed).map((one) => one.key);
    expect(new Set([1, 2, 3, 4, 5].map((seed) => keys(seed).join())).size).toBeGreaterThan(1);
  });

  it("is the case itself without parameters, and nothing when a parameter has no value", () => {
    expect(expand(descriptor(), ics, 2, 1).map(({ key }) => key)).toEqual(["UC1-PSK-BV-90"]);
    expect(expand(descriptor({ variants: { way: [] } }), ics, 2, 1)).toEqual([]);
  });

  it("joins each version with its own suites only, beside other parameters too", () => {
    const one = descriptor({
      needs: { role: "enabler", wayIn: "uc1.https-digest" },
      parameters: ["tls", "suite", "algorithm", "qop"],
    });
    const instances = expand(one, ics, 2, 7);
    const versions = new Map(
      ics.waysIn["uc1.https-digest"]?.suites
        .flatMap((name) => suiteByName(name) ?? [])
        .map((suite) => [suiteHex(suite), suite.version]),
    );
    expect(new Set(instances.map(({ parameters }) => parameters["suite"])).size).toBe(versions.size);
    for (const { parameters, key } of instances) {
      expect(`${key} ${parameters["tls"]}`).toBe(`${key} ${versions.get(parameters["suite"] ?? "")}`);
      expect(key).toBe(
        `UC1-PSK-BV-90[algorithm=${parameters["algorithm"]},qop=${parameters["qop"]},suite=${parameters["suite"]},tls=${parameters["tls"]}]`,
      );
    }
  });

  it("takes algorithms and qop from the ICS", () => {
    const narrow = {
      ...ics,
      digest: { ...ics.digest, algorithms: ["MD5"] as const, qop: ["auth-int"] as const },
    };
    const keys = expand(descriptor({ parameters: ["algorithm", "qop"] }), narrow, 2, 1).map(({ key }) => key);
    expect(keys).toEqual(["UC1-PSK-BV-90[algorithm=MD5,qop=auth-int]"]);
  });
});

describe("claimedLinks", () => {
  it("takes for TLS 1.3 with a pre-shared key suites with SHA-256 only (RFC 8446 4.2.11)", () => {
    const suites = ["TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"];
    const names = (wayIn: keyof Ics["waysIn"]) =>
      claimedLinks(claiming(wayIn, ["1.3"], suites), wayIn).map(({ suite }) => suite.name);
    expect(names("uc1.psk-tls")).toEqual(["TLS_AES_128_GCM_SHA256", "TLS_CHACHA20_POLY1305_SHA256"]);
    expect(names("uc1.https-digest")).toEqual(suites);
  });

  it("keeps SHA-384 for TLS 1.2, whose keys are bound to no hash", () => {
    const claim = claiming("uc1.psk-tls", ["1.2"], ["TLS_PSK_WITH_AES_256_GCM_SHA384"]);
    expect(claimedLinks(claim, "uc1.psk-tls")).toHaveLength(1);
  });

  it("takes before TLS 1.2 the suites with SHA-1, and those of RFC 5487 only where no other is claimed", () => {
    const suites = [
      "TLS_PSK_WITH_AES_128_GCM_SHA256",
      "TLS_PSK_WITH_AES_128_CBC_SHA256",
      "TLS_PSK_WITH_AES_128_CBC_SHA",
    ];
    const names = (claimed: readonly string[]) =>
      claimedLinks(claiming("uc1.psk-tls", ["1.0", "1.2"], claimed), "uc1.psk-tls").map(
        ({ version, suite }) => `${version} ${suite.name}`,
      );
    expect(names(suites)).toEqual([`1.0 ${suites[2]}`, ...suites.map((name) => `1.2 ${name}`)]);
    expect(names(suites.slice(0, 2))).toEqual([`1.0 ${suites[1]}`, `1.2 ${suites[0]}`, `1.2 ${suites[1]}`]);
  });

  it("leaves out suites of versions that are not claimed, and ways in too", () => {
    const claim = claiming(
      "uc1.psk-tls",
      ["1.2"],
      ["TLS_AES_128_GCM_SHA256", "TLS_PSK_WITH_AES_128_GCM_SHA256"],
    );
    expect(claimedLinks(claim, "uc1.psk-tls").map(({ version, suite }) => [version, suite.name])).toEqual([
      ["1.2", "TLS_PSK_WITH_AES_128_GCM_SHA256"],
    ]);
    expect(claimedLinks(claim, "uc1.https-digest")).toEqual([]);
  });
});

describe("instanceKey", () => {
  it("names the parameters in alphabetical order", () => {
    expect(instanceKey("UC1-PSK-BI-03", { tls: "1.2", suite: "00a8" })).toBe(
      "UC1-PSK-BI-03[suite=00a8,tls=1.2]",
    );
    expect(instanceKey("UC1-PSK-BI-03", {})).toBe("UC1-PSK-BI-03");
  });
});

describe("shareOf", () => {
  it("puts each key into exactly one of the shares, always the same", () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 1, max: 50 }), (key, count) => {
        const share = shareOf(key, count);
        expect(Number.isInteger(share) && share >= 0 && share < count).toBe(true);
        expect(shareOf(key, count)).toBe(share);
      }),
    );
  });

  it("spreads keys over all shares", () => {
    const keys = Array.from({ length: 200 }, (_, i) => `UC1-PSK-BI-03[suite=${i}]`);
    expect(new Set(keys.map((key) => shareOf(key, 4)))).toEqual(new Set([0, 1, 2, 3]));
  });
});
