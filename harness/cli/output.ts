/** Lines for people go to standard output. Whoever prints data of a SUT escapes it before. */
export function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

export function printError(line: string): void {
  process.stderr.write(`${line}\n`);
}
