/**
 * The reference system: a complete enabler of use case 1, to certify without any other product and to prove,
 * defect by defect, that the suite's cases notice what they should.
 *
 *   node main.ts CONFIG.json      (the file: see Config in config.ts)
 *
 * It prints one line of JSON when it listens, and ends on SIGTERM, SIGINT or when its parent is gone.
 * Exit codes: 0 ended as asked, 1 broke, 3 the configuration cannot be used.
 */
import { fstatSync } from "node:fs";
import { ConfigError, readConfig } from "./config.ts";
import { type Enabler, startEnabler } from "./enabler.ts";
import { policyOf } from "./faults.ts";
import { logToStderr } from "./log.ts";

async function main(): Promise<void> {
  const [path, ...more] = process.argv.slice(2);
  if (path === undefined || more.length > 0) {
    throw new ConfigError("one argument is needed: the path of the configuration file");
  }
  const config = readConfig(path);
  const policy = policyOf(config.fault);
  if (policy === undefined) {
    throw new ConfigError(`${path}: fault ${JSON.stringify(config.fault)} is not one that this system has`);
  }
  const enabler = await startEnabler(config, policy, logToStderr);
  stopWhenAsked(enabler);
  process.stdout.write(`${JSON.stringify({ ready: true, endpoints: enabler.endpoints })}\n`);
}

function stopWhenAsked(enabler: Enabler): void {
  const stop = (why: string) => {
    logToStderr("enabler", `ends: ${why}`);
    enabler.close();
    process.exit(0);
  };
  process.once("SIGTERM", () => stop("SIGTERM"));
  process.once("SIGINT", () => stop("SIGINT"));
  // A pipe ends when the parent is gone. A terminal or /dev/null says nothing about it.
  const input = fstatSync(0);
  if (!input.isFIFO() && !input.isSocket()) return;
  process.stdin.once("end", () => stop("stdin ended"));
  process.stdin.once("error", () => stop("stdin broke"));
  process.stdin.resume();
}

main().catch((error: unknown) => {
  const known = error instanceof ConfigError;
  logToStderr("enabler", known ? error.message : String(error instanceof Error ? error.stack : error));
  // A listener may already be open.
  process.exit(known ? 3 : 1);
});
