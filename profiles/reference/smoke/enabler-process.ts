import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Enabler } from "../enabler.ts";

const MAIN = fileURLToPath(new URL("../main.ts", import.meta.url));

/** What a process that ended left: its exit code, and what it wrote for people. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The enabler as it is started for a conformance run: a process of its own. */
export class EnablerProcess {
  readonly child: ChildProcessWithoutNullStreams;
  readonly endpoints: Promise<Enabler["endpoints"]>;
  readonly ended: Promise<Ended>;

  constructor(...commandLine: string[]) {
    this.child = spawn(process.execPath, [MAIN, ...commandLine]);
    const texts = { stdout: "", stderr: "" };
    for (const name of ["stdout", "stderr"] as const) {
      this.child[name].setEncoding("utf8").on("data", (text: string) => {
        texts[name] += text;
      });
    }
    this.ended = once(this.child, "close").then(([code]) => ({ code, ...texts }));
    const announced = once(createInterface({ input: this.child.stdout }), "line").then(([line]) => {
      const { ready, endpoints } = JSON.parse(line);
      if (ready !== true) throw new Error(`not ready: ${line}`);
      return endpoints;
    });
    const early = this.ended.then(({ code, stderr }) => {
      throw new Error(`ended with exit code ${code} before it was ready: ${stderr}`);
    });
    this.endpoints = Promise.race([announced, early]);
    // Not every test waits for the endpoints.
    this.endpoints.catch(() => {});
  }
}
