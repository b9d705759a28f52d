import { describe, expect, test } from "vitest";
import { edited, ICS, IXIT, lineOf, loadText, onlyProblem } from "./profile-fixture.ts";

const PSK_SUITES = "suites: [TLS_PSK_WITH_AES_128_GCM_SHA256]";

describe("suites", () => {
  test.each([
    [
      "a name that the registry does not have",
      edited(ICS, PSK_SUITES, "suites: [TLS_PSK_WITH_AES_128_GCM_SHA256, TLS_PSK_WITH_AES_129_GCM_SHA256]"),
      "waysIn.uc1.psk-tls.suites[1]",
      '"TLS_PSK_WITH_AES_129_GCM_SHA256" is not a suite that this test system knows',
      "an IANA suite name of TLS 1.2 or 1.3",
    ],
    [
      "a suite of a version that is not claimed",
      edited(ICS, PSK_SUITES, "suites: [TLS_PSK_WITH_AES_128_GCM_SHA256, TLS_AES_128_GCM_SHA256]"),
      "waysIn.uc1.psk-tls.suites[1]",
      '"TLS_AES_128_GCM_SHA256" is for TLS 1.3, and only TLS 1.2 is claimed',
      "a suite of TLS 1.2",
    ],
    [
      "a suite without a pre-shared key",
      edited(
        ICS,
        PSK_SUITES,
        "suites: [TLS_PSK_WITH_AES_128_GCM_SHA256, TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256]",
      ),
      "waysIn.uc1.psk-tls.suites[1]",
      "has no pre-shared key",
      "a suite with _PSK_ in its name, or one of TLS 1.3",
    ],
    [
      "a suite with a pre-shared key beside certificates",
      edited(ICS, "      - TLS_AES", "      - TLS_DHE_PSK_WITH_AES_128_GCM_SHA256\n      - TLS_AES"),
      "waysIn.uc1.https-digest.suites[1]",
      "has a pre-shared key",
      "a suite without _PSK_ in its name",
    ],
    [
      "a version without a suite",
      edited(ICS, "      - TLS_AES_256_GCM_SHA384\n", ""),
      "waysIn.uc1.https-digest.tls[1]",
      "TLS 1.3 is claimed, and no suite of TLS 1.3 is",
      '"1.2"',
    ],
    [
      "TLS 1.3 with a pre-shared key and without SHA-256",
      edited(
        edited(ICS, 'tls: ["1.2"]', "tls: [1.2, 1.3]"),
        "_128_GCM_SHA256]",
        "_128_GCM_SHA256, TLS_AES_256_GCM_SHA384]",
      ),
      "waysIn.uc1.psk-tls.tls[1]",
      "TLS 1.3 is claimed, and no suite with SHA-256 for TLS 1.3 is",
      '"1.2"',
    ],
  ])("%s", (_, ics, field, message, allowed) => {
    const problem = onlyProblem(ics, IXIT);
    const list = field.includes("psk") ? "uc1.psk-tls:" : "uc1.https-digest:";
    expect(problem).toMatchObject({ file: "ics.yaml", field, allowed });
    expect(problem.line).toBeGreaterThan(lineOf(ics, list));
    expect(problem.line).toBeLessThan(lineOf(ics, list) + 5);
    expect(problem.message).toContain(message);
  });

  test("point to their own line in a list", () => {
    const ics = edited(ICS, "      - TLS_AES", "      - TLS_NONE\n      - TLS_AES");
    expect(onlyProblem(ics, IXIT)).toMatchObject({ line: lineOf(ics, "TLS_NONE"), column: 9 });
  });

  test("of TLS 1.3 fit both ways in", () => {
    const ics = edited(
      edited(ICS, 'tls: ["1.2"]', "tls: [1.3]"),
      PSK_SUITES,
      "suites: [TLS_AES_128_GCM_SHA256, TLS_AES_256_GCM_SHA384]",
    );
    expect(loadText(ics, IXIT).ics.waysIn["uc1.psk-tls"]?.tls).toEqual(["1.3"]);
  });
});

describe("qop", () => {
  test("is a must with RFC 7616", () => {
    expect(onlyProblem(`${ICS}digest: { qop: [] }\n`, IXIT)).toMatchObject({
      file: "ics.yaml",
      line: 16,
      field: "digest.qop",
      allowed: 'a list of "auth" or "auth-int"',
    });
  });

  test("cannot be mandatory when none is offered", () => {
    const ics = `${ICS}digest:\n  profile: 2617\n  qop: []\n`;
    expect(onlyProblem(ics, IXIT)).toMatchObject({
      line: 16,
      field: "digest.qopMandatory",
      allowed: "false",
    });
    expect(onlyProblem(`${ics}  qopMandatory: true\n`, IXIT)).toMatchObject({ line: 19 });
  });

  test("may be left out with RFC 2617", () => {
    const ics = `${ICS}digest: { profile: 2617, qop: [], qopMandatory: false }\n`;
    expect(loadText(ics, IXIT).ics.digest).toMatchObject({ profile: "2617", qop: [], qopMandatory: false });
  });
});
