import { expect, test } from "vitest";
import { RequestLog } from "./request-log.ts";

const request = (btid: string, client = "naf") => ({ btid, nafFqdn: "naf", ua: "0100000002", client });

test("requests are kept in order, by B-TID, and what was given does not change", () => {
  const log = new RequestLog();
  log.add(request("a", "1"));
  const before = log.of("a");
  log.add(request("b"));
  log.add(request("a", "2"));
  expect(before.map(({ client }) => client)).toEqual(["1"]);
  expect(log.of("a").map(({ client }) => client)).toEqual(["1", "2"]);
  expect(log.of("c")).toEqual([]);
  expect(log.btids).toEqual(new Set(["a", "b"]));
});

test("an enabler that asks without end is not remembered without end", () => {
  const log = new RequestLog();
  const long = "x".repeat(60_000);
  for (let count = 0; count < 1_000; count++) {
    log.add(request(`${count}${long}`));
    log.addProblem(`${count}${long}`);
    log.addProblem("again");
  }
  expect(log.btids.size).toBeGreaterThan(200);
  expect(log.btids.size).toBeLessThan(300);
  expect(log.problems.length).toBe(1_000);
  expect(log.problems.join("").length).toBeLessThan(1_000_000);
});
