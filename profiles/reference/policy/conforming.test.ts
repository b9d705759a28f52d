import { describe, expect, test } from "vitest";
import type { Association, KeyOutcome, KeyQuery } from "../association.ts";
import { conforming } from "./conforming.ts";

const QUERY: KeyQuery = { wayIn: "uc1.psk-tls", btid: "a@b", nafFqdn: "naf.example", ua: "0100000007" };
const ASSOCIATION: Association = {
  btid: "a@b",
  ua: "0100000007",
  key: Buffer.alloc(32, 1),
  expiresAt: 1_000,
};

describe("nafFqdn", () => {
  test.each([
    ["naf.home1.example", "naf.home1.example"],
    ["NAF.home1.EXAMPLE", "naf.home1.example"],
    ["portal.home1.example", "portal.home1.example"],
    ["naf.home1.example.", undefined],
    ["other.home1.example", undefined],
    ["naf.home1.example.other", undefined],
    ["", undefined],
    [undefined, undefined],
  ])("%j gives %j", (sent, fqdn) => {
    expect(conforming.nafFqdn(sent, ["naf.home1.example", "portal.home1.example"])).toBe(fqdn);
  });
});

describe("btidOf", () => {
  test.each([
    ["3GPP-bootstrapping;I1U8vpY3qJ0hiuZNrke/NQ==@bsf.home1.net", "I1U8vpY3qJ0hiuZNrke/NQ==@bsf.home1.net"],
    ["3GPP-bootstrapping;opaque", "opaque"],
    ["3GPP-bootstrapping;", undefined],
    ["3GPP-bootstrapping.a@b", undefined],
    ["3gpp-bootstrapping;a@b", undefined],
    ["3GPP-bootstrapping-uicc;a@b", undefined],
    ["a@b", undefined],
    ["", undefined],
    ["3GPP-bootstrapping;a@b\0", undefined],
    ["3GPP-bootstrapping;a b", undefined],
    [`3GPP-bootstrapping;${"a".repeat(257)}`, undefined],
  ])("%j names %j", (identity, btid) => {
    expect(conforming.btidOf(identity)).toBe(btid);
  });
});

describe("open", () => {
  test.each([
    ["/open", "/open"],
    ["/open/", undefined],
    ["/open/../protected", undefined],
    ["/open?x=/protected", undefined],
    ["/OPEN", undefined],
    ["/protected", undefined],
    ["", undefined],
  ])("%j opens %j, for nobody", (target, path) => {
    const obtain = async () => {
      throw new Error("no key is asked for");
    };
    const opened = conforming.open({ target, connection: {}, intended: "user1@home1.example", obtain });
    expect(opened).toEqual(path === undefined ? undefined : { path, user: undefined });
  });
});

describe("publicIdentityTold", () => {
  const user = { user: "u", form: "IMPI", btid: "a@b", publicIdentities: ["sip:a", "sip:b"] } as const;

  test.each([
    [undefined, "sip:a"],
    ["sip:b", "sip:b"],
    ["sip:c", "sip:a"],
    ["SIP:B", "sip:a"],
    ["", "sip:a"],
  ])("presented %j, told %j", (intended, told) => {
    expect(conforming.publicIdentityTold(user, intended)).toBe(told);
  });

  test("none is told where none was given", () => {
    const { publicIdentities: _, ...nobody } = user;
    expect(conforming.publicIdentityTold(nobody, "sip:a")).toBeUndefined();
  });
});

test("a key may be used up to its expiry and not at it", () => {
  expect(conforming.hasExpired(1_000, 999, "uc1.psk-tls", "later")).toBe(false);
  expect(conforming.hasExpired(1_000, 1_000, "uc1.psk-tls", "later")).toBe(true);
});

describe("admit", () => {
  test("a key is admitted", () => {
    const outcome: KeyOutcome = { kind: "key", association: ASSOCIATION };
    expect(conforming.admit(QUERY, outcome)).toEqual({
      admitted: true,
      association: ASSOCIATION,
      remember: true,
    });
  });

  test.each<[KeyOutcome, string]>([
    [{ kind: "expired", association: ASSOCIATION }, "expired"],
    [{ kind: "unknown" }, "unknown"],
    [{ kind: "not-authorised" }, "not-authorised"],
    [{ kind: "unavailable", why: "refused", detail: "" }, "unavailable"],
    [{ kind: "unavailable", why: "silent", detail: "" }, "unavailable"],
    [{ kind: "unavailable", why: "unreachable", detail: "" }, "unavailable"],
    [{ kind: "unavailable", why: "untrusted", detail: "" }, "unavailable"],
    [{ kind: "malformed", detail: "" }, "unavailable"],
  ])("%j is refused as %s", (outcome, reason) => {
    expect(conforming.admit(QUERY, outcome)).toEqual({ admitted: false, reason });
  });
});

describe("refusal", () => {
  test.each(["unknown", "expired", "no-credentials", "wrong-response", "unknown-nonce"] as const)(
    "%s makes the terminal bootstrap or ask again",
    (reason) => {
      expect(conforming.refusal(reason)).toEqual({ status: 401, challenge: true, stale: false });
    },
  );

  test.each(["stale-nonce", "used-count"] as const)("%s blames the nonce", (reason) => {
    expect(conforming.refusal(reason)).toEqual({ status: 401, challenge: true, stale: true });
  });

  test.each(["not-authorised", "unavailable"] as const)("%s does not make it bootstrap again", (reason) => {
    expect(conforming.refusal(reason).challenge).toBe(false);
  });
});
