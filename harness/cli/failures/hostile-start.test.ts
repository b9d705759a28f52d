import { test as base, describe } from "vitest";
import { certify, type Run, Workplace } from "./testing/certify.ts";
import { listening, writeProfile } from "./testing/profiles.ts";

const test = base.concurrent;
const SELECTION = ["--smoke", "--only", "UC1-DIG-*"];
/** A fatal handshake_failure (RFC 5246 7.2.2). */
const REFUSES = listening('socket.once("data", () => socket.end(Buffer.from("15030300020228", "hex")));');

function certifyScript(
  workplace: Workplace,
  script: string,
  bounds: Record<string, number> = {},
): Promise<Run> {
  const profile = writeProfile(workplace, script, { way: "uc1.https-digest", bounds });
  return certify(workplace, "--profile", profile, ...SELECTION);
}

describe("a system that writes", () => {
  test("100 MB without an end of line never becomes ready, in no more memory than others", async ({
    expect,
  }) => {
    using workplace = new Workplace();
    using other = new Workplace();
    const endless = `
      const piece = Buffer.alloc(1 << 20, 0x78);
      let left = 100;
      const more = () => {
        while (left-- > 0 && process.stdout.write(piece));
      };
      process.stdout.on("drain", more);
      more();
      setInterval(() => {}, 1000);`;
    const run = await certifyScript(workplace, endless, { startMs: 1_500 });
    expect(run.code).toBe(2);
    expect(run.output).toContain("did not announce itself on stdout within 1500 ms");
    // What it wrote last is shown, and not all of it.
    expect(run.output.length).toBeLessThan(20_000);
    const quiet = await certifyScript(other, "setInterval(() => {}, 1000);", { startMs: 1_500 });
    expect(quiet.code).toBe(2);
    expect(run.peakMemory).toBeLessThan(1.5 * (quiet.peakMemory ?? 0));
    expect(run).toMatchObject({ processes: [], temporary: [] });
  });

  test("octets that are no UTF-8 around its announcement is heard all the same", async ({ expect }) => {
    using workplace = new Workplace();
    const garbage =
      "process.stdout.write(Buffer.from([0xff, 0xfe, 0xc3, 0x28, 0x00, 0x1b, 0x5b, 0x32, 0x4a, 0x0a]));";
    const run = await certifyScript(workplace, `${garbage}\n${REFUSES}\n${garbage}`);
    expect([1, 2]).toContain(run.code);
    expect(run.report?.run.interrupted).toBeUndefined();
    expect(run.report?.summary.verdicts).toMatchObject({ pass: 0, error: 0 });
    expect(run).toMatchObject({ processes: [], temporary: [] });
  });

  test("an announcement that is no UTF-8 does not become ready", async ({ expect }) => {
    using workplace = new Workplace();
    const spoilt = `
      const line = '{"ready":true,"endpoints":{"uc1.https-digest":{"host":"\\u00ff\\u00fe","port":4433}}}\\n';
      process.stdout.write(Buffer.from(line, "latin1"));
      setInterval(() => {}, 1000);`;
    const run = await certifyScript(workplace, spoilt);
    expect(run.code).toBe(2);
    expect(run.output).toContain("for uc1.https-digest, which is no address");
    expect(run).toMatchObject({ processes: [], temporary: [] });
  });
});

describe("a system that announces", () => {
  const announcing = (host: string, port: number) => `
    console.log(${JSON.stringify(JSON.stringify({ ready: true, endpoints: { "uc1.https-digest": { host, port } } }))});
    setInterval(() => {}, 1000);`;

  test.for<readonly [string, string, number]>([
    ["a port above all ports", "127.0.0.1", 70_000],
    ["a host of control characters", "\u001b[2J\r\n127.0.0.1", 4433],
  ])("%s is not asked anything", async ([, host, port], { expect }) => {
    using workplace = new Workplace();
    const run = await certifyScript(workplace, announcing(host, port));
    expect(run.code).toBe(2);
    expect(run.output).toContain("for uc1.https-digest, which is no address");
    expect(run.output).toContain('Let it announce {"host": a name or an IP address');
    expect(run.output).not.toMatch(/[^\P{Cc}\n]/u);
    expect(run.report?.run.interrupted).toContain("which is no address");
    expect(run.report?.summary).toMatchObject({ conformant: null, verdicts: { pass: 0, fail: 0, error: 0 } });
    expect(run).toMatchObject({ processes: [], temporary: [] });
  });

  // 192.0.2.0/24 is nobody's (RFC 5737).
  test("a machine that is not there passes nothing", async ({ expect }) => {
    using workplace = new Workplace();
    const run = await certifyScript(workplace, announcing("192.0.2.1", 4433));
    expect([1, 2]).toContain(run.code);
    expect(run.report?.summary.verdicts).toMatchObject({ pass: 0, error: 0 });
    expect(run.report?.run.sanity.map(({ ok }) => ok)).toEqual([false, false]);
    expect(JSON.stringify(run.report?.run.sanity)).toContain("not reachable");
    expect(run).toMatchObject({ processes: [], temporary: [] });
  });
});
