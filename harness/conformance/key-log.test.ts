import { describe, expect, it } from "vitest";
import { KeyLog } from "./key-log.ts";

describe("KeyLog", () => {
  it("keeps lines in their order, without their ends", () => {
    const log = new KeyLog();
    log.add("CLIENT_RANDOM 01 02\n");
    log.add("EXPORTER_SECRET 01 02");
    expect(log.lines).toEqual(["CLIENT_RANDOM 01 02", "EXPORTER_SECRET 01 02"]);
  });

  it("is bounded, whatever a system makes a terminal do", () => {
    const log = new KeyLog();
    for (let line = 0; line < 10_000; line += 1) log.add(`CLIENT_RANDOM ${line} 02\n`);
    expect(log.lines.length).toBeLessThanOrEqual(2_000);
    expect(log.lines[0]).toBe("CLIENT_RANDOM 0 02");
  });
});
