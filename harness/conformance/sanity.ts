import type { TestSystem } from "../system/test-system.ts";
import { Stage } from "./stage.ts";
import { Transcript } from "./transcript.ts";
import type { WayIn } from "./vocabulary.ts";

/** What a run did to find out that the system was alive over one way in. */
export interface SanityRecord {
  readonly when: "first" | "last";
  readonly wayIn: WayIn;
  readonly ok: boolean;
  readonly detail?: string;
}

/** One valid terminal that wants to be served, as in every control. Never throws. */
export async function sanity(
  system: TestSystem,
  wayIn: WayIn,
  when: SanityRecord["when"],
): Promise<SanityRecord> {
  try {
    // Once more, since a whole share of the cases hangs on it.
    await enterOnce(system, wayIn).catch(() => enterOnce(system, wayIn));
    return { when, wayIn, ok: true };
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    return { when, wayIn, ok: false, detail: system.systemGone ?? text };
  }
}

async function enterOnce(system: TestSystem, wayIn: WayIn): Promise<void> {
  const stage = new Stage({
    instance: {
      case: {
        id: "SANITY-BV-01",
        purpose: "A valid terminal is served",
        requirements: [],
        clauses: [],
        polarity: "valid",
        needs: { role: "enabler", wayIn },
        parameters: [],
        steps: [],
      },
      parameters: {},
      key: `sanity ${wayIn}`,
    },
    system,
    transcript: new Transcript(),
    onCheck: () => undefined,
  });
  try {
    if (wayIn === "server-only") {
      await stage.enterServedAsNobody(stage.terminal);
      return;
    }
    const { credential } = await stage.terminal.bootstrap();
    await stage.enterServed(stage.terminal, credential);
  } finally {
    await stage.close();
  }
}
