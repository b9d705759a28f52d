import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { makeDirectory } from "./run-directory.ts";

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), "test-of-seccf-"));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

test("folders that are missing are made, and those that are there are no mistake", () => {
  const path = join(folder(), "a", "b", "c");
  makeDirectory(path);
  expect(existsSync(path)).toBe(true);
  makeDirectory(path);
  makeDirectory("/");
});

test("a file in the way is told", () => {
  const path = join(folder(), "file");
  writeFileSync(path, "");
  const told = `ENOTDIR: ${path} is in the way and no folder`;
  expect(() => makeDirectory(path)).toThrow(told);
  expect(() => makeDirectory(join(path, "below"))).toThrow(told);
});

test.skipIf(!existsSync("/proc/self"))(
  "a file system that lets nobody make a folder does not hold up",
  () => {
    expect(() => makeDirectory("/proc/seccf/a/b")).toThrow("ENOENT");
  },
);
