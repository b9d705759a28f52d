import { describe, expect, test } from "vitest";
import { wantsColours } from "./colours.ts";

describe("what the tool prints is coloured", () => {
  test.each([
    ["on a terminal", {}, true, true],
    ["not in a file or a pipe", {}, false, false],
    ["not in the log of a pipeline", { CI: "true" }, false, false],
    ["where FORCE_COLOR asks for it", { FORCE_COLOR: "1" }, false, true],
    ["not with FORCE_COLOR=0", { FORCE_COLOR: "0" }, true, false],
    ["not with NO_COLOR, whatever else stands there", { NO_COLOR: "1", FORCE_COLOR: "1" }, true, false],
    ["with an empty NO_COLOR, which says nothing", { NO_COLOR: "" }, true, true],
    ["not on a terminal without colours", { TERM: "dumb" }, true, false],
  ])("%s", (_, environment, terminal, expected) => {
    expect(wantsColours(environment, terminal)).toBe(expected);
  });
});
