import {
  type KeyManager,
  type Subscriber,
  ZN_ANSWERS,
  type ZnAnswer,
} from "../../roles/key-manager/index.ts";
import type { Narrator } from "./narrator.ts";

/** B-TIDs that are remembered for `list`; the oldest goes first. */
const MAX_LISTED = 1_000;

const HELP = [
  "list                  the bootstrappings, newest last, and how they are steered",
  "expire BTID           its key has expired from now on",
  "steer BTID ANSWER     what Zn answers for it, one of:",
  ...Object.entries(ZN_ANSWERS).map(
    ([name, { title }]) => `                      ${name.padEnd(16)} ${title}`,
  ),
  "away, back            nobody listens on Zn, and somebody does again",
  "new                   one more subscriber",
  "quit                  or Ctrl-C",
  "BTID may be its begin, or `last` for the newest",
];

export interface CommandTools {
  readonly keyManager: KeyManager;
  readonly narrator: Narrator;
  /** Adds a subscriber and tells of it. */
  readonly addSubscriber: () => Subscriber;
  readonly quit: () => void;
}

/** What a person can type while the key manager plays. */
export class KeyManagerCommands {
  readonly #tools: CommandTools;
  readonly #known = new Map<string, { readonly impi: string; steered: string }>();

  constructor(tools: CommandTools) {
    this.#tools = tools;
  }

  bootstrapped(btid: string, impi: string): void {
    this.#known.set(btid, { impi, steered: "key" });
    const [oldest] = this.#known.keys();
    if (this.#known.size > MAX_LISTED && oldest !== undefined) this.#known.delete(oldest);
  }

  /** Carries out one line; what it does not understand it says. */
  async take(line: string): Promise<void> {
    const { keyManager, narrator, addSubscriber, quit } = this.#tools;
    const [word = "", name, answer] = line.trim().split(/\s+/);
    switch (word) {
      case "":
        return;
      case "help":
        for (const text of HELP) narrator.say(text);
        return;
      case "list":
        this.#list();
        return;
      case "expire":
        this.#steer(name, "expired", (btid) => keyManager.expireKey(btid));
        return;
      case "steer":
        this.#answer(name, answer);
        return;
      case "away":
        await keyManager.goAway();
        narrator.say("nobody listens on Zn");
        return;
      case "back":
        // A listener that listens already is closed first: `back` twice is no mistake.
        await keyManager.goAway();
        await keyManager.comeBack();
        narrator.say("Zn listens");
        return;
      case "new":
        addSubscriber();
        return;
      case "quit":
        quit();
        return;
      default:
        narrator.say(`${JSON.stringify(word)} is no command; help shows them`);
    }
  }

  #list(): void {
    const { narrator } = this.#tools;
    if (this.#known.size === 0) narrator.say("nobody has bootstrapped yet");
    for (const [btid, { impi, steered }] of this.#known) narrator.say(`${btid}  ${impi}  ${steered}`);
  }

  #answer(name: string | undefined, answer: string | undefined): void {
    const { keyManager, narrator } = this.#tools;
    if (!isZnAnswer(answer)) {
      narrator.say(`steer takes a B-TID and one of ${Object.keys(ZN_ANSWERS).join(", ")}`);
      return;
    }
    this.#steer(name, answer, (btid) => keyManager.steer(btid, { answer }));
  }

  #steer(name: string | undefined, how: string, act: (btid: string) => void): void {
    const { narrator } = this.#tools;
    const btids = [...this.#known.keys()];
    const found = name === "last" ? btids.slice(-1) : btids.filter((btid) => btid.startsWith(name ?? " "));
    const [btid] = found;
    if (btid === undefined || found.length > 1) {
      narrator.say(`${found.length} B-TIDs begin with ${JSON.stringify(name ?? "")}; list shows them`);
      return;
    }
    act(btid);
    const entry = this.#known.get(btid);
    if (entry !== undefined) entry.steered = how;
    narrator.say(`${btid}: ${how}`);
  }
}

function isZnAnswer(text: string | undefined): text is ZnAnswer {
  return text !== undefined && Object.hasOwn(ZN_ANSWERS, text);
}
