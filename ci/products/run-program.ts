import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";

export interface ProgramResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end, whatever its exit code. @throws the spawn error when it cannot be started. */
export async function runProgram(
  command: readonly string[],
  input: string | Uint8Array = "",
): Promise<ProgramResult> {
  const [program = "", ...args] = command;
  const child = spawn(program, args, { timeout: 30_000 });
  // A program that does not read its input is no failure.
  child.stdin.on("error", () => undefined).end(input);
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "close"),
  ]);
  return { code, stdout, stderr };
}

/** Stdout of a program that must succeed. @throws Error with what it wrote when it does not. */
export async function outputOf(command: readonly string[], input: string | Uint8Array = ""): Promise<string> {
  const { code, stdout, stderr } = await runProgram(command, input);
  if (code !== 0) throw new Error(`${command.join(" ")} ended with ${code}: ${stderr}${stdout}`);
  return stdout;
}
