/**
 * Makes the pictures of the report for the README: `node ci/report-picture.ts`, with Debian's chromium. The reference
 * system is run with a defect, so that the pictures show what a vendor looks for; make them anew after `seccf prove`,
 * since only what a current proof proves is shown as proven.
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
/** Debian's name of it. */
const BROWSER = "chromium";
const FAULT = "digest-accepts-replay";
/** Octets of one picture: it is loaded with the README. */
const SIZE_LIMIT = 200_000;

interface Picture {
  readonly file: string;
  readonly anchor: string;
  /** Pixels of CSS. */
  readonly width: number;
  readonly height: number;
}

const PICTURES: readonly Picture[] = [
  { file: "report.png", anchor: "", width: 1200, height: 960 },
  { file: "report-case.png", anchor: "#case-UC1-DIG-BI-03", width: 1200, height: 800 },
];

/** One page of a headless browser, steered over the DevTools protocol. */
class Browser {
  readonly #child: ChildProcess;
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, (message: Message) => void>();
  #last = 0;

  constructor(child: ChildProcess, socket: WebSocket) {
    this.#child = child;
    this.#socket = socket;
    socket.addEventListener("message", ({ data }) => {
      // The browser that this script started speaks its documented protocol.
      const message = JSON.parse(String(data)) as Message;
      if (message.id !== undefined) this.#waiting.get(message.id)?.(message);
    });
  }

  static async start(folder: string): Promise<Browser> {
    const child = spawn(
      BROWSER,
      ["--headless", "--no-sandbox", "--remote-debugging-port=0", `--user-data-dir=${folder}`, "about:blank"],
      { stdio: ["ignore", "ignore", "pipe"] },
    );
    const address = await new Promise<URL>((resolve, reject) => {
      let said = "";
      child.once("error", reject);
      child.once("exit", () => reject(new Error(`chromium ended: ${said}`)));
      child.stderr.on("data", (chunk: Buffer) => {
        said += chunk.toString();
        const [found] = /ws:\/\/\S+/.exec(said) ?? [];
        if (found !== undefined) resolve(new URL(found));
      });
    });
    const listed = await fetch(`http://${address.host}/json`);
    // As above.
    const pages = (await listed.json()) as readonly { type: string; webSocketDebuggerUrl: string }[];
    const page = pages.find(({ type }) => type === "page");
    if (page === undefined) throw new Error("chromium has no page");
    const socket = new WebSocket(page.webSocketDebuggerUrl);
    await new Promise((resolve) => socket.addEventListener("open", resolve, { once: true }));
    return new Browser(child, socket);
  }

  async take(url: URL, { width, height }: Picture): Promise<Buffer> {
    await this.#send("Emulation.setDeviceMetricsOverride", {
      ...{ width, height },
      ...{ deviceScaleFactor: 1, mobile: false },
    });
    await this.#send("Emulation.setScrollbarsHidden", { hidden: true });
    await this.#send("Page.navigate", { url: "about:blank" });
    await this.#send("Page.navigate", { url: url.href });
    await this.#send("Runtime.evaluate", {
      expression:
        "new Promise((ready) => { const look = () => document.readyState === 'complete' ? requestAnimationFrame(() => setTimeout(ready, 300)) : setTimeout(look, 20); look(); })",
      awaitPromise: true,
    });
    const { result } = await this.#send("Page.captureScreenshot", { format: "png" });
    return Buffer.from(result?.data ?? "", "base64");
  }

  close(): void {
    this.#socket.close();
    this.#child.kill();
  }

  #send(method: string, params: Readonly<Record<string, unknown>>): Promise<Message> {
    const id = ++this.#last;
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve);
      this.#socket.send(JSON.stringify({ id, method, params }));
    });
  }
}

interface Message {
  readonly id?: number;
  readonly result?: { readonly data?: string };
}

const work = mkdtempSync(join(tmpdir(), "seccf-picture-"));
let browser: Browser | undefined;
try {
  const main = join(ROOT, "harness/cli/main.ts");
  const run = spawnSync(process.execPath, [main, "run", "--fault", FAULT, "--out", join(work, "run")], {
    encoding: "utf8",
  });
  if (run.status !== 1) throw new Error(`the run did not fail as it should:\n${run.stdout}${run.stderr}`);
  if (run.stdout.includes("is stale"))
    process.stdout.write("note: the proof is stale: nothing is shown as proven\n");
  browser = await Browser.start(join(work, "browser"));
  mkdirSync(join(ROOT, "docs"), { recursive: true });
  for (const picture of PICTURES) {
    const url = pathToFileURL(join(work, "run/report.html"));
    url.hash = picture.anchor;
    const file = join(ROOT, "docs", picture.file);
    writeFileSync(file, await browser.take(url, picture));
    const { size } = statSync(file);
    process.stdout.write(`${file}: ${size} octets\n`);
    if (size > SIZE_LIMIT) throw new Error(`${file} is larger than ${SIZE_LIMIT} octets`);
  }
} finally {
  browser?.close();
  rmSync(work, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
}
