import { describe, expect, test } from "vitest";
import icsSchema from "./ics.schema.json" with { type: "json" };
import type { Ics } from "./profile.ts";
import {
  EXTERNAL_IXIT,
  edited,
  ICS,
  IXIT,
  lineOf,
  onlyProblem,
  refusal,
  writeProfile,
} from "./profile-fixture.ts";
import { validate } from "./validate.ts";
import { readYamlFile } from "./yaml-file.ts";

describe("a wrong field", () => {
  const ixit = (from: string, to: string) => [ICS, edited(IXIT, from, to)] as const;
  const ics = (from: string, to: string) => [edited(ICS, from, to), IXIT] as const;
  const last = (text: string) => [ICS, IXIT + text] as const;

  test.each([
    [
      "a number out of range",
      last("bounds:\n  connectMs: 49\n"),
      { field: "bounds.connectMs", at: "49", allowed: "an integer between 50 and 600000 (milliseconds)" },
    ],
    [
      "text for a number",
      last("bounds:\n  stopMs: fast\n"),
      { field: "bounds.stopMs", at: "fast", allowed: "an integer between 50 and 600000 (milliseconds)" },
    ],
    [
      "a word that is none of the allowed",
      last("psk: { separator: '|' }\n"),
      { field: "psk.separator", at: "|", allowed: '"", ";" or "."' },
    ],
    [
      "yes for true",
      [`${ICS}psk: { hideIdentity: yes }\n`, IXIT],
      { field: "psk.hideIdentity", at: "yes", allowed: "true or false" },
    ],
    [
      "a release that is not there",
      ics("release: 2", "release: 3"),
      { field: "release", at: "3", allowed: "1 or 2" },
    ],
    [
      "a TLS version",
      ics('["1.2"]', "[3.0]"),
      { field: "waysIn.uc1.psk-tls.tls[0]", at: "3.0", allowed: '"1.2" or "1.3"' },
    ],
    [
      "OpenSSL's name of a suite",
      ics("[TLS_PSK_WITH_AES_128_GCM_SHA256]", "[PSK-AES128-GCM-SHA256]"),
      {
        field: "waysIn.uc1.psk-tls.suites[0]",
        at: "PSK-AES",
        allowed: "an IANA suite name such as TLS_PSK_",
      },
    ],
    [
      "a Ua identifier",
      [`${ICS}ua: { identifier: fixed }\n`, IXIT],
      { field: "ua.identifier", at: "fixed", allowed: "10 hex digits" },
    ],
    [
      "a server name with a port",
      ixit("enabler.example.org", "enabler.example.org:8443"),
      {
        field: "enabler.serverName",
        at: "enabler.example",
        allowed: "a fully qualified domain name without port",
      },
    ],
    [
      "an address as server name",
      ixit("enabler.example.org", "192.0.2.1"),
      { field: "enabler.serverName", at: "192.0.2.1", allowed: "a fully qualified domain name" },
    ],
    [
      "a host in brackets",
      ixit("bsf.example.org", 'bsf.example.org\n  ub: { host: "[::1]" }'),
      { field: "keyManager.ub.host", at: "[::1]", allowed: "an IPv6 address without brackets" },
    ],
    [
      "an IPv4 address that is none",
      ixit("bsf.example.org", "bsf.example.org\n  ub: { host: 192.0.2.256 }"),
      { field: "keyManager.ub.host", at: "192.0.2.256", allowed: "an IPv4 address" },
    ],
    [
      "a port",
      ixit("bsf.example.org", "bsf.example.org\n  zn: { port: 65536 }"),
      { field: "keyManager.zn.port", at: "65536", allowed: "an integer between 0 and 65535" },
    ],
    [
      "a key of 15 octets",
      last(`subscribers:\n  - impi: a@b.org\n    k: ${"1".repeat(30)}\n    opc: ${"2".repeat(32)}\n`),
      { field: "subscribers[0].k", at: "1".repeat(30), allowed: "32 hex digits (16 octets)" },
    ],
    [
      "a path",
      ixit("/protected", "protected"),
      { field: "resources.protected.path", at: "path: protected", allowed: "a path that starts with /" },
    ],
    [
      "a list for text",
      ixit("bsf.example.org", "[bsf.example.org]"),
      { field: "keyManager.name", at: "[bsf", allowed: "a fully qualified domain name" },
    ],
    [
      "text for a block",
      ixit("  protected:\n    path: /protected", "  protected: /protected"),
      { field: "resources.protected", at: "protected: /", allowed: "a block with the fields path, contains" },
    ],
  ] as const)("%s", (_, [icsText, ixitText], { field, at, allowed }) => {
    const problem = onlyProblem(icsText, ixitText);
    const text = problem.file === "ics.yaml" ? icsText : ixitText;
    expect(problem).toMatchObject({ field, line: lineOf(text, at) });
    expect(problem.allowed).toContain(allowed);
    expect(problem.message).toContain(`must be ${problem.allowed}, got `);
    expect(problem.rendered).toContain(
      `${problem.file}:${problem.line}:${problem.column} ${field}: must be `,
    );
    expect(problem.fix).toMatch(/^[^ ].*\.$/);
  });

  test("is shown as one line with place, field, what is allowed, what was found and what it is for", () => {
    expect(onlyProblem(ICS, `${IXIT}bounds:\n  connectMs: fast\n`).rendered).toBe(
      "ixit.yaml:12:14 bounds.connectMs: must be an integer between 50 and 600000 (milliseconds), " +
        'got "fast". Longest time for a TCP connection. Left out, it is 2000.',
    );
  });

  test("is cut and cleaned where it is shown", () => {
    const { rendered } = onlyProblem(ICS, `${IXIT}psk: { separator: "\\e[31m\u202e${"x".repeat(500)}" }\n`);
    expect(rendered).toMatch(/^[\x20-\x7e…]+$/);
    expect(rendered.length).toBeLessThan(300);
  });

  test("that is empty says so", () => {
    const problem = onlyProblem(ICS, edited(IXIT, "path: /protected", "path:"));
    expect(problem).toMatchObject({ field: "resources.protected.path", line: 8, message: "has no value" });
    const change =
      "resources:\n  state:\n    read: { url: /n, extract: { header: X-N } }\n    change: { method: PUT, path: /n, body: }";
    expect(onlyProblem(ICS, edited(IXIT, "resources:", change))).toMatchObject({
      field: "resources.state.change.body",
      line: 9,
    });
    expect(onlyProblem(`${ICS}digest: ~\n`, IXIT)).toMatchObject({
      field: "digest",
      message: "has no value",
    });
  });
});

