import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { resolve } from "node:path";
import { escapeTerminal } from "../../../reports/index.ts";
import type { KeyManager, KeyManagerActivity, Subscriber } from "../../roles/key-manager/index.ts";
import type { Profile } from "../../system/profile/index.ts";
import { urlHost } from "../../system/started-system.ts";
import { TemporaryDirectory } from "../../system/temporary-directory.ts";
import {
  newSubscriber,
  startCommand,
  startKeyManagerAlone,
  vendorSubscribers,
} from "../../system/test-system.ts";
import { openProfile, REFERENCE_PROFILE } from "../open-profile.ts";
import { wholeNumber } from "../option-values.ts";
import { print, readerGone } from "../output.ts";
import { KeyManagerCommands } from "../play/key-manager-commands.ts";
import { KeyManagerStory } from "../play/key-manager-story.ts";
import { Narrator } from "../play/narrator.ts";
import { onEachLine, type Stop, untilStopped } from "../play/until-stopped.ts";
import { shellWord } from "../shell-word.ts";
import { UsageError } from "../usage-error.ts";

export interface PlayKeyManagerArguments {
  readonly profile?: string;
  readonly ubPort?: string;
  readonly znPort?: string;
  readonly files?: string;
}

/** `seccf play key-manager`: Ub and Zn alone, until it is stopped. Gives the exit code. */
export async function playKeyManager(args: PlayKeyManagerArguments): Promise<number> {
  const profile = withPorts(openProfile(args.profile ?? REFERENCE_PROFILE), args);
  const stop = untilStopped();
  const temporary = args.files === undefined ? new TemporaryDirectory() : undefined;
  try {
    const directory = temporary?.path ?? ownDirectory(args.files ?? ".");
    await play(profile, directory, stop, args.profile);
  } finally {
    stop.dispose();
    await temporary?.remove();
  }
  return 0;
}

async function play(
  profile: Profile,
  directory: string,
  stop: Stop,
  named: string | undefined,
): Promise<void> {
  const narrator = new Narrator((line) => {
    print(line);
    if (readerGone()) stop.stop();
  });
  const story = new KeyManagerStory(profile, narrator);
  let commands: KeyManagerCommands | undefined;
  const watch = (activity: KeyManagerActivity) => {
    if (activity.kind === "bootstrapped") commands?.bootstrapped(activity.btid, activity.impi);
    story.take(activity);
  };
  const { keyManager, config } = await startKeyManagerAlone(profile, directory, watch);
  try {
    printPlaces(profile, keyManager, config);
    const own = vendorSubscribers(profile);
    const subscribers = own.length === 0 ? [newSubscriber(profile)] : own;
    const add = (subscriber: Subscriber) => {
      keyManager.addSubscriber(subscriber);
      printSubscriber(subscriber);
      return subscriber;
    };
    for (const one of subscribers) add(one);
    if (subscribers[0] !== undefined) printTerminal(keyManager, subscribers[0], { directory, config, named });
    print("\nType help for what can be steered, Ctrl-C ends.");
    if (readerGone()) stop.stop();
    commands = new KeyManagerCommands({
      keyManager,
      narrator,
      addSubscriber: () => add(newSubscriber(profile)),
      quit: stop.stop,
    });
    const typed = commands;
    const endInput = onEachLine(stop.signal, (line) => typed.take(line));
    if (!stop.signal.aborted) await once(stop.signal, "abort");
    endInput();
  } finally {
    await keyManager.close();
  }
}

function withPorts(profile: Profile, { ubPort, znPort }: PlayKeyManagerArguments): Profile {
  const { ixit } = profile;
  const { ub, zn } = ixit.keyManager;
  const at = (option: string, text: string | undefined, address: typeof ub) =>
    text === undefined ? address : { ...address, port: portNumber(option, text) };
  const keyManager = {
    ...ixit.keyManager,
    ub: at("--ub-port", ubPort, ub),
    zn: at("--zn-port", znPort, zn),
  };
  return { ...profile, ixit: { ...ixit, keyManager } };
}

function portNumber(option: string, text: string): number {
  const port = wholeNumber(option, text, 0);
  if (port > 65_535) throw new UsageError(`${option} takes a port from 0 to 65535, not ${port}`);
  return port;
}

function ownDirectory(path: string): string {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    return resolve(path);
  } catch (error) {
    throw new UsageError(`--files: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function printPlaces(profile: Profile, keyManager: KeyManager, config: string | undefined): void {
  const { binding } = profile.ics.zn;
  print(`key manager ${keyManager.name} for the enabler ${profile.ixit.enabler.serverName}`);
  print(`  Ub   http://${urlHost(keyManager.ub)}/`);
  print(
    `  Zn   ${binding === "nbsp-gba" ? "https://" : ""}${urlHost(keyManager.zn)}  ${binding}, TLS with client certificate`,
  );
  if (config === undefined) return;
  print(`  file for the system, with its certificates beside it: ${config}`);
  print(`  start the system: ${escapeTerminal(startCommand(profile, config).map(shellWord).join(" "))}`);
}

function printSubscriber({ impi, impus, k, opc }: Subscriber): void {
  print(`\nsubscriber ${escapeTerminal([impi, ...impus].join("  "))}`);
  print(`  K   ${hex(k)}\n  OPc ${hex(opc)}`);
}

function printTerminal(
  keyManager: KeyManager,
  { impi, k, opc }: Subscriber,
  at: { readonly directory: string; readonly config: string | undefined; readonly named: string | undefined },
): void {
  const trust = at.config === undefined ? [] : ["--trust", `${at.directory}/operator-ca.pem`];
  const words = [
    "seccf play terminal",
    ...(at.named === undefined ? [] : ["--profile", shellWord(at.named)]),
    ...["--bootstrap", `http://${urlHost(keyManager.ub)}/`],
    ...["--impi", shellWord(impi), "--k", hex(k), "--opc", hex(opc)],
    ...trust,
    // A system that is started says where it listens only then.
    ...(at.config === undefined ? [] : ["--address", "HOST:PORT"]),
  ];
  print(`\nA terminal of this subscriber, in another shell:\n  ${escapeTerminal(words.join(" "))}`);
}

const hex = (octets: Uint8Array) => Buffer.from(octets).toString("hex");
