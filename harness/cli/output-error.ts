/** What a command has to say could not be written: exit code 2. The message says what is kept and what to do. */
export class OutputError extends Error {
  override readonly name = "OutputError";
}
