import { describe, expect, test } from "vitest";
import { isPerToken } from "./index.ts";
import {
  EXTERNAL_IXIT,
  edited,
  ICS,
  IXIT,
  lineOf,
  loadText,
  onlyProblem,
  refusal,
  writeProfile,
} from "./profile-fixture.ts";

/** EXTERNAL_IXIT names files that are not there; those problems are not asked for here. */
function withoutFiles(ixit: string) {
  const { problems, message } = refusal(writeProfile({ "ics.yaml": ICS, "ixit.yaml": ixit }));
  const [problem, ...more] = problems.filter((one) => !one.message.includes("does not exist"));
  expect(more).toEqual([]);
  if (problem === undefined) throw new Error(message);
  return problem;
}

describe("addresses", () => {
  test("of an external system are needed for what the ICS claims", () => {
    const ixit = EXTERNAL_IXIT.replace(/ {4}uc1\.psk-tls.*\n/, "");
    const problem = withoutFiles(ixit);
    expect(problem).toMatchObject({
      file: "ixit.yaml",
      line: lineOf(ixit, "addresses:"),
      field: "enabler.addresses.uc1.psk-tls",
      allowed: "a block with the fields host, port",
    });
    expect(problem.message).toContain('an "external" system');
    expect(problem.fix).toContain("ics.yaml");
  });

  test("of a process are needed when it does not announce them", () => {
    const ixit = edited(IXIT, "  kind: process", "  kind: process\n  ready: connect");
    const { problems } = refusal(writeProfile({ "ics.yaml": ICS, "ixit.yaml": ixit }));
    expect(problems).toMatchObject([
      { field: "enabler.addresses.uc1.psk-tls", line: lineOf(ixit, "enabler:") },
      { field: "enabler.addresses.uc1.https-digest", line: lineOf(ixit, "enabler:") },
    ]);
  });
});

describe("an external system", () => {
  test.each(["ub", "zn"])("needs a fixed port of %s", (listener) => {
    const ixit = EXTERNAL_IXIT.replace(new RegExp(`(  ${listener}: .*port: )\\d+`), "$10");
    expect(withoutFiles(ixit)).toMatchObject({
      field: `keyManager.${listener}.port`,
      line: lineOf(ixit, "port: 0"),
      allowed: "an integer between 1 and 65535",
    });
  });

  test("needs a listener that is written down", () => {
    const ixit = EXTERNAL_IXIT.replace(/ {2}zn: .*\n/, "");
    expect(withoutFiles(ixit)).toMatchObject({
      field: "keyManager.zn.port",
      line: lineOf(ixit, "keyManager:"),
    });
  });

  test("needs certificates on Zn", () => {
    const ixit = EXTERNAL_IXIT.replace(/ {2}credentials:[\s\S]*/, "");
    expect(withoutFiles(ixit)).toMatchObject({
      field: "keyManager.credentials",
      line: lineOf(ixit, "keyManager:"),
      allowed: "a block with the fields certificate, privateKey, trust",
    });
  });

  test("needs the CAs of its own certificate where it has one", () => {
    const ixit = edited(EXTERNAL_IXIT, "  trust: ca.pem\nresources", "resources");
    expect(withoutFiles(ixit)).toMatchObject({ field: "enabler.trust", line: lineOf(ixit, "enabler:") });
    // Without a certificate of its own, only the files that are named (and missing here) are left to complain of.
    const ics = ICS.replace(/ {2}uc1\.https-digest[\s\S]*/, "");
    const { problems } = refusal(writeProfile({ "ics.yaml": ics, "ixit.yaml": ixit }));
    expect(new Set(problems.map(({ field }) => field.split(".")[0]))).toEqual(new Set(["keyManager"]));
  });
});

test("Ub and Zn need a port each on one host", () => {
  const ixit = edited(IXIT, "bsf.example.org", "bsf.example.org\n  ub: { port: 8080 }\n  zn: { port: 8080 }");
  expect(onlyProblem(ICS, ixit)).toMatchObject({
    field: "keyManager.zn.port",
    line: 12,
    allowed: "another port",
  });
  const hosts = edited(ixit, "zn: { port", "zn: { host: 127.0.0.2, port");
  expect(loadText(ICS, hosts).ixit.keyManager.zn.port).toBe(8080);
});

