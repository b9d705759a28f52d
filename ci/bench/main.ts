/**
 * `npm run bench`: how many operations a second the parts do, and wall time and memory of what a user waits for, each
 * the median of three in this one call. Figures of different machines, or of a busy one, are not comparable.
 */
import { cpus } from "node:os";
import { measureCommand } from "./commands.ts";
import { CLIENTS, diameter, handshakes, milenage } from "./operations.ts";

const RUNS = 3;

const VERSIONS = ["1.2", "1.3"] as const;
const OPERATIONS: readonly (readonly [title: string, measure: () => Promise<number>])[] = [
  ["Milenage: vector and answer of the identity module", milenage],
  ["Diameter: BIR and BIA encoded, decoded and checked", diameter],
  ...VERSIONS.flatMap((version) =>
    Object.entries(CLIENTS).map(
      ([name, client]) =>
        [
          `PSK handshake of the terminal, TLS ${version}, ${name}`,
          () => handshakes(client, version),
        ] as const,
    ),
  ),
];

const COMMANDS = [["list"], ["run", "--smoke"], ["run"], ["prove"]] as const;

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

async function thrice<T>(measure: () => Promise<T>): Promise<readonly T[]> {
  const figures: T[] = [];
  for (let i = 0; i < RUNS; i++) figures.push(await measure());
  return figures;
}

/** Instances that a run says it has, for the rate. */
function instancesOf(stdout: string): number | undefined {
  const found = /(\d+) instances/.exec(stdout)?.[1];
  return found === undefined ? undefined : Number(found);
}

const line = (...cells: readonly string[]) => process.stdout.write(`| ${cells.join(" | ")} |\n`);

process.stdout.write(
  `Node ${process.versions.node}, OpenSSL ${process.versions.openssl}, ${cpus().length} cores, median of ${RUNS}\n\n`,
);
line("operation", "per second");
line("---", "---");
for (const [title, measure] of OPERATIONS) line(title, median(await thrice(measure)).toFixed(0));
process.stdout.write("\n");
line("command", "seconds", "peak memory of the main process, MiB", "instances per second");
line("---", "---", "---", "---");
for (const args of COMMANDS) {
  const figures = await thrice(() => measureCommand(args));
  const seconds = median(figures.map((one) => one.seconds));
  const instances = args[0] === "run" ? instancesOf(figures[0]?.stdout ?? "") : undefined;
  line(
    `\`seccf ${args.join(" ")}\``,
    seconds.toFixed(2),
    median(figures.map((one) => one.mebibytes)).toFixed(0),
    instances === undefined ? "" : (instances / seconds).toFixed(1),
  );
}
