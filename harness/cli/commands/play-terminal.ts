import { readFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import { claimedLinks, type Link } from "../../conformance/parameters.ts";
import type { Subscriber } from "../../roles/key-manager/index.ts";
import { DIGEST_DEVIATIONS, type DigestDeviation, Terminal } from "../../roles/terminal/index.ts";
import type { Profile } from "../../system/profile/index.ts";
import { TestSystem, vendorSubscribers } from "../../system/test-system.ts";
import { NodeSecureClient } from "../../wire/node-secure-client.ts";
import { describeEnding, type Observer } from "../../wire/observer.ts";
import type { Destination } from "../../wire/secure-client.ts";
import { endWhenInterrupted } from "../interruption.ts";
import { openProfile, REFERENCE_PROFILE } from "../open-profile.ts";
import { wholeNumber } from "../option-values.ts";
import { print, readerGone } from "../output.ts";
import { CREDENTIAL_LIES, type CredentialLie } from "../play/credential-lies.ts";
import { KeyManagerStory } from "../play/key-manager-story.ts";
import { Narrator } from "../play/narrator.ts";
import { bootstrapOnce, type Scene, visitOnce } from "../play/visit.ts";
import { UsageError } from "../usage-error.ts";

export interface PlayTerminalArguments {
  readonly profile?: string;
  readonly wayIn?: Scene["wayIn"];
  readonly bootstrap?: string;
  readonly impi?: string;
  readonly k?: string;
  readonly opc?: string;
  readonly address?: string;
  readonly trust?: string;
  readonly tls?: string;
  readonly suite?: string;
  readonly deviation?: string;
  readonly times?: string;
  readonly keepKey?: boolean;
  readonly step?: boolean;
  readonly wire?: boolean;
}

/** Whom the terminal meets, and who it is. */
interface Peers extends Pick<Scene, "keyManager" | "address" | "trust" | "subscriber"> {
  readonly close: () => Promise<void>;
}

/** `seccf play terminal`: visits the enabler and says what it does wrong. 0: nothing; 1: something; 2: it was not reached. */
export async function playTerminal(args: PlayTerminalArguments): Promise<number> {
  const profile = openProfile(args.profile ?? REFERENCE_PROFILE);
  const wayIn = args.wayIn ?? "uc1.https-digest";
  const link = linkOf(profile, wayIn, args);
  const times = wholeNumber("--times", args.times ?? "1", 1);
  const wrong = deviationOf(args.deviation, wayIn);
  endWhenInterrupted();
  const narrator = new Narrator(print, "terminal");
  const keyManager = new Narrator(print);
  const peers = await meet(profile, wayIn, args, keyManager);
  const steps = args.step === true ? stepByStep() : undefined;
  try {
    const { connectMs, responseMs, keyManagerMs } = profile.ixit.bounds;
    const terminal = new Terminal({
      subscriber: peers.subscriber,
      client: new NodeSecureClient(),
      bounds: { connectMs, responseMs: Math.max(responseMs, keyManagerMs + 1_000) },
      observer: args.wire === true ? wireTeller(narrator) : { event: () => undefined },
    });
    const gate = steps?.gate ?? (async () => undefined);
    const scene: Scene = { profile, wayIn, link, terminal, narrator, gate, ...wrong, ...peers };
    await visits(scene, times, args.keepKey === true);
  } finally {
    steps?.close();
    await peers.close();
  }
  const wrongs = narrator.wrongs + keyManager.wrongs;
  if (narrator.stuck && wrongs === 0) return 2;
  print(wrongs === 0 ? "Nothing was wrong." : `${wrongs} ${wrongs === 1 ? "line says" : "lines say"} WRONG.`);
  return wrongs === 0 ? 0 : 1;
}

async function visits(scene: Scene, times: number, keepKey: boolean): Promise<void> {
  let association = await bootstrapOnce(scene);
  for (let visit = 1; association !== undefined; visit++) {
    await visitOnce(scene, association);
    if (visit === times || readerGone()) return;
    if (!keepKey) association = await bootstrapOnce(scene);
  }
}

async function meet(
  profile: Profile,
  wayIn: Scene["wayIn"],
  args: PlayTerminalArguments,
  narrator: Narrator,
): Promise<Peers> {
  const address = args.address === undefined ? undefined : addressOf(args.address);
  const trust = args.trust === undefined ? undefined : await readTrust(args.trust);
  if (args.bootstrap !== undefined) {
    return meetElsewhere(profile, wayIn, { ...args, bootstrap: args.bootstrap }, address, trust);
  }
  for (const option of ["impi", "k", "opc"] as const) {
    if (args[option] !== undefined) throw new UsageError(`--${option} belongs to --bootstrap URL`);
  }
  const story = new KeyManagerStory(profile, narrator);
  const system = await TestSystem.start(profile, undefined, undefined, (activity) => story.take(activity));
  const at = address ?? system.endpoints[wayIn];
  if (at === undefined) {
    await system.close();
    throw new UsageError(`the system has no address for ${wayIn}: name it with --address HOST:PORT`);
  }
  return {
    keyManager: system.keyManager,
    address: at,
    trust: trust ?? system.trust,
    subscriber: system.keyManager.addSubscriber(system.subscriber()),
    close: () => system.close(),
  };
}

/** The key manager is somebody else's, or plays in another shell; nothing is started here. */
async function meetElsewhere(
  profile: Profile,
  wayIn: Scene["wayIn"],
  args: PlayTerminalArguments & { readonly bootstrap: string },
  address: Destination | undefined,
  trust: string | undefined,
): Promise<Peers> {
  const { enabler, keyManager } = profile.ixit;
  const at = address ?? enabler.addresses[wayIn];
  if (at === undefined) throw new UsageError(`name the address of ${wayIn} with --address HOST:PORT`);
  const named = enabler.trust === undefined ? undefined : await readTrust(enabler.trust);
  const authorities = trust ?? named ?? "";
  if (wayIn === "uc1.https-digest" && authorities === "") {
    throw new UsageError(
      "name a PEM file with the authorities of the enabler's certificate with --trust FILE",
    );
  }
  return {
    keyManager: { name: keyManager.name, ub: ubOf(args.bootstrap) },
    address: at,
    trust: authorities,
    subscriber: subscriberOf(profile, args),
    close: async () => undefined,
  };
}

function subscriberOf(profile: Profile, { impi, k, opc }: PlayTerminalArguments): Subscriber {
  const [own] = vendorSubscribers(profile);
  if (impi === undefined && k === undefined && opc === undefined && own !== undefined) return own;
  if (impi === undefined || k === undefined || opc === undefined) {
    throw new UsageError("--bootstrap needs --impi, --k and --opc, or subscribers in the IXIT");
  }
  return { impi, impus: [], k: keyOf("--k", k), opc: keyOf("--opc", opc) };
}

function keyOf(option: string, text: string): Uint8Array {
  if (!/^[0-9a-f]{32}$/i.test(text))
    throw new UsageError(`${option} takes 32 hexadecimal digits (16 octets)`);
  return Buffer.from(text, "hex");
}

function ubOf(text: string): Destination {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== "http:" || url.pathname !== "/") {
    throw new UsageError(
      `--bootstrap takes the URL of Ub, as http://HOST:PORT/, not ${JSON.stringify(text)}`,
    );
  }
  return { host: url.hostname.replace(/^\[|\]$/g, ""), port: Number(url.port || 80) };
}

