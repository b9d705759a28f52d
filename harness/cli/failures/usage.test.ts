import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { test as base, describe } from "vitest";
import { certify, Workplace } from "./testing/certify.ts";
import { writeProfile } from "./testing/profiles.ts";

const test = base.concurrent;
const STAYS = "setInterval(() => {}, 1000);";

describe("exit code 3, with the file, the field and the fix, and nothing started:", () => {
  test.for<[string, RegExp, string, readonly string[]]>([
    ["a missing field", / {2}path: .*\n/, "  contains: x\n", ["ixit.yaml:", "resources.protected", "path"]],
    ["a misspelt field", /serverName/, "severName", ["ixit.yaml:", "enabler.severName", "serverName"]],
  ])("%s", async ([_, from, to, parts], { expect }) => {
    using workplace = new Workplace();
    const profile = writeProfile(workplace, STAYS);
    const path = join(profile, "ixit.yaml");
    const before = readFileSync(path, "utf8");
    expect(before).toMatch(from);
    writeFileSync(path, before.replace(from, to));
    const run = await certify(workplace, "--profile", profile);
    expect(run.code).toBe(3);
    for (const part of parts) expect(run.output).toContain(part);
    expect(run.output).not.toMatch(/\n\s+at /);
    expect(run).toMatchObject({ report: undefined, journal: undefined, processes: [], temporary: [] });
  });

  test("a port of the key manager that is in use", async ({ expect }) => {
    using workplace = new Workplace();
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    try {
      const address = server.address();
      const port = typeof address === "object" ? address?.port : undefined;
      const profile = writeProfile(workplace, STAYS, { keyManager: { zn: { host: "127.0.0.1", port } } });
      const run = await certify(workplace, "--profile", profile);
      expect(run.code).toBe(3);
      expect(run.output).toContain(`${profile}/ixit.yaml: keyManager.zn: `);
      expect(run.output).toContain("EADDRINUSE");
      expect(run.output).toContain("Free the port, or name another one");
      expect(run.report?.summary.verdicts).toMatchObject({ pass: 0, fail: 0 });
      expect(run).toMatchObject({ processes: [], temporary: [] });
    } finally {
      server.close();
    }
  });
});
