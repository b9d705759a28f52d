import { type TestCase, testCase } from "../../harness/conformance/case.ts";
import { UA_HTTP_DIGEST } from "../../harness/protocols/gba/index.ts";
import { describeEnding } from "../../harness/wire/observer.ts";
import { shouldBootstrapAgain } from "./challenge.ts";
import { FLOWS } from "./flows.ts";

const REFUSED = "no protected resource is served and no state changes";

export const unknownIdentity: readonly TestCase[] = FLOWS.map(({ code, fields }) =>
  testCase(
    {
      ...fields,
      id: code === "PSK" ? "UC1-PSK-BI-01" : "UC1-DIG-BI-11",
      purpose: "The enabler serves nothing under a B-TID that the key manager never gave out",
      requirements: ["1.1", "5.1"],
      polarity: "invalid",
      parameters: code === "PSK" ? ["tls", "suite"] : ["tls"],
      clauses: ["RFC 4279 2", "RFC 8446 4.2.11", "TS 24.109 5.2.5", "TS 29.309"],
      steps: [
        "the terminal is served under its own B-TID, so that the enabler has just used its key",
        "it names a B-TID that was never given out, and proves its own key, then the key of 32 zero octets",
      ],
      // Alone, so that the terminal's own key is the one that the enabler used last.
      exclusive: true,
    },
    async ({ terminal, enabler, keyManager, preamble, enterServed, check, should, observe }) => {
      const { credential } = await preamble("the terminal bootstraps", () => terminal.bootstrap());
      const stranger = credential.withName(keyManager.unknownBTid(), "B-TID that was never given out");
      const withOwnKey = await terminal.attempt(stranger, {
        before: async () => {
          await preamble("the terminal is served under its own name", () =>
            enterServed(terminal, credential),
          );
        },
      });
      const withZeroKey = await terminal.attempt(stranger.withKey(new Uint8Array(32), "key of zeros"));
      const how = `own key: ${withOwnKey.how}; zero key: ${withZeroKey.how}`;
      const refused = withOwnKey.refused && withZeroKey.refused;
      check("1.1", REFUSED, refused, how);
      check("5.1", "no key is used under a name for which none was agreed", refused, how);
      if (code === "DIG" && refused) shouldBootstrapAgain({ should }, withOwnKey, enabler.serverName);
      observe("how it was refused", how);
    },
  ),
);

export const wrongKey = testCase(
  {
    ...FLOWS[0].fields,
    id: "UC1-PSK-BI-03",
    purpose: "The enabler serves nothing to a terminal that names a valid key but proves another one",
    requirements: ["1.1", "5.1"],
    polarity: "invalid",
    parameters: ["tls", "suite"],
    clauses: ["RFC 4279 2", "RFC 5246 7.4.9", "RFC 8446 4.2.11", "TS 33.222 5.4"],
    steps: [
      "the terminal and another one bootstrap, and the other one is served",
      "it names its own B-TID and proves random octets, then the other terminal's key",
    ],
    smoke: true,
  },
  async ({ terminal, anotherTerminal, keyManager, preamble, enterServed, check, observe }) => {
    const other = anotherTerminal();
    const mine = await preamble("the terminal bootstraps", () => terminal.bootstrap());
    const theirs = await preamble("another terminal bootstraps", () => other.bootstrap());
    // A key that the enabler has just used is the one that it could take for the right one.
    await preamble("the other terminal is served", () => enterServed(other, theirs.credential));
    const random = await terminal.attempt(
      mine.credential.withKey(crypto.getRandomValues(new Uint8Array(32)), "random key"),
    );
    const others = await terminal.attempt(mine.credential.withKeyOf(theirs.credential));
    const how = `random key: ${random.how}; another B-TID's key: ${others.how}`;
    check("1.1", REFUSED, random.refused && others.refused, how);
    check(
      "5.1",
      "no connection comes about without both ends holding the same key",
      random.refused && others.refused,
      how,
    );
    observe("key requests for the named B-TID", String(keyManager.requestsFor(mine.btid).length));
  },
);

export const otherNaf: readonly TestCase[] = FLOWS.map(({ code, fields }) =>
  testCase(
    {
      ...fields,
      id: code === "PSK" ? "UC1-PSK-BI-04" : "UC1-DIG-BI-17",
      purpose: "The key that a terminal has for another enabler opens nothing here",
      requirements: ["5.1"],
      polarity: "invalid",
      parameters: ["tls"],
      clauses: ["TS 33.220 B.2", "TS 33.220 4.5.3"],
      steps: ["the terminal names its B-TID and proves Ks_NAF for the FQDN of another NAF"],
    },
    async ({ terminal, enabler, keyManager, preamble, check }) => {
      const association = await preamble("the terminal bootstraps", () => terminal.bootstrap());
      // Only the enabler itself is to refuse: the key manager would give the other key too.
      keyManager.steer(association, { anyNaf: true });
      const attempt = await terminal.attempt(association.credential.forOtherNaf(enabler.otherNaf));
      check("5.1", REFUSED, attempt.refused, attempt.how);
    },
  ),
);

