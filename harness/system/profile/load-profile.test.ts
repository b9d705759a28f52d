import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ProfileError } from "./problem.ts";
import { edited, ICS, IXIT, load, loadText, refusal, writeProfile } from "./profile-fixture.ts";

describe("a profile that is right", () => {
  test("gets a default for everything that may be left out", () => {
    const { ics, ixit } = loadText(ICS, IXIT);
    expect(ics).toEqual({
      release: 2,
      system: { name: "Enabler", vendor: "Example", version: "1.0" },
      roles: ["enabler"],
      waysIn: {
        "uc1.psk-tls": { tls: ["1.2"], suites: ["TLS_PSK_WITH_AES_128_GCM_SHA256"] },
        "uc1.https-digest": {
          tls: ["1.2", "1.3"],
          suites: ["TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384"],
        },
      },
      ua: { identifier: "negotiated" },
      psk: { hint: "3GPP-bootstrapping", hideIdentity: false, keyCache: "unstated" },
      digest: {
        profile: "7616",
        algorithms: ["MD5"],
        qop: ["auth"],
        qopMandatory: true,
        authenticationInfo: true,
        keyCache: "unstated",
        replay: "nc",
        ncOrder: "any",
        nextnonce: false,
      },
      zn: { binding: "nbsp-gba", lostRight: "unstated" },
      forwardSecrecy: false,
      anonymity: "accepted",
      identities: { several: "any" },
      declarations: {},
    });
    expect(ixit).toEqual({
      system: {
        kind: "process",
        command: ["node", "enabler.ts", "{config}"],
        environment: {},
        ready: "announce",
      },
      enabler: { serverName: "enabler.example.org", addresses: {} },
      resources: { protected: { path: "/protected" } },
      psk: { separator: ";" },
      digest: {},
      keyManager: {
        name: "bsf.example.org",
        service: { id: 0, type: 0 },
        ub: { host: "127.0.0.1", port: 0 },
        zn: { host: "127.0.0.1", port: 0 },
      },
      subscribers: [],
      limits: { connections: 50 },
      bounds: {
        connectMs: 2000,
        responseMs: 4000,
        keyManagerMs: 3000,
        expiryToleranceMs: 1000,
        recoveryMs: 10_000,
        startMs: 10_000,
        stopMs: 3000,
      },
    });
  });

  test("is named by its absolute folder and the hashes of its octets", () => {
    const directory = writeProfile({ "ics.yaml": ICS, "ixit.yaml": `${IXIT}# a comment counts\r\n` });
    const sha256 = (name: string) =>
      createHash("sha256")
        .update(readFileSync(join(directory, name)))
        .digest("hex");
    expect(load(join(directory, ".", "x", ".."))).toMatchObject({
      directory,
      hashes: { ics: sha256("ics.yaml"), ixit: sha256("ixit.yaml") },
    });
  });

  test("keeps text as it is written, also where it looks like a number, and makes numbers where one is due", () => {
    const ics = `${edited(edited(ICS, 'tls: ["1.2", "1.3"]', "tls: [1.2, 1.3]"), '"1.0"', "1.10")}
ua: { identifier: 010000000A }
psk: { hideIdentity: true }
digest: { profile: 2617 }
declarations:
  1.1: measured by hand
`;
    const ixit = `${edited(IXIT, "  kind: process", "  kind: process\n  environment: { PORT: 080, DEBUG: true }")}
bounds: { connectMs: 600000 }
subscribers:
  - impi: 001010000000001@ims.example.org
    k: 00112233445566778899001122334455
    opc: 000000000000000000000000000001e2
`;
    const profile = loadText(ics, ixit);
    expect(profile.ics).toMatchObject({
      system: { version: "1.10" },
      waysIn: { "uc1.https-digest": { tls: ["1.2", "1.3"] } },
      ua: { identifier: "010000000a" },
      psk: { hideIdentity: true },
      digest: { profile: "2617" },
      declarations: { "1.1": "measured by hand" },
    });
    expect(profile.ixit).toMatchObject({
      system: { environment: { PORT: "080", DEBUG: "true" } },
      bounds: { connectMs: 600_000 },
      subscribers: [
        { k: "00112233445566778899001122334455", opc: "000000000000000000000000000001e2", impus: [] },
      ],
    });
  });

  test("may hold subscribers of the vendor's own", () => {
    const own = `subscribers:
  - impi: 001010000000001@ims.example.org
    impus: ["sip:alice@example.org", "tel:+1-555-0100"]
    k: 465B5CE8B199B49FAA5F0A2EE238A6BC
    opc: cd63cb71954a9f4e48a5994e37a02baf
  - impi: 001010000000002@ims.example.org
    impus: ["sip:bob@example.org"]
    k: 465b5ce8b199b49faa5f0a2ee238a6bc
    opc: cd63cb71954a9f4e48a5994e37a02baf
`;
    expect(loadText(ICS, IXIT + own).ixit.subscribers).toEqual([
      {
        impi: "001010000000001@ims.example.org",
        impus: ["sip:alice@example.org", "tel:+1-555-0100"],
        k: "465B5CE8B199B49FAA5F0A2EE238A6BC",
        opc: "cd63cb71954a9f4e48a5994e37a02baf",
      },
      {
        impi: "001010000000002@ims.example.org",
        impus: ["sip:bob@example.org"],
        k: "465b5ce8b199b49faa5f0a2ee238a6bc",
        opc: "cd63cb71954a9f4e48a5994e37a02baf",
      },
    ]);
  });

  test.each(["2001:db8::17", "::1", "::ffff:192.0.2.1", "192.0.2.17", "localhost", "naf.example.org"])(
    "takes %s as a host",
    (host) => {
      const ixit = edited(
        IXIT,
        "serverName: enabler.example.org",
        `serverName: enabler.example.org\n  addresses: { plain: { host: "${host}", port: 8080 } }`,
      );
      expect(loadText(ICS, ixit).ixit.enabler.addresses.plain).toEqual({ host, port: 8080 });
    },
  );

  test("does not share what an alias repeats", () => {
    const ixit = `${edited(IXIT, "bsf.example.org", "bsf.example.org\n  ub: &here { host: 192.0.2.1 }\n  zn: *here")}`;
    const { ub, zn } = loadText(ICS, ixit).ixit.keyManager;
    expect(zn).toEqual({ host: "192.0.2.1", port: 0 });
    expect(zn).not.toBe(ub);
  });
});

