import fc from "fast-check";
import { expect, test } from "vitest";
import { parseDateTime } from "./date-time.ts";

test.each([
  ["1970-01-01T00:00:00Z", 0],
  ["1985-04-12T23:20:50.52Z", Date.UTC(1985, 3, 12, 23, 20, 50, 520)],
  ["1996-12-19T16:39:57-08:00", Date.UTC(1996, 11, 20, 0, 39, 57)],
  ["1990-12-31T23:59:60Z", Date.UTC(1990, 11, 31, 23, 59, 59)],
  ["1937-01-01T12:00:27.87+00:20", Date.UTC(1937, 0, 1, 11, 40, 27, 870)],
  ["2040-02-29t00:00:00z", Date.UTC(2040, 1, 29)],
])("%s (the first five are those of RFC 3339 5.8 and 1970)", (text, time) => {
  expect(parseDateTime(text)).toBe(time);
});

test.each([
  "",
  "2030-01-01",
  "2030-01-01T00:00:00",
  "2030-01-01 00:00:00Z",
  "2030-13-01T00:00:00Z",
  "2030-02-30T00:00:00Z",
  "2030-01-01T24:00:00Z",
  "2030-01-01T00:60:00Z",
  "2030-01-01T00:00:00+24:00",
  "20300-01-01T00:00:00Z",
  "2030-01-01T00:00:00Z\n",
])("%j is none", (text) => {
  expect(parseDateTime(text)).toBeUndefined();
});

test("reads what Date writes", () => {
  const dates = fc.date({
    min: new Date("0000-01-01T00:00:00Z"),
    max: new Date("9999-12-31T23:59:59Z"),
    noInvalidDate: true,
  });
  fc.assert(
    fc.property(dates, (date) => {
      expect(parseDateTime(date.toISOString())).toBe(date.getTime());
    }),
  );
});
