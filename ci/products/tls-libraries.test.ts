/** The TLS of GnuTLS and of OpenSSL as systems under test: all that is reported about them is true, and the README says why. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Report, validateReport } from "../../reports/index.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
/** Milliseconds: a whole run takes less than a minute on two idle cores. */
const RUN_MS = 300_000;

/** What a library does that a must forbids. */
interface Fault {
  readonly why: string;
  /** The instances that show it, and no others. */
  readonly keys: readonly string[];
  /** The labels that they judge. */
  readonly labels: readonly string[];
  /** What the failed checks say that was seen. */
  readonly seen: RegExp;
}

const FAULTS: Readonly<Record<string, readonly Fault[]>> = {
  gnutls: [
    {
      why: "TLS 1.3: the additional data has the constant 23 in place of the type in the header that came (RFC 8446 5.2)",
      keys: [
        ...["1301", "1303"].map((suite) => `L31-PSK-BI-01[part=header,suite=${suite},tls=1.3]`),
        ...["DIG", "SRV"].flatMap((way) =>
          ["1301", "1302", "1303"].map((suite) => `L31-${way}-BI-01[part=header,suite=${suite},tls=1.3]`),
        ),
      ],
      labels: ["3.1"],
      seen: /^content type in the header: status 200, then status 200/,
    },
  ],
  openssl: [
    {
      why: "up to TLS 1.2: the application is told the identity as a string of C, which ends at the first NUL (RFC 4279 5.1)",
      keys: ["1.0", "1.1", "1.2"].flatMap((version) =>
        ["end", "followed", "inside"].map((nul) => `UC1-PSK-BO-31[nul=${nul},tls=${version}]`),
      ),
      labels: ["1.1", "5.1"],
      seen: /^identity ".*\\u0000.*": (handshake completed, status 200|1 requests for .*)$/,
    },
  ],
};

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "seccf-libraries-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function certify(library: string): Promise<Report> {
  const out = join(folder, library);
  const profile = join(ROOT, "profiles", library);
  const main = join(ROOT, "harness/cli/main.ts");
  const child = spawn(process.execPath, [main, "run", "--profile", profile, "--out", out], {
    stdio: "ignore",
  });
  await once(child, "close");
  const validation = validateReport(JSON.parse(readFileSync(join(out, "report.json"), "utf8")));
  if (!validation.ok) throw new Error(validation.errors.join("\n"));
  return validation.report;
}

test.each(Object.entries(FAULTS))(
  "%s: the whole suite reports what it does wrong, and nothing else",
  async (library, faults) => {
    const { run, summary, cases, requirements } = await certify(library);
    expect(run.scope).toBe("full");
    const left = cases.filter(({ verdict }) => verdict !== "pass" && verdict !== "not-applicable");
    const verdicts = Object.fromEntries(left.map(({ key, verdict }) => [key, verdict]));
    const known = faults.flatMap(({ keys }) => keys.map((key) => [key, "fail"]));
    expect(verdicts).toEqual(Object.fromEntries(known));
    expect(summary.findings).toBe(0);
    expect(summary.verdicts.pass).toBeGreaterThan(1_000);
    for (const { keys, seen, labels } of faults) {
      const failed = left
        .filter(({ key }) => keys.includes(key))
        .flatMap(({ checks }) => checks)
        .filter(({ outcome }) => outcome === "failed");
      expect(failed.filter(({ detail = "" }) => !seen.test(detail))).toEqual([]);
      expect(new Set(failed.map(({ requirement }) => requirement))).toEqual(new Set(labels));
    }
    const notMet = requirements.filter(({ status }) => status === "not-met").map(({ label }) => label);
    expect(new Set(notMet)).toEqual(new Set(faults.flatMap(({ labels }) => labels)));
  },
  RUN_MS,
);

test("the README explains each of them", () => {
  const rows = readFileSync(join(ROOT, "README.md"), "utf8").split("\n");
  const explained = Object.entries(FAULTS).map(([library, faults]) => {
    const own = rows.filter((row) => new RegExp(`^\\| ${library} `, "i").test(row));
    return [
      library,
      own.length,
      faults.map(({ why }) => clausesOf(why).every((one) => own.join().includes(one))),
    ];
  });
  expect(explained).toEqual(
    Object.entries(FAULTS).map(([library, faults]) => [library, faults.length, faults.map(() => true)]),
  );
});

const clausesOf = (why: string) => why.match(/RFC \d{4} [\d.]+/g) ?? [];