function addressOf(text: string): Destination {
  const [, host, port] = /^(\[[0-9a-f:.]+\]|[^:]+):(\d{1,5})$/i.exec(text) ?? [];
  if (host === undefined || Number(port) < 1 || Number(port) > 65_535) {
    throw new UsageError(`--address takes HOST:PORT, not ${JSON.stringify(text)}`);
  }
  return { host: host.replace(/^\[|\]$/g, ""), port: Number(port) };
}

async function readTrust(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    throw new UsageError(`--trust: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function linkOf(
  profile: Profile,
  wayIn: Scene["wayIn"],
  { tls, suite }: Pick<PlayTerminalArguments, "tls" | "suite">,
): Link {
  const links = claimedLinks(profile.ics, wayIn);
  const link = links.find(
    (one) => (tls === undefined || one.version === tls) && (suite === undefined || one.suite.name === suite),
  );
  if (link !== undefined) return link;
  const claimed = links.map((one) => `${one.version} ${one.suite.name}`).join(", ") || "nothing";
  throw new UsageError(`the ICS claims for ${wayIn}: ${claimed}. Choose with --way-in, --tls and --suite.`);
}

/** What the terminal does wrong, and where. */
function deviationOf(name: string | undefined, wayIn: Scene["wayIn"]): Pick<Scene, "deviation" | "lie"> {
  if (name === undefined) return { deviation: undefined, lie: undefined };
  if (isLie(name)) return { deviation: undefined, lie: name };
  if (!isDeviation(name)) {
    const names = [...Object.keys(CREDENTIAL_LIES), ...Object.keys(DIGEST_DEVIATIONS)];
    throw new UsageError(`no deviation is called ${JSON.stringify(name)}; there are ${names.join(", ")}`);
  }
  if (wayIn !== "uc1.https-digest") throw new UsageError(`--deviation ${name} is for uc1.https-digest`);
  return { deviation: name, lie: undefined };
}

function isLie(name: string): name is CredentialLie {
  return Object.hasOwn(CREDENTIAL_LIES, name);
}

function isDeviation(name: string): name is DigestDeviation {
  return Object.hasOwn(DIGEST_DEVIATIONS, name);
}

/** Each step begins with a line on standard input; at its end the rest goes on by itself. */
function stepByStep() {
  const lines = createInterface({ input: process.stdin, terminal: false });
  const entered = lines[Symbol.asyncIterator]();
  return {
    gate: async (step: string) => {
      print(`-- ${step}: Enter`);
      await entered.next();
    },
    close: () => {
      lines.close();
      process.stdin.destroy();
    },
  };
}

/** Every message, in a line. */
function wireTeller(narrator: Narrator): Observer {
  return {
    event: (event) => {
      const arrow = `${event.from} -> ${event.to}`;
      if (event.kind === "ending") narrator.say(`${arrow}: ${describeEnding(event.ending)}`);
      else if (event.kind !== "http") narrator.say(`${arrow}: ${event.text}`);
      else {
        const headers = event.headers.map(([name, value]) => `${name}: ${value}`);
        narrator.say([`${arrow}: ${event.startLine}`, ...headers].join(" | "));
      }
    },
  };
}