describe("a folder that is no profile", () => {
  test("a folder that does not exist is named, and how a profile looks is said", () => {
    const directory = join(writeProfile({}), "none");
    expect(refusal(directory).message).toMatch(
      new RegExp(`^${directory}: the profile folder does not exist\\. .*ics\\.yaml .* and ixit\\.yaml `),
    );
  });

  test("a file in its place is named", () => {
    const file = join(writeProfile({ "ics.yaml": ICS }), "ics.yaml");
    expect(refusal(file).message).toContain(`${file}: the profile is a file, not a folder`);
  });

  test("both files are asked for, and a file with another ending is noticed", () => {
    const directory = writeProfile({ "ics.yml": ICS });
    const [ics, ixit] = refusal(directory).message.split("\n");
    expect(ics).toContain(`${join(directory, "ics.yaml")}: does not exist. Is it ics.yml? Then rename it.`);
    expect(ixit).toContain(`${join(directory, "ixit.yaml")}: does not exist. A profile is a folder with`);
  });

  test("a file of more than 256 KiB is not read", () => {
    const directory = writeProfile({ "ics.yaml": `# ${"x".repeat(256 * 1024)}\n${ICS}`, "ixit.yaml": IXIT });
    expect(refusal(directory).message).toContain("more than 256 KiB");
  });

  test("a folder in place of a file is not read", () => {
    const directory = writeProfile({ "ixit.yaml": IXIT });
    mkdirSync(join(directory, "ics.yaml"));
    expect(refusal(directory).message).toContain("ics.yaml: is not a file");
  });

  test("a link that leads nowhere or in circles is a file that is missing or cannot be read", () => {
    const directory = writeProfile({});
    symlinkSync("nowhere", join(directory, "ics.yaml"));
    symlinkSync("ixit.yaml", join(directory, "ixit.yaml"));
    const [ics, ixit] = refusal(directory).message.split("\n");
    expect(ics).toContain("ics.yaml: does not exist");
    expect(ixit).toContain("ixit.yaml: cannot be read (ELOOP)");
  });
});

