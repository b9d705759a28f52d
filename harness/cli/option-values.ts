import { UsageError } from "./usage-error.ts";

/** @throws UsageError when the text is no whole number of at least `least`. */
export function wholeNumber(option: string, text: string, least: number): number {
  const value = Number(text);
  if (!/^\d{1,10}$/.test(text) || value < least) {
    throw new UsageError(`${option} takes a whole number of at least ${least}, not ${JSON.stringify(text)}`);
  }
  return value;
}

/** `2/5`: the second of five shards. @throws UsageError */
export function shardOf(text: string): { readonly index: number; readonly count: number } {
  const [, index = "0", count = "0"] = /^(\d{1,4})\/(\d{1,4})$/.exec(text) ?? [];
  if (Number(index) < 1 || Number(index) > Number(count)) {
    throw new UsageError(
      `--shard takes I/N with I from 1 to N, for example 2/5, not ${JSON.stringify(text)}`,
    );
  }
  return { index: Number(index) - 1, count: Number(count) };
}

/** A shell variable that is not set leaves nothing, which would mean the working folder. @throws UsageError */
export function folderName(option: string, text: string): string {
  if (text.trim() === "") throw new UsageError(`${option} takes the name of a folder, and was given none`);
  return text;
}
