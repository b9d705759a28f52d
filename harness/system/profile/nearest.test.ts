import { expect, test } from "vitest";
import { nearest } from "./nearest.ts";

test.each([
  ["conectMs", "connectMs"],
  ["connectms", "connectMs"],
  ["conntecMs", "connectMs"],
  ["CONNECT-MS", "connectMs"],
  ["reponseMs", "responseMs"],
  ["startMs", "startMs"],
  ["stratMs", "startMs"],
])("%s was meant to be %s", (word, name) => {
  expect(nearest(word, ["connectMs", "responseMs", "stopMs", "startMs"])).toBe(name);
});

test.each(["", "x", "timeout", "connectMilliseconds"])("%s is near to nothing", (word) => {
  expect(nearest(word, ["connectMs", "k", "ub", "zn"])).toBeUndefined();
});

test("nothing is near where nothing is allowed", () => {
  expect(nearest("x", [])).toBeUndefined();
});
