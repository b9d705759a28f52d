import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { test as base, describe } from "vitest";
import { certify, StartedRun, Workplace } from "./testing/certify.ts";
import { writeProfile } from "./testing/profiles.ts";

const test = base.concurrent;
const STAYS = "setInterval(() => {}, 1000);";

describe("exit code 3, with the file, the field and the fix, and nothing started:", () => {
  test("a missing and a misspelt field", async ({ expect }) => {
    using workplace = new Workplace();
    const profile = writeProfile(workplace, STAYS);
    const path = join(profile, "ixit.yaml");
    const right = readFileSync(path, "utf8");
    writeFileSync(path, right.replace("serverName", "severName").replace(/path: .*/, "contains: x"));
    const run = await certify(workplace, "--profile", profile);
    expect(run.code).toBe(3);
    expect(run.output).toMatch(/ixit\.yaml:\d+:\d+ enabler\.severName: .*serverName/);
    expect(run.output).toMatch(/ixit\.yaml:\d+:\d+ resources\.protected.*path/);
    // Each problem is one line, with what to do; nothing of our own sources.
    expect(run.output).not.toMatch(/\n\s+at /);
    expect(run).toMatchObject({ report: undefined, journal: undefined, processes: [], temporary: [] });
  });

  test("a run directory that holds a run, and one that nobody can make", async ({ expect }) => {
    using workplace = new Workplace();
    const profile = writeProfile(workplace, STAYS);
    const held = workplace.folder("held");
    writeFileSync(join(held, "journal.ndjson"), "");
    const [again, nowhere] = await Promise.all([
      certify(workplace, "--profile", profile, "--out", held),
      new StartedRun(workplace, "other", ["--profile", profile, "--out", "/proc/seccf/out"]).ended,
    ]);
    expect(again).toMatchObject({ code: 3, processes: [], temporary: [] });
    expect(again.output).toContain(
      `${held} holds a run already. Name another folder with --out, or remove it.`,
    );
    expect(nowhere).toMatchObject({ code: 3, processes: [], temporary: [] });
    expect(nowhere.output).toContain("Name a folder that can be written with --out.");
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