describe("a field that is not one", () => {
  test("is told the one that was meant, and what else is allowed", () => {
    const problem = onlyProblem(ICS, `${IXIT}bounds:\n  conectMs: 100\n`);
    expect(problem).toMatchObject({ file: "ixit.yaml", line: 12, column: 3, field: "bounds.conectMs" });
    expect(problem.rendered).toContain(
      'did you mean "connectMs"? Allowed here: connectMs, responseMs, keyManagerMs',
    );
  });

  test("is one problem when a mandatory field was misspelt", () => {
    expect(onlyProblem(edited(ICS, "release:", "relaese:"), IXIT)).toMatchObject({
      file: "ics.yaml",
      line: 1,
      field: "relaese",
      allowed:
        "release, system, roles, waysIn, ua, psk, digest, zn, forwardSecrecy, anonymity, identities, declarations",
    });
  });

  test("has no suggestion when nothing is near", () => {
    const { rendered } = onlyProblem(edited(ICS, "uc1.psk-tls", "uc4.psk"), IXIT);
    expect(rendered).toContain(
      "waysIn.uc4.psk: is not a field of waysIn. Allowed here: uc1.psk-tls, uc1.https-digest, server-only.",
    );
  });

  test("may be a label that the requirements document does not have", () => {
    const problem = onlyProblem(`${ICS}declarations:\n  1.10: x\n`, IXIT);
    expect(problem).toMatchObject({ field: "declarations.1.10", line: lineOf(ICS, "SHA384") + 2 });
    expect(problem.allowed).toBe(
      "1.1, 1.1a, 1.2, 1.2a, 1.2b, 1.3, 1.4, 1.5, 1.6, 1.7, 3.1, 4.1, 5.1, S1, S2, S3, A1, A2, U1",
    );
  });

  test("may be an environment variable that no process can have", () => {
    const ixit = edited(IXIT, "  kind: process", "  kind: process\n  environment: { A=B: c }");
    expect(onlyProblem(ICS, ixit)).toMatchObject({
      field: "system.environment.A=B",
      line: 3,
      allowed: "a name of letters, digits and _",
    });
  });

  test("may be __proto__", () => {
    expect(onlyProblem(ICS, `${IXIT}__proto__: { bounds: 1 }\n`)).toMatchObject({
      field: "__proto__",
      line: 11,
    });
  });

  test("may belong to another kind of system", () => {
    const ixit = edited(EXTERNAL_IXIT, "  kind: external", "  kind: external\n  ready: connect");
    expect(onlyProblem(ICS, ixit)).toMatchObject({
      field: "system.ready",
      line: 3,
      message: 'does not belong to a system of kind "external"',
    });
  });
});

