import { type Command, Option } from "commander";
import { DIGEST_DEVIATIONS } from "../../roles/terminal/digest-deviations.ts";
import { CREDENTIAL_LIES } from "./credential-lies.ts";

/** `seccf play ROLE`: options and help. */
export function describePlay(play: Command, finish: (code: number) => void): void {
  play.description("one role alone, live, for whoever develops against it");
  play
    .command("key-manager")
    .description("bootstrap terminals on Ub and give keys on Zn; what is typed steers it (help)")
    .option("--profile <dir>", "folder with ics.yaml and ixit.yaml (default: that of the reference system)")
    .option("--ub-port <n>", "port of Ub, 0 any (default: that of the IXIT)")
    .option("--zn-port <n>", "port of Zn, 0 any (default: that of the IXIT)")
    .option(
      "--files <dir>",
      "where the file for the system and its certificates go (default: a temporary folder)",
    )
    .addHelpText(
      "after",
      "\nCtrl-C ends it. Lines that begin with WRONG say what a peer does that a clause does not allow.",
    )
    .action(async (options) =>
      finish(await (await import("../commands/play-key-manager.ts")).playKeyManager(options)),
    );
  play
    .command("terminal")
    .description("bootstrap, connect, ask for the protected resource, and say what is wrong in each answer")
    .option("--profile <dir>", "folder with ics.yaml and ixit.yaml (default: that of the reference system)")
    .addOption(
      new Option("--way-in <name>", "how to enter")
        .choices(["uc1.psk-tls", "uc1.https-digest"])
        .default("uc1.https-digest"),
    )
    .option(
      "--bootstrap <url>",
      "Ub of a key manager that runs elsewhere (default: one of our own, and the system is started)",
    )
    .option("--impi <name>", "with --bootstrap: the subscriber (default: the first of the IXIT)")
    .option("--k <hex>", "with --bootstrap: its K, 16 octets")
    .option("--opc <hex>", "with --bootstrap: its OPc, 16 octets")
    .option("--address <host:port>", "where the enabler listens (default: as the IXIT or the system says)")
    .option(
      "--trust <file>",
      "PEM of the authorities of the enabler's certificate (default: as the IXIT says)",
    )
    .option("--tls <version>", "one of the claimed versions (default: the first)")
    .option("--suite <name>", "one of the claimed suites (default: the first)")
    .option("--deviation <name>", "do wrong in this one respect (see below)")
    .option("--times <n>", "visits, one after the other", "1")
    .option("--keep-key", "bootstrap once for all visits")
    .option("--step", "wait for Enter before each step")
    .option("--wire", "show every message")
    .addHelpText("after", () => deviationHelp())
    .action(async (options) =>
      finish(await (await import("../commands/play-terminal.ts")).playTerminal(options)),
    );
}

function deviationHelp(): string {
  const list = (deviations: Readonly<Record<string, { readonly title: string }>>) =>
    Object.entries(deviations)
      .map(([name, { title }]) => `  ${name.padEnd(22)} ${title}`)
      .join("\n");
  return [
    "\nDeviations over both ways in:",
    list(CREDENTIAL_LIES),
    "\nDeviations in the answer to the Digest challenge:",
    list(DIGEST_DEVIATIONS),
    "\nExit codes: 0 nothing was wrong, 1 something was, 2 not reached or stopped, 3 wrong usage",
  ].join("\n");
}
