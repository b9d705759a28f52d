import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseBootstrappingRealm, serializeRealm } from "./index.ts";

const me = { variant: "3GPP-bootstrapping", fqdn: "naf.example" } as const;
const uicc = { variant: "3GPP-bootstrapping-uicc", fqdn: "naf.example" } as const;
const digest = { variant: "3GPP-bootstrapping-digest", fqdn: "naf.example" } as const;

describe("realms of enablers", () => {
  test.each([
    ["3GPP-bootstrapping@naf.example", [me]],
    ["3GPP-bootstrapping-uicc@naf.example", [uicc]],
    ["3GPP-bootstrapping-digest@naf.example", [digest]],
    ["3GPP-bootstrapping-uicc@naf.example;3GPP-bootstrapping@naf.example", [uicc, me]],
    ["3GPP-bootstrapping@naf.example;", [me]],
    [" 3GPP-bootstrapping@naf.example ; ; 3GPP-bootstrapping-uicc@naf.example;", [me, uicc]],
    ["other;3GPP-bootstrapping@naf.example", [me]],
    ["3GPP-bootstrapping@naf.example:8443", [{ ...me, fqdn: "naf.example:8443" }]],
  ])("%s", (realm, names) => {
    expect(parseBootstrappingRealm(realm)).toEqual(names);
  });

  test.each([
    "",
    ";",
    "@",
    "testrealm@host.com",
    "3GPP-bootstrapping",
    "3GPP-bootstrapping@",
    "3gpp-bootstrapping@naf.example",
    "3GPP-bootstrapping-other@naf.example",
    "x3GPP-bootstrapping@naf.example",
  ])("%j is of another kind", (realm) => {
    expect(parseBootstrappingRealm(realm)).toEqual([]);
  });
});

test("written and read are inverse", () => {
  const name = fc.record({
    variant: fc.constantFrom(me.variant, uicc.variant, digest.variant),
    fqdn: fc.domain(),
  });
  fc.assert(
    fc.property(fc.array(name), (names) => {
      expect(parseBootstrappingRealm(serializeRealm(names))).toEqual(names);
    }),
  );
});

test("no text makes it throw", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      expect(parseBootstrappingRealm(text)).toBeInstanceOf(Array);
    }),
  );
});
