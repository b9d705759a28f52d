import { expect, test } from "vitest";
import { changeRecord } from "./record-actions.ts";

const record = (...fragment: readonly number[]) => Buffer.of(23, 3, 3, 0, fragment.length, ...fragment);
const cut = (mend: boolean, ...fragment: readonly number[]) =>
  changeRecord({ kind: "truncate", octets: 1, mend }, record(...fragment)).onward[0];

test("what is cut off is not what the next record begins with", () => {
  expect(cut(false, 1, 2, 3)).toEqual(Buffer.of(23, 3, 3, 0, 3, 1, 2));
  expect(cut(false, 1, 2, 23)).toEqual(Buffer.of(23, 3, 3, 0, 3, 1));
  expect(cut(false, 22, 21, 23)).toEqual(Buffer.of(23, 3, 3, 0, 3));
  // The header says how long it is.
  expect(cut(true, 1, 2, 23)).toEqual(Buffer.of(23, 3, 3, 0, 2, 1, 2));
});