describe("resources", () => {
  const identity = (url: string, extract = "{ json: /user }") =>
    edited(
      IXIT,
      "resources:",
      `resources:\n  identity:\n    url: ${url}\n    form: IMPI\n    extract: ${extract}`,
    );
  const state = (change: string, read: string) =>
    edited(
      IXIT,
      "resources:",
      `resources:\n  state:\n    change: ${change}\n    read:\n      url: ${read}\n      extract: { pattern: '^count=(\\d+)$' }`,
    );

  test.each([
    [
      "an absolute identity URL without {btid}",
      identity("http://192.0.2.1/last"),
      "resources.identity.url",
      "must hold {btid}",
    ],
    ["a misspelt placeholder", identity('"/who?id={b-tid}"'), "resources.identity.url", 'holds "{b-tid}"'],
    ["a brace that is not closed", identity('"/who?id={btid"'), "resources.identity.url", 'holds "{btid"'],
    [
      "a URL with a wrong port",
      identity('"http://192.0.2.1:99999/{btid}"'),
      "resources.identity.url",
      "is not a URL",
    ],
    [
      "a URL with a bare IPv6 address",
      identity('"http://2001:db8::1/{btid}"'),
      "resources.identity.url",
      "is not a URL",
    ],
    [
      "a pattern without a group",
      identity("/who", "{ pattern: user=.* }"),
      "resources.identity.extract.pattern",
      "has no group",
    ],
    [
      "a pattern that is none",
      identity("/who", "{ pattern: 'user=(' }"),
      "resources.identity.extract.pattern",
      "is not a regular expression",
    ],
    [
      "a state that is read by a token and changed without one",
      state('{ method: POST, path: /count, body: "x" }', '"/count/{token}"'),
      "resources.state.read.url",
      "holds {token}",
    ],
    [
      "a B-TID where a token stands",
      state('{ method: POST, path: "/count/{btid}" }', "/count"),
      "resources.state.change.path",
      "takes the placeholder {token}",
    ],
    [
      "a placeholder where none stands",
      edited(IXIT, "/protected", '"/protected/{token}"'),
      "resources.protected.path",
      "takes no placeholder",
    ],
  ])("%s", (_, ixit, field, message) => {
    const problem = onlyProblem(ICS, ixit);
    const name = field.slice(field.lastIndexOf(".") + 1);
    expect(problem).toMatchObject({ file: "ixit.yaml", field, line: lineOf(ixit, `${name}: `) });
    expect(problem.message).toContain(message);
  });

  test("may be told by an absolute URL with the B-TID", () => {
    const { ixit } = loadText(ICS, identity('"http://[2001:db8::1]:8080/{btid}"'));
    expect(ixit.resources.identity?.url).toBe("http://[2001:db8::1]:8080/{btid}");
  });

  test("have a state for each token when change and reading name it", () => {
    const perToken = (change: string, read: string) => isPerToken(loadText(ICS, state(change, read)).ixit);
    expect(perToken('{ method: PUT, path: "/count/{token}" }', '"/count/{token}"')).toBe(true);
    expect(
      perToken('{ method: POST, path: /count, body: \'{"id":"{token}"}\' }', '"/count?id={token}"'),
    ).toBe(true);
    expect(perToken('{ method: PUT, path: "/count/{token}" }', "/count")).toBe(false);
    expect(perToken("{ method: POST, path: /count }", "/count")).toBe(false);
    expect(isPerToken(loadText(ICS, IXIT).ixit)).toBe(false);
  });
});

