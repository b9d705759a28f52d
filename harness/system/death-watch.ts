import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { Socket } from "node:net";

/** What must not outlive this process. */
export type Remains =
  /** All of the group is killed that {@link DeathWatch.guard} names. */
  | "a process group"
  /** Absolute path of a folder: it is removed with all that is in it. */
  | { readonly folder: string };

/** A shell waits for the end of its input: it costs a thousandth of another Node. */
const UNTIL_INPUT_ENDS = "read -r _;";
/** In this form every shell takes the id of a group, which is the first and only line of the input. */
const KILL = `read -r group; ${UNTIL_INPUT_ENDS} [ -z "$group" ] || kill -s KILL -- "-$group"`;
/** A process that is being killed at the same time may still write something. */
const REMOVE = `${UNTIL_INPUT_ENDS} rm -rf -- "$1" || { sleep 1; rm -rf -- "$1"; }`;

/**
 * A process beside this one that removes what this one leaves when it is killed (SIGKILL, out of memory) and cannot do
 * anything itself. It holds the other end of a pipe, which the operating system closes whatever the end was. Where no
 * shell can be started there is no watch; everything else works. A process that leaves its group, as a daemon does, is
 * not found.
 */
export class DeathWatch {
  readonly #child: ChildProcess;

  constructor(remains: Remains) {
    const [script, ...folder] = remains === "a process group" ? [KILL] : [REMOVE, remains.folder];
    this.#child = spawn("/bin/sh", ["-c", script, "seccf-death-watch", ...folder], {
      cwd: "/",
      stdio: ["pipe", "ignore", "ignore"],
      // A session of its own: Ctrl-C and the end of the terminal are not for it.
      detached: true,
    });
    this.#child.on("error", () => undefined);
    this.#child.unref();
    const { stdin } = this.#child;
    stdin?.on("error", () => undefined);
    if (stdin instanceof Socket) stdin.unref();
  }

  /**
   * Names the process group with this id. The watch is there before the group is: starting another process first
   * would leave the group unguarded for as long as some systems need to be up. What dies inside the call that starts
   * the group still leaves it.
   */
  guard(processGroup: number): void {
    this.#child.stdin?.write(`${processGroup}\n`);
  }

  /** Ends the watch without doing anything; resolves when its process is gone. Call it when nothing remains. */
  async dismiss(): Promise<void> {
    const child = this.#child;
    if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, "exit");
    child.ref();
    child.kill("SIGKILL");
    await gone;
    child.stdin?.destroy();
  }
}