describe("a field that is missing", () => {
  test.each([
    ["system.kind", "  kind: process\n", "system:", '"external" or "process"'],
    ["enabler.serverName", "serverName: enabler.example.org", "enabler:", "a fully qualified domain name"],
    ["resources.protected.path", "path: /protected", "  protected:", "a path that starts with /"],
    ["keyManager.name", "name: bsf.example.org", "keyManager:", "a fully qualified domain name"],
    ["system.command", '  command: [node, enabler.ts, "{config}"]\n', "system:", "a list of text"],
  ])("%s points to the block that should hold it", (field, text, parent, allowed) => {
    // An empty block, and not an empty value.
    const ixit = edited(IXIT, text, text.startsWith(" ") ? "" : "{}");
    const problem = onlyProblem(ICS, ixit);
    expect(problem).toMatchObject({ file: "ixit.yaml", field, line: lineOf(ixit, parent) });
    expect(problem.message).toContain(`is missing; it takes ${allowed}`);
  });

  test.each(["release", "system", "roles", "waysIn"])("%s of the ICS points to its first line", (field) => {
    const ics = ICS.replace(new RegExp(`^${field}:.*\\n(?: .*\\n)*`, "m"), "");
    expect(onlyProblem(ics, IXIT)).toMatchObject({ file: "ics.yaml", field, line: 1, column: 1 });
  });
});

describe("lists and choices", () => {
  const claims = (waysIn: string) => ICS.replace(/waysIn:[\s\S]*/, waysIn);

  test("at least one way in is claimed", () => {
    expect(onlyProblem(claims("waysIn: {}\n"), IXIT)).toMatchObject({
      field: "waysIn",
      line: 7,
      message: "needs at least one of uc1.psk-tls, uc1.https-digest, server-only",
    });
  });

  test("at least one role, version, suite and algorithm is claimed", () => {
    const ics = `${edited(edited(ICS, "[enabler]", "[]"), '["1.2"]', "[]")}digest: { algorithms: [] }\n`;
    expect(refusal(writeProfile({ "ics.yaml": ics, "ixit.yaml": IXIT })).problems).toMatchObject([
      { field: "roles", line: 6, message: "must not be empty", allowed: 'a list of "enabler"' },
      { field: "waysIn.uc1.psk-tls.tls", line: 9, message: "must not be empty" },
      { field: "digest.algorithms", line: 16, allowed: expect.stringContaining('"SHA-512-256-sess"') },
    ]);
  });

  test("a value stands in a list once", () => {
    const ics = edited(ICS, "      - TLS_AES", "      - TLS_AES_256_GCM_SHA384\n      - TLS_AES");
    expect(onlyProblem(ics, IXIT)).toMatchObject({
      field: "waysIn.uc1.https-digest.suites[2]",
      line: 16,
      message: "stands in the list a second time",
    });
  });

  test.each(["{}", "{ json: /a, header: X-User }"])("extract: %s is not exactly one place", (extract) => {
    const ixit = `${edited(IXIT, "resources:", `resources:\n  identity: { url: /who, form: IMPI, extract: ${extract} }`)}`;
    expect(onlyProblem(ICS, ixit)).toMatchObject({
      field: "resources.identity.extract",
      line: 7,
      message: "needs exactly one of json, header, pattern",
    });
  });
});

test("what was read from the file stays as it was read", () => {
  const read = readYamlFile(writeProfile({ "ics.yaml": ICS }), "ics.yaml");
  if (!read.ok) throw new Error("the file cannot be read");
  const before = structuredClone(read.value.value);
  const valid = validate<Ics>(icsSchema, read.value);
  expect(valid).toMatchObject({ ok: true, value: { release: 2 } });
  expect(read.value.value).toEqual(before);
});
