import { describe, expect, test } from "vitest";
import { ICS, IXIT, lineOf, load, onlyProblem, refusal, writeProfile } from "./profile-fixture.ts";

describe("a file that is no YAML", () => {
  test.each([
    ["a field that stands twice", `${IXIT}bounds: {}\npsk: {}\nbounds: {}\n`, 13, "bounds", "a second time"],
    ["a field that stands twice, once in quotes", `${IXIT}psk: {}\n"psk": {}\n`, 12, "psk", "a second time"],
    ["a tab that indents", `${IXIT}psk:\n\tseparator: ";"\n`, 12, "", "a tab indents this line"],
    ["a bracket that is not closed", `${IXIT}bounds: { stopMs: 100\n`, 12, "", "cannot be read as YAML"],
    ["two documents", `${IXIT}---\npsk: {}\n`, 11, "", "a second document begins here"],
    ["a tag", `${IXIT}psk: !form {}\n`, 11, "", "a tag stands here"],
    ["a list as the name of a field", `${IXIT}? [psk]\n: {}\n`, 11, "", "where a field has its name"],
    ["an alias of nothing", `${IXIT}psk: *form\n`, 11, "", "the alias *form has no anchor &form"],
    ["101 aliases", `${IXIT}psk: [&a x${", *a".repeat(101)}]\n`, 11, "", "aliases are too many"],
  ])("%s", (_, ixit, line, field, message) => {
    const problem = onlyProblem(ICS, ixit);
    expect(problem).toMatchObject({ file: "ixit.yaml", line, field });
    expect(problem.message).toContain(message);
    expect(problem.rendered).toMatch(/^ixit\.yaml:\d+:\d+/);
    expect(problem.rendered).toContain(problem.fix);
  });

  test.each(["", "\n", "# nothing yet\n", "---\n"])("an empty file: %j", (text) => {
    expect(onlyProblem(text, IXIT)).toMatchObject({
      file: "ics.yaml",
      line: 1,
      column: 1,
      message: "the file is empty",
    });
  });

  test("text in another encoding", () => {
    const directory = writeProfile({ "ics.yaml": Buffer.from("name: Gerät", "latin1"), "ixit.yaml": IXIT });
    expect(refusal(directory).message).toContain("ics.yaml: is not UTF-8. Save it as UTF-8.");
  });

  test("aliases that multiply", () => {
    const bomb = ["a: &a [x, x, x, x, x, x, x, x]"];
    for (const [from, to] of ["ab", "bc", "cd", "de", "ef"].map((pair) => [...pair])) {
      bomb.push(`${to}: &${to} [${Array(8).fill(`*${from}`).join(", ")}]`);
    }
    expect(onlyProblem(bomb.join("\n"), IXIT).message).toContain("aliases are too many");
  });

  test("an alias that holds itself", () => {
    expect(onlyProblem("system: &a [*a]\n", IXIT).message).toContain("hold themselves");
  });

  test("brackets in brackets without end", () => {
    for (const text of ["[".repeat(20_000), `${"[".repeat(20_000)}${"]".repeat(20_000)}`]) {
      const [problem] = refusal(writeProfile({ "ics.yaml": text, "ixit.yaml": IXIT })).problems;
      expect(problem?.message).toBe("is nested too deeply");
    }
  });
});

describe("the place of a problem", () => {
  const place = (ixit: string) => {
    const { line, column } = onlyProblem(ICS, ixit);
    return `${line}:${column}`;
  };

  test("is that of the value, of the name of an unknown field, and of the block of a missing one", () => {
    expect(place(`${IXIT}bounds: { stopMs: 100, connectMs: 1 }\n`)).toBe("11:35");
    expect(place(`${IXIT}bounds: { stopMs: 100, xyz: 1 }\n`)).toBe("11:24");
    expect(place(`${IXIT}subscribers:\n  - impi: a@b.org\n    k: ${"1".repeat(32)}\n`)).toBe("12:5");
  });

  test("leads through an alias to the value itself", () => {
    const ixit = IXIT.replace(
      "bsf.example.org",
      "bsf.example.org\n  ub: &here\n    port: 70000\n  zn: *here",
    );
    const { problems } = refusal(writeProfile({ "ics.yaml": ICS, "ixit.yaml": ixit }));
    expect(problems.map(({ field, line }) => `${field} ${line}`)).toEqual([
      `keyManager.ub.port ${lineOf(ixit, "port: 70000")}`,
      `keyManager.zn.port ${lineOf(ixit, "port: 70000")}`,
    ]);
  });

  test("counts lines that end in CR LF, and no byte order mark", () => {
    const crlf = `\ufeff${IXIT.replaceAll("\n", "\r\n")}`;
    expect(load(writeProfile({ "ics.yaml": ICS, "ixit.yaml": crlf })).ixit.keyManager.name).toBe(
      "bsf.example.org",
    );
    expect(place(`${crlf}psk: { separator: x }\r\n`)).toBe("11:19");
  });
});
