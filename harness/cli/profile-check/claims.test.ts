import { describe, it } from "vitest";
import { check, lines, type Parts } from "./testing/systems.ts";

/** Way in, PSK alone: the shortest preflight. */
const ONLY_PSK = { "waysIn/uc1.https-digest": undefined, "waysIn/server-only": undefined };
const ONLY_DIGEST = { "waysIn/uc1.psk-tls": undefined, "waysIn/server-only": undefined };

describe.concurrent("the reference system", () => {
  it("has nothing wrong, and everything that its profile names was tried", async ({ expect }) => {
    const { findings, unjudged, right } = await check({});
    expect(lines(findings)).toEqual([]);
    expect(unjudged).toEqual([]);
    for (const part of [
      "uc1.psk-tls at 127.0.0.1:",
      "uc1.https-digest at 127.0.0.1:",
      "server-only at 127.0.0.1:",
      "plain at 127.0.0.1:",
      "clock: within",
      "certificate (name, dates, chain)",
      "realm 3GPP-bootstrapping@naf.home1.example",
      'hint "3GPP-bootstrapping"',
      "Digest algorithms",
      "Digest qop",
      "NAF_Id and Ua identifier",
      "resources.protected",
      "resources.open",
      "resources.identity",
      "resources.view",
      "resources.state",
    ]) {
      expect(right.join("\n")).toContain(part);
    }
  });
});

