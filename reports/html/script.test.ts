import { Script } from "node:vm";
import { describe, expect, it } from "vitest";
import { sampleReport } from "../testing/sample-report.ts";
import { renderHtml } from "./index.ts";

/** What the browser does between two frames: it lays out, and calls who waits for the next one. */
class Page {
  readonly #listeners = new Map<string, () => void>();
  #waiting: (() => void)[] = [];
  scrolled: string[] = [];

  constructor(hash: string) {
    const page = renderHtml(sampleReport({}), () => undefined);
    const [, script = ""] = /<script>(.*)<\/script>/s.exec(page) ?? [];
    const ids = new Set([...page.matchAll(/\bid="([^"]*)"/g)].map(([, id]) => id));
    const element = (id: string) => ({
      parentElement: null,
      closest: () => null,
      addEventListener: () => {},
      scrollIntoView: () => this.scrolled.push(id),
    });
    new Script(script).runInNewContext({
      document: {
        getElementById: (id: string) => (ids.has(id) ? element(id) : null),
        querySelectorAll: () => [],
        addEventListener: () => {},
      },
      location: { hash },
      /** A filter in which nothing is chosen. */
      FormData: class {
        get = () => "";
      },
      addEventListener: (name: string, listener: () => void) => this.#listeners.set(name, listener),
      requestAnimationFrame: (callback: () => void) => this.#waiting.push(callback),
    });
  }

  /** The elements that were scrolled to in the next frame. */
  frame(): readonly string[] {
    this.scrolled = [];
    const due = this.#waiting;
    this.#waiting = [];
    for (const callback of due) callback();
    return this.scrolled;
  }

  happens(event: string): void {
    this.#listeners.get(event)?.();
  }
}

describe("a link to a case", () => {
  const CASE = "case-UC1-PSK-BI-03";

  it("goes to it again in the next frames, since what stands before it is laid out only then", () => {
    const page = new Page(`#${CASE}`);
    expect(page.scrolled).toEqual([CASE]);
    expect(page.frame()).toEqual([CASE]);
    let frames = 1;
    while (page.frame().length > 0) frames += 1;
    expect(frames).toBe(20);
  });

  it.each(["wheel", "touchstart", "pointerdown", "keydown"])("leaves the page to a reader's %s", (event) => {
    const page = new Page(`#${CASE}`);
    page.happens(event);
    expect(page.frame()).toEqual([]);
  });
});
