import { expect, test } from "vitest";
import { placesOf } from "./places.ts";

const response = (body: string, headers: [string, string][] = []) => ({
  status: 200,
  headers,
  body: Buffer.from(body),
});

test("an identity is found in headers and in JSON, as an IXIT writes the place", () => {
  const body = JSON.stringify({ a: [{ "b/c~d": "alice" }], user: "bob", n: 1, none: null });
  expect(
    placesOf(
      response(body, [
        ["X-User", " alice "],
        ["X-Other", "x"],
      ]),
      ["alice"],
    ),
  ).toEqual(["{ header: X-User }", "{ json: /a/0/b~1c~0d }"]);
  expect(placesOf(response(body), ["carol"])).toEqual([]);
});

test("what is no JSON, or too deep, holds no place", () => {
  expect(placesOf(response("<html>alice"), ["alice"])).toEqual([]);
  expect(placesOf(response(`${"[".repeat(20)}"alice"${"]".repeat(20)}`), ["alice"])).toEqual([]);
  const wide = JSON.stringify([...Array.from({ length: 5_000 }, () => 0), "alice"]);
  expect(placesOf(response(wide), ["alice"])).toEqual([]);
});
