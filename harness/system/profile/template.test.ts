import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { type FieldSchema, schemaOf } from "./field-schema.ts";
import icsSchema from "./ics.schema.json" with { type: "json" };
import ixitSchema from "./ixit.schema.json" with { type: "json" };
import { load, refusal, writeProfile } from "./profile-fixture.ts";
import { type Chosen, CLAIMABLE_WAYS_IN, icsTemplate, ixitTemplate } from "./template.ts";

const WAYS: Chosen = Object.fromEntries(CLAIMABLE_WAYS_IN.map((name) => [name, {}]));
const STARTED: Chosen = { system: { kind: "process" }, resources: { open: {} } };

/** As a vendor would who takes the # away from every field. */
const uncommented = (text: string) => text.replace(/^( *)#(?! |$)/gm, "$1");

/** Values by the last name of a field. */
const VALUES: Readonly<Record<string, string>> = {
  release: "1",
  name: "bsf.example.org",
  vendor: "Vendor",
  version: '"1"',
  tls: '["1.2"]',
  suites: "[SUITE]",
  command: "[node]",
  serverName: "naf.example.org",
  path: "/protected",
  contains: "welcome",
};

/** Each placeholder that stands in the file and not behind a #, replaced. */
function filled(text: string): string {
  return text
    .split("\n")
    .map((line) =>
      line.replace(/^( *)(\w+): .*FILL_IN.*$/, (_, indent, name) => `${indent}${name}: ${VALUES[name]}`),
    )
    .join("\n");
}

/** Every field, as a dotted path; of free names and of lists of blocks the example that stands there. */
function missing(root: FieldSchema, value: unknown, path: readonly string[] = []): readonly string[] {
  const schema = schemaOf(root, path);
  const block = schema?.type === "array" ? schemaOf(root, [...path, "0"]) : schema;
  const content: unknown = schema?.type === "array" && Array.isArray(value) ? value[0] : value;
  if (block?.type !== "object") return [];
  if (typeof content !== "object" || content === null) return [path.join(".")];
  const names = Object.keys(block.properties ?? {});
  if (names.length === 0) return Object.keys(content).length === 1 ? [] : [`${path.join(".")}.*`];
  const steps = schema?.type === "array" ? [...path, "0"] : path;
  const entries = new Map(Object.entries(content));
  return names.flatMap((name) =>
    entries.has(name) ? missing(root, entries.get(name), [...steps, name]) : [[...steps, name].join(".")],
  );
}

describe("a new file has every field of its schema", () => {
  test("ICS", () => {
    expect(missing(icsSchema, parse(uncommented(icsTemplate({}))))).toEqual([]);
  });

  test("IXIT of a system that seccf starts", () => {
    expect(missing(ixitSchema, parse(uncommented(ixitTemplate(STARTED))))).toEqual([]);
  });

  test("IXIT of an external system, but for those that do not belong to it", () => {
    const text = ixitTemplate({ system: { kind: "external" } });
    const barred = ["command", "environment", "ready"];
    expect(missing(ixitSchema, parse(uncommented(text)))).toEqual(barred.map((name) => `system.${name}`));
    for (const name of barred) expect(text).toContain(`# ${name} does not belong to a system of this kind.`);
  });

  test("and says of a field what it is for, what may stand there and what its default is", () => {
    const text = ixitTemplate(STARTED).replace(/\n *# /g, " ");
    expect(text).toContain(
      "Longest time for a TCP connection. Allowed: an integer between 50 and 600000 (milliseconds). Default: 2000.\n  #connectMs: 2000",
    );
    expect(text).toMatch(/Path of the protected resource\. Allowed: .* Required\.\n {4}path: FILL_IN/);
  });

  test("and no line that is hard to read", () => {
    for (const line of [icsTemplate({ waysIn: WAYS }), ixitTemplate(STARTED)].flatMap((text) =>
      text.split("\n"),
    ))
      expect(line.length).toBeLessThanOrEqual(120);
  });
});

describe("a new profile", () => {
  test.each(CLAIMABLE_WAYS_IN)("of %s is taken when its placeholders are filled in", (wayIn) => {
    const suite =
      wayIn === "uc1.psk-tls" ? "TLS_PSK_WITH_AES_128_GCM_SHA256" : "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256";
    const ics = filled(icsTemplate({ waysIn: { [wayIn]: {} } })).replace("SUITE", suite);
    const ixit = filled(ixitTemplate(STARTED));
    const profile = load(writeProfile({ "ics.yaml": ics, "ixit.yaml": ixit }));
    expect(Object.keys(profile.ics.waysIn)).toEqual([wayIn]);
    expect(profile.ixit.keyManager.name).toBe("bsf.example.org");
  });

  test("is refused until then, one sentence for each placeholder", () => {
    const texts = { "ics.yaml": icsTemplate({ waysIn: WAYS }), "ixit.yaml": ixitTemplate(STARTED) };
    const { problems, message } = refusal(writeProfile(texts));
    const open = Object.values(texts)
      .flatMap((text) => text.split("\n"))
      .filter((line) => /^ *[^ #].*FILL_IN/.test(line));
    expect(open.length).toBeGreaterThan(10);
    expect(problems).toHaveLength(open.length);
    for (const problem of problems) expect(problem.message).toMatch(/^is still to be filled in; it takes /);
    expect(message).toContain(
      "release: is still to be filled in; it takes 1 or 2. Release of OMA-RD-SEC_CF that the system claims",
    );
  });

  test("has what was chosen in it, and not behind a #", () => {
    const text = ixitTemplate({
      system: { kind: "external" },
      enabler: { serverName: "naf.example", addresses: { plain: {} } },
      keyManager: { zn: { port: "FILL_IN" } },
    });
    expect(parse(text)).toMatchObject({
      system: { kind: "external" },
      enabler: { serverName: "naf.example", addresses: { plain: { host: "FILL_IN", port: "FILL_IN" } } },
      keyManager: { name: "FILL_IN", zn: { port: "FILL_IN" } },
    });
  });
});