test("problems of both files come together, in the order of the files", () => {
  const ics = edited(ICS, "release: 2", "release: 7");
  const ixit = `bounds: { stopMs: 1 }\n${edited(IXIT, "process", "container")}`;
  const { problems, directory } = refusal(writeProfile({ "ics.yaml": ics, "ixit.yaml": ixit }));
  expect(problems.map(({ file, line }) => `${file}:${line}`)).toEqual([
    "ics.yaml:1",
    "ixit.yaml:1",
    "ixit.yaml:3",
  ]);
  expect(directory).toMatch(/^\//);
});

test("text where a number belongs is one problem", () => {
  const ics = edited(ICS, "release: 2", 'release: "two"');
  const { problems } = refusal(writeProfile({ "ics.yaml": ics, "ixit.yaml": IXIT }));
  expect(problems.map(({ field, message }) => `${field} ${message}`)).toEqual([
    expect.stringMatching(/^release must be 1 or 2/),
  ]);
});

test("what one file alone says wrongly is told although the other one cannot be read", () => {
  const suite = /TLS_[A-Z0-9_]+/.exec(ICS)?.[0] ?? "";
  const wrongClaim = edited(ICS, suite, "TLS_PSK_WITH_NOTHING");
  const wrongField = edited(IXIT, "process", "container");
  const { problems } = refusal(writeProfile({ "ics.yaml": wrongClaim, "ixit.yaml": wrongField }));
  expect(new Set(problems.map(({ file }) => file))).toEqual(new Set(["ics.yaml", "ixit.yaml"]));
  expect(problems.map(({ message }) => message).join()).toContain("TLS_PSK_WITH_NOTHING");
});

describe("whatever stands in the files", () => {
  const onlyProfileErrors = (directory: string, ics: string | Uint8Array) => {
    writeFileSync(join(directory, "ics.yaml"), ics);
    try {
      load(directory);
    } catch (error) {
      if (!(error instanceof ProfileError)) throw error;
    }
  };

  test("octets are refused with a ProfileError", () => {
    const directory = writeProfile({ "ixit.yaml": IXIT });
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (octets) => onlyProfileErrors(directory, octets)),
    );
  });

  test("YAML is refused with a ProfileError", () => {
    const directory = writeProfile({ "ixit.yaml": IXIT });
    const word = fc.constantFrom(
      "- ",
      "? ",
      ": ",
      "&a ",
      "*a ",
      "[",
      "]",
      "{",
      "}",
      ", ",
      "\n",
      "  ",
      "\t",
      "|\n",
      "'",
      "!x ",
    );
    const field = fc.constantFrom(
      "release",
      "system",
      "waysIn",
      "tls",
      "digest",
      "1.2",
      "null",
      "true",
      "#",
      "---\n",
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(word, field), { maxLength: 40 }), (words) =>
        onlyProfileErrors(directory, words.join("")),
      ),
      { numRuns: 500 },
    );
  });

  test("values of any kind in any field are refused with a ProfileError", () => {
    const directory = writeProfile({ "ixit.yaml": IXIT });
    const names = fc.constantFrom(
      "release",
      "system",
      "roles",
      "waysIn",
      "uc1.psk-tls",
      "tls",
      "declarations",
      "1.1",
    );
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof({ maxDepth: 4 }, fc.constantFrom(null, 1, "x", true), tie("list"), tie("block")),
      list: fc.array(tie("value"), { maxLength: 3 }),
      block: fc.dictionary(names, tie("value"), { maxKeys: 4 }),
    }));
    fc.assert(fc.property(value, (content) => onlyProfileErrors(directory, JSON.stringify(content))));
  });
});