describe.concurrent("a claim that does not hold of the reference system is the one thing that is wrong", () => {
  const cases: readonly (readonly [name: string, parts: Parts, line: RegExp])[] = [
    [
      "another PSK identity separator",
      { ics: ONLY_PSK, ixit: { psk: { separator: "." } } },
      /^psk-separator ixit\.yaml:\d+:\d+ psk\.separator: .*"3GPP-bootstrapping;<B-TID>", and not "3GPP-bootstrapping\.<B-TID>" \| Write psk\.separator: ";"\.$/,
    ],
    [
      "a fixed Ua identifier",
      { ics: { ...ONLY_PSK, "ua/identifier": "fixed:002f" } },
      /^ua-identifier ics\.yaml:\d+:\d+ ua\.identifier: .*asked with the Ua identifier 01000100a8; by "fixed:002f" it is 010001002f for TLS_PSK_WITH_AES_128_GCM_SHA256 with TLS 1\.2 \| Write ua\.identifier: "negotiated"/,
    ],
    [
      "a whole Ua identifier, over Digest",
      { ics: { ...ONLY_DIGEST, "ua/identifier": "0100000002" } },
      /^ua-identifier ics\.yaml:\d+:\d+ ua\.identifier: .*by "0100000002" it is 0100000002 .* \| Write ua\.identifier: "negotiated"/,
    ],
    [
      "no hint",
      { ics: { ...ONLY_PSK, "psk/hint": "none" } },
      /^psk-hint ics\.yaml:\d+:\d+ psk\.hint: the system sends the PSK identity hint "3GPP-bootstrapping", and psk\.hint claims "none" \| Write psk\.hint: 3GPP-bootstrapping\.$/,
    ],
    [
      "a PSK suite that it does not have",
      {
        ics: {
          ...ONLY_PSK,
          "waysIn/uc1.psk-tls/suites": [
            "TLS_PSK_WITH_AES_128_GCM_SHA256",
            "TLS_DHE_PSK_WITH_AES_256_CBC_SHA384",
            "TLS_AES_128_GCM_SHA256",
          ],
        },
      },
      /^version-or-suite ics\.yaml:\d+:\d+ waysIn\.uc1\.psk-tls\.suites\[1\]: TLS_DHE_PSK_WITH_AES_256_CBC_SHA384 offered alone with TLS 1\.2 leads nowhere: alert 40 handshake_failure \| Take it out of the list/,
    ],
    [
      "a certificate suite that it does not have",
      {
        ics: {
          ...ONLY_DIGEST,
          "waysIn/uc1.https-digest/suites": [
            "TLS_RSA_WITH_AES_128_CBC_SHA256",
            "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
            "TLS_AES_128_GCM_SHA256",
          ],
        },
      },
      /^version-or-suite ics\.yaml:\d+:\d+ waysIn\.uc1\.https-digest\.suites\[0\]: TLS_RSA_WITH_AES_128_CBC_SHA256 offered alone/,
    ],
    [
      "a TLS version that it is not configured for",
      {
        ics: { ...ONLY_DIGEST, "waysIn/uc1.https-digest/tls": ["1.2", "1.3"] },
        config: 'config.enabler.tls["uc1.https-digest"] = ["1.2"];',
      },
      /^version-or-suite ics\.yaml:\d+:\d+ waysIn\.uc1\.https-digest\.tls\[1\]: TLS 1\.3 offered alone leads nowhere with any claimed suite: alert 70 protocol_version \| Take "1\.3" out/,
    ],
    [
      "no version and suite that it has",
      {
        ics: {
          ...ONLY_PSK,
          "waysIn/uc1.psk-tls/tls": ["1.2"],
          "waysIn/uc1.psk-tls/suites": ["TLS_DHE_PSK_WITH_AES_256_CBC_SHA384"],
        },
      },
      /^handshake ics\.yaml:\d+:\d+ waysIn\.uc1\.psk-tls: uc1\.psk-tls at \S+ completes no handshake with any claimed TLS version \(1\.2 with TLS_DHE_PSK_WITH_AES_256_CBC_SHA384\): alert 40/,
    ],
    [
      "a Digest algorithm",
      { ics: ONLY_DIGEST, config: 'config.enabler.digest.algorithms = ["MD5"];' },
      /^digest-algorithm ics\.yaml:\d+:\d+ digest\.algorithms: the system challenges with algorithms MD5, and the ICS claims SHA-256, MD5 \| Write digest\.algorithms: \[MD5\]/,
    ],
    [
      "a quality of protection",
      {
        ics: { ...ONLY_DIGEST, "digest/qop": ["auth"] },
        config: 'config.enabler.digest.qop = ["auth", "auth-int"];',
      },
      /^digest-qop ics\.yaml:\d+:\d+ digest\.qop: .*challenges with qop auth, auth-int, and the ICS claims auth \|/,
    ],
    [
      "a protected resource that does not exist",
      { ics: ONLY_PSK, ixit: { "resources/protected/path": "/nowhere" } },
      /^protected-resource ixit\.yaml:\d+:\d+ resources\.protected\.path: \/nowhere is answered with status 404 \| Name a path/,
    ],
    [
      "a text that does not stand in the protected resource",
      { ics: ONLY_PSK, ixit: { "resources/protected/contains": "Welcome" } },
      /^protected-resource ixit\.yaml:\d+:\d+ resources\.protected\.contains: \/protected is served and does not hold the text "Welcome"; it begins with "protected resource/,
    ],
    [
      "an open resource that is protected",
      {
        ics: { "waysIn/uc1.https-digest": undefined, "waysIn/uc1.psk-tls": undefined },
        ixit: { "resources/open/path": "/protected" },
      },
      /^open-resource ixit\.yaml:\d+:\d+ resources\.open\.path: \/protected is answered with status 401/,
    ],
    [
      "an identity that stands elsewhere",
      { ics: ONLY_PSK, ixit: { "resources/identity/extract": { header: "X-User" } } },
      /^identity ixit\.yaml:\d+:\d+ resources\.identity\.extract: \/identity tells no identity of the user at header "X-User": there is nothing \| Write extract: \{ json: \/user \} \(IMPI\), or \{ json: \/btid \} \(B-TID\)/,
    ],
    [
      "another form of the identity",
      { ics: ONLY_PSK, ixit: { "resources/identity/form": "B-TID" } },
      /^identity ixit\.yaml:\d+:\d+ resources\.identity\.form: .*is the IMPI of the user, and the form is B-TID \| Write resources\.identity\.form: IMPI\.$/,
    ],
    [
      "an identity that cannot be read",
      { ics: ONLY_PSK, ixit: { "resources/identity/url": "/whoami" } },
      /^identity ixit\.yaml:\d+:\d+ resources\.identity\.url: \/whoami cannot be read: status 404 \|/,
    ],
    [
      "a view that is silent about something",
      { ics: ONLY_PSK, ixit: { "resources/view/tells/serverName": { header: "X-Server" } } },
      /^view ixit\.yaml:\d+:\d+ resources\.view\.tells\.serverName: \S+ tells nothing at this place \| Name the place/,
    ],
    [
      "a view that is not there",
      { ics: ONLY_PSK, ixit: { "resources/view/path": "/nowhere" } },
      /^view ixit\.yaml:\d+:\d+ resources\.view\.path: \/nowhere .*status 404 \| /,
    ],
    [
      "a state that does not change",
      { ics: ONLY_PSK, ixit: { "resources/state/read": { url: "/identity", extract: { json: "/user" } } } },
      /^state ixit\.yaml:\d+:\d+ resources\.state\.read: the value at \/identity is ".*" before and after the change \| Name a value that differs/,
    ],
    [
      "a state that does not read back",
      { ics: ONLY_PSK, ixit: { "resources/state/read/extract": { json: "/total" } } },
      /^state ixit\.yaml:\d+:\d+ resources\.state\.read: after the change there is no value at \/counters\/\w+/,
    ],
    [
      "a change that is not carried out",
      { ics: ONLY_PSK, ixit: { "resources/state/change/path": "/counter/{token}" } },
      /^state ixit\.yaml:\d+:\d+ resources\.state\.change: POST \/counter\/\w+ of a valid user is not carried out: status 404/,
    ],
    [
      "one subscriber",
      {
        ics: ONLY_PSK,
        ixit: { subscribers: [{ impi: "one@home1.example", k: "1".repeat(32), opc: "2".repeat(32) }] },
      },
      /^subscribers ixit\.yaml:\d+:\d+ subscribers: there is one subscriber, and cases that tell two users apart need two \|/,
    ],
  ];

  it.for(cases)("%s", { timeout: 30_000 }, async ([, parts, line], { expect }) => {
    const { findings } = await check(parts);
    expect(lines(findings)).toEqual([expect.stringMatching(line)]);
  });
});
