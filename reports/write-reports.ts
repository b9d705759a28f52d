import { randomUUID } from "node:crypto";
import { mkdir, open, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { renderTraceability } from "./csv.ts";
import { evidenceReader } from "./evidence.ts";
import { renderHtml } from "./html/index.ts";
import { renderJunit } from "./junit.ts";
import { renderMarkdown } from "./markdown.ts";
import type { Report } from "./report-model.ts";

/** Characters that a terminal would obey or hide. JSON can say all of them as `\u` escapes. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/**
 * Writes `report.json`, `report.html`, `junit.xml`, `traceability.csv` and `summary.md` into
 * `directory`, which is made if need be, and returns their paths in this order. A reader never sees
 * half a file: each is written beside its place and renamed. The transcripts in the HTML are read
 * from below `directory`.
 *
 * Throws the error of the file system when a file cannot be written; the files before it stay.
 * Does not validate: a run that ended badly must still leave its report.
 */
export async function writeReports(directory: string, report: Report): Promise<readonly string[]> {
  await mkdir(directory, { recursive: true });
  const outputs: readonly (readonly [string, () => string])[] = [
    ["report.json", () => renderJson(report)],
    ["report.html", () => renderHtml(report, evidenceReader(directory))],
    ["junit.xml", () => renderJunit(report)],
    ["traceability.csv", () => renderTraceability(report)],
    ["summary.md", () => renderMarkdown(report)],
  ];
  const paths: string[] = [];
  for (const [name, render] of outputs) {
    const path = join(directory, name);
    await writeWhole(path, render());
    paths.push(path);
  }
  return paths;
}

function renderJson(report: Report): string {
  const text = JSON.stringify(report, null, 2);
  return `${text.replace(UNSEEN, (character) => (character === "\n" ? character : jsonEscape(character)))}\n`;
}

function jsonEscape(character: string): string {
  return character
    .split("")
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)
    .join("");
}

async function writeWhole(path: string, text: string): Promise<void> {
  const temporary = `${path}.${randomUUID()}.tmp`;
  try {
    const file = await open(temporary, "wx");
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