describe("the way in without a user", () => {
  const ics = edited(
    ICS,
    "waysIn:\n",
    'waysIn:\n  server-only:\n    tls: ["1.3"]\n    suites: [TLS_AES_128_GCM_SHA256]\n',
  );
  const open = (fields: string) =>
    edited(IXIT, "resources:\n", `resources:\n  open: { path: /open, contains: welcome${fields} }\n`);

  test("needs a resource that is open to everyone", () => {
    expect(onlyProblem(ics, IXIT)).toMatchObject({
      file: "ixit.yaml",
      field: "resources.open",
      line: lineOf(IXIT, "resources:"),
      allowed: "a block with the fields path, contains, identity",
    });
    expect(loadText(ics, open("")).ixit.resources.open).toEqual({ path: "/open", contains: "welcome" });
  });

  test("takes a suite with a certificate only", () => {
    const psk = ics.replace("suites: [TLS_AES_128_GCM_SHA256]", "suites: [TLS_PSK_WITH_AES_128_GCM_SHA256]");
    const { problems } = refusal(
      writeProfile({ "ics.yaml": psk.replace('tls: ["1.3"]', 'tls: ["1.2"]'), "ixit.yaml": open("") }),
    );
    expect(problems).toMatchObject([{ field: "waysIn.server-only.suites[0]" }]);
  });

  test("may say for whom a visitor is taken, by a pattern that has a group", () => {
    expect(onlyProblem(ics, open(", identity: { pattern: user }"))).toMatchObject({
      field: "resources.open.identity.pattern",
    });
  });
});

test("a public identity at an absolute URL is that of one B-TID", () => {
  const at = (url: string) =>
    edited(
      IXIT,
      "resources:\n",
      `resources:\n  publicIdentity: { url: "${url}", extract: { header: X-User } }\n`,
    );
  expect(onlyProblem(ICS, at("http://127.0.0.1/who"))).toMatchObject({
    field: "resources.publicIdentity.url",
  });
  expect(loadText(ICS, at("http://127.0.0.1/who?{btid}")).ixit.resources.publicIdentity?.url).toContain(
    "{btid}",
  );
});

test("a view names what it tells, each by a way to extract it", () => {
  const view = (tells: string) =>
    edited(IXIT, "resources:\n", `resources:\n  view: { path: /view, tells: ${tells} }\n`);
  expect(loadText(ICS, view("{ suite: { json: /suite } }")).ixit.resources.view).toEqual({
    path: "/view",
    tells: { suite: { json: "/suite" } },
  });
  expect(onlyProblem(ICS, view("{ suite: { pattern: suite } }"))).toMatchObject({
    field: "resources.view.tells.suite.pattern",
    allowed: "a regular expression with a group",
  });
  expect(onlyProblem(ICS, view("{}"))).toMatchObject({ field: "resources.view.tells" });
});

describe("subscribers", () => {
  const subscriber = (name: string, k = "1".repeat(32), opc = "2".repeat(32)) =>
    `  - impi: ${name}@ims.example.org\n    impus: ["sip:${name}@example.org"]\n    k: ${k}\n    opc: ${opc}\n`;

  test("have identities of their own", () => {
    const ixit = `${IXIT}subscribers:\n${subscriber("alice")}${subscriber("bob")}${subscriber("alice")}`;
    const { problems } = refusal(writeProfile({ "ics.yaml": ICS, "ixit.yaml": ixit }));
    expect(problems).toMatchObject([
      {
        field: "subscribers[2].impi",
        line: 20,
        message: '"alice@ims.example.org" belongs to subscribers[0] already',
      },
      { field: "subscribers[2].impus[0]", line: 21, allowed: "an identity that no other subscriber has" },
    ]);
  });

  test.each([
    ["k", subscriber("alice", "0".repeat(32)), 14],
    ["opc", subscriber("alice", undefined, "0".repeat(32)), 15],
  ])("have a %s that is not zero", (name, text, line) => {
    expect(onlyProblem(ICS, `${IXIT}subscribers:\n${text}`)).toMatchObject({
      field: `subscribers[0].${name}`,
      line,
      message: "is all zeros: a placeholder, not a key",
      allowed: "32 hex digits (16 octets), not all zero",
    });
  });

  test("have a public identity where that is what the enabler is told", () => {
    const ixit = `${edited(IXIT, "resources:", "resources:\n  identity: { url: /who, form: IMPU, extract: { header: X-User } }")}subscribers:\n${subscriber("alice").replace(/ {4}impus.*\n/, "")}`;
    expect(onlyProblem(ICS, ixit)).toMatchObject({ field: "subscribers[0].impus", line: 13 });
  });
});
