import { describe, expect, it } from "vitest";
import type { CaseDescriptor } from "./case.ts";
import { instanceKey } from "./parameters.ts";
import { rootCause } from "./root-cause.ts";
import { descriptor } from "./testing/reference-profile.ts";

const ROOT = "UC1-PSK-BV-01";
const VALUES = { tls: "1.2", suite: "00a8", answer: "busy" };

function causeOf(root: Partial<CaseDescriptor> | undefined, own: Partial<CaseDescriptor>, parameters = {}) {
  const one = descriptor({ dependsOn: ROOT, ...own });
  const cases = new Map(root === undefined ? [] : [[ROOT, descriptor({ id: ROOT, ...root })]]);
  return rootCause({ case: one, parameters, key: instanceKey(one.id, parameters) }, cases).rootCause;
}

describe("rootCause", () => {
  it("is the instance with the same version and suite", () => {
    expect(causeOf({ parameters: ["tls", "suite"] }, {}, VALUES)).toBe("UC1-PSK-BV-01[suite=00a8,tls=1.2]");
    expect(causeOf({ parameters: ["tls"] }, {}, VALUES)).toBe("UC1-PSK-BV-01[tls=1.2]");
    expect(causeOf({}, {}, VALUES)).toBe(ROOT);
  });

  it("is the id where that names no instance for certain", () => {
    expect(causeOf({ parameters: ["tls", "suite"] }, {}, { tls: "1.2" })).toBe(ROOT);
    expect(causeOf({ parameters: ["tls", "suite", "qop"] }, {}, { ...VALUES, qop: "auth" })).toBe(ROOT);
    expect(causeOf({ parameters: ["tls"], variants: { way: ["a"] } }, {}, VALUES)).toBe(ROOT);
    expect(causeOf(undefined, {}, VALUES)).toBe(ROOT);
  });

  it("is nothing for the root itself", () => {
    expect(causeOf({}, { id: ROOT }, VALUES)).toBeUndefined();
  });
});