export const otherUa: readonly TestCase[] = FLOWS.map(({ code, fields }) =>
  testCase(
    {
      ...fields,
      id: code === "PSK" ? "UC1-PSK-BI-05" : "UC1-DIG-BI-18",
      purpose: "The key that a terminal has for another Ua security protocol opens nothing here",
      requirements: ["5.1"],
      polarity: "invalid",
      parameters: ["tls"],
      clauses: ["TS 33.220 B.2", "TS 33.220 H.3"],
      // Where 01 00000002 itself is claimed it is no other protocol.
      needs: { ...fields.needs, claims: { "ua.identifier": ["negotiated"] } },
      steps: ["the terminal names its B-TID and proves Ks_NAF for HTTP Digest outside TLS (01 00000002)"],
    },
    async ({ terminal, preamble, check }) => {
      const { credential } = await preamble("the terminal bootstraps", () => terminal.bootstrap());
      const attempt = await terminal.attempt(credential.forOtherUa(UA_HTTP_DIGEST, "01 00000002"));
      check("5.1", REFUSED, attempt.refused, attempt.how);
    },
  ),
);

export const similarIdentity = testCase(
  {
    ...FLOWS[0].fields,
    id: "UC1-PSK-BI-14",
    purpose: "An identity that only resembles a valid one is another identity",
    requirements: ["1.1"],
    polarity: "boundary",
    parameters: ["tls"],
    variants: { change: ["longer", "shorter", "letter"] },
    clauses: ["RFC 4279 5.1, 5.3", "RFC 9257 6.1.1"],
    steps: [
      "the terminal is served under its B-TID",
      "it names the B-TID with a character more, a character less or another letter in its base64 part, with the valid key",
    ],
  },
  async ({ terminal, parameters, keyManager, preamble, enterServed, check }) => {
    const { btid, credential } = await preamble("the terminal bootstraps", () => terminal.bootstrap());
    await preamble("the terminal is served", () => enterServed(terminal, credential));
    const similar = resembling(btid, parameters["change"] ?? "");
    const attempt = await terminal.attempt(credential.withName(similar, "a similar B-TID"));
    check(
      "1.1",
      REFUSED,
      attempt.refused,
      `${attempt.how}; key requests: ${keyManager.requestsFor(similar).length}`,
    );
  },
);

/** The base64 part is changed only, since a domain may be compared without case (RFC 4279 5). */
export function resembling(btid: string, change: string): string {
  const [local = "", domain = ""] = btid.split("@");
  if (change === "longer") return `${btid}x`;
  if (change === "shorter") return btid.slice(0, -1);
  const letter = local.search(/[a-zA-Z]/);
  const flipped = local.charAt(letter) === local.charAt(letter).toLowerCase() ? "toUpperCase" : "toLowerCase";
  return `${local.slice(0, letter)}${local.charAt(letter)[flipped]()}${local.slice(letter + 1)}@${domain}`;
}

export const serverNameForms = testCase(
  {
    ...FLOWS[0].fields,
    id: "UC1-PSK-BI-34",
    purpose:
      "Without a server name, or with one in other letters, no key is asked for or used under a name that the terminal did not use",
    requirements: ["5.1"],
    polarity: "invalid",
    parameters: ["tls"],
    variants: { name: ["absent", "other-letters"] },
    clauses: ["RFC 6066 3", "TS 24.109 F.3", "TS 33.220 4.5.3"],
    steps: [
      "the key manager would give keys for any name to this enabler",
      "the terminal sends no server name, or that of the enabler in upper case, and proves its key for the enabler",
      "it does so with its key for another NAF",
    ],
  },
  async ({ terminal, enabler, keyManager, parameters, preamble, check, observe }) => {
    const { serverName, otherNaf } = enabler;
    const sentServerName = parameters["name"] === "absent" ? null : serverName.toUpperCase();
    const association = await preamble("the terminal bootstraps", () => terminal.bootstrap());
    keyManager.steer(association, { anyNaf: true });
    const entry = await terminal.enter(association.credential, { sentServerName });
    observe("with the key for the enabler", entry.entered ? "let in" : describeEnding(entry.ending));
    const attempt = await terminal.attempt(association.credential.forOtherNaf(otherNaf), { sentServerName });
    check("5.1", REFUSED, attempt.refused, attempt.how);
    const names = keyManager.requestsFor(association.btid).map(({ nafFqdn }) => nafFqdn);
    check(
      "5.1",
      "the key manager is asked for no other enabler's key",
      names.every((name) => name.toLowerCase() === serverName.toLowerCase()),
      `asked for ${names.join(", ") || "nothing"}`,
    );
    observe("names under which the key manager was asked", [...new Set(names)].join(", ") || "none");
  },
);

export const otherServerName = testCase(
  {
    ...FLOWS[0].fields,
    id: "UC1-PSK-BI-15",
    purpose: "The enabler asks for keys under its own names only, whatever server name the terminal sends",
    requirements: ["5.1"],
    polarity: "invalid",
    parameters: ["tls"],
    clauses: ["RFC 6066 3", "TS 33.220 4.5.3", "TS 24.109 F.3"],
    steps: [
      "the key manager would give keys for any name to this enabler",
      "the terminal sends the server name of another NAF and proves its key for that name",
    ],
  },
  async ({ terminal, enabler, keyManager, preamble, check }) => {
    const association = await preamble("the terminal bootstraps", () => terminal.bootstrap());
    keyManager.steer(association, { anyNaf: true });
    const attempt = await terminal.attempt(association.credential, { serverName: enabler.otherNaf });
    const names = keyManager.requestsFor(association.btid).map(({ nafFqdn }) => nafFqdn);
    check("5.1", REFUSED, attempt.refused, attempt.how);
    check(
      "5.1",
      "the key manager is asked for no other enabler's key",
      names.every((name) => name === enabler.serverName),
      `asked for ${names.join(", ") || "nothing"}`,
    );
  },
);
