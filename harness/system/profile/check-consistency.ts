import { claimsOf } from "./check-claims.ts";
import { type ProfileProblem, shown } from "./problem.ts";
import type { Extract, Ics, Ixit } from "./profile.ts";
import { changeNamesToken, readNamesToken } from "./state-resource.ts";
import { problemAt, type YamlFile } from "./yaml-file.ts";

/** What the schema of the IXIT cannot say: whether it has what the claims and the kind of system need. */
export function checkConsistency(ics: Ics, ixit: Ixit, file: YamlFile): readonly ProfileProblem[] {
  return [
    ...checkAddresses(ics, ixit, file),
    ...(ixit.system.kind === "external" ? checkExternal(ics, ixit, file) : []),
    ...checkKeyManager(ixit.keyManager, file),
    ...checkResources(ixit.resources, file),
    ...checkOpenResource(ics, ixit.resources, file),
    ...checkSubscribers(ixit, file),
  ];
}

/** A system that does not announce its addresses must have them in the IXIT. */
function checkAddresses(ics: Ics, ixit: Ixit, file: YamlFile): readonly ProfileProblem[] {
  const { system, enabler } = ixit;
  if (system.kind === "process" && system.ready === "announce") return [];
  const why = system.kind === "external" ? 'an "external" system' : 'a process with ready: "connect"';
  return claimsOf(ics)
    .filter(([wayIn]) => enabler.addresses[wayIn] === undefined)
    .map(([wayIn]) =>
      problemAt(file, ["enabler", "addresses", wayIn], "name", {
        message: `is missing: the ICS claims this way in, and ${why} does not announce where it listens`,
        allowed: "a block with the fields host, port",
        fix: `Add host and port, or take waysIn.${wayIn} out of ics.yaml.`,
      }),
    );
}

/** Nothing can be handed to a system that runs already: ports and certificates are fixed before the run. */
function checkExternal(ics: Ics, ixit: Ixit, file: YamlFile): readonly ProfileProblem[] {
  const problems: ProfileProblem[] = [];
  for (const listener of ["ub", "zn"] as const) {
    if (ixit.keyManager[listener].port !== 0) continue;
    problems.push(
      problemAt(file, ["keyManager", listener, "port"], "value", {
        message: 'must be a fixed port for an "external" system, got 0',
        allowed: "an integer between 1 and 65535",
        fix: "Give the port that the system is configured to reach the key manager at.",
      }),
    );
  }
  if (ixit.keyManager.credentials === undefined) {
    problems.push(
      problemAt(file, ["keyManager", "credentials"], "name", {
        message: 'is missing: an "external" system cannot be told certificates that are made for the run',
        allowed: "a block with the fields certificate, privateKey, trust",
        fix: "Name PEM files that the system trusts on Zn, and the CAs of its own certificate there.",
      }),
    );
  }
  const showsCertificate = (["uc1.https-digest", "server-only"] as const).some((one) => ics.waysIn[one]);
  if (showsCertificate && ixit.enabler.trust === undefined) {
    problems.push(
      problemAt(file, ["enabler", "trust"], "name", {
        message: 'is missing: an "external" system has no certificate of the CA that is made for the run',
        allowed: "a PEM file with certificates",
        fix: "Name a PEM file with the CAs of the enabler's certificate.",
      }),
    );
  }
  return problems;
}

function checkKeyManager({ ub, zn }: Ixit["keyManager"], file: YamlFile): readonly ProfileProblem[] {
  if (zn.port === 0 || ub.port !== zn.port || ub.host !== zn.host) return [];
  return [
    problemAt(file, ["keyManager", "zn", "port"], "value", {
      message: `${ub.port} is also the port of keyManager.ub on this host`,
      allowed: "another port",
      fix: "Give Ub and Zn a port each.",
    }),
  ];
}

function checkResources(resources: Ixit["resources"], file: YamlFile): readonly ProfileProblem[] {
  const { identity, publicIdentity, state, view } = resources;
  const at = (...path: string[]) => ["resources", ...path];
  const problems = [...checkPlaceholders(at("protected", "path"), resources.protected.path, [], file)];
  if (identity !== undefined) {
    problems.push(
      ...checkPlaceholders(at("identity", "url"), identity.url, ["{btid}"], file),
      ...checkUrl(at("identity", "url"), identity.url, file),
      ...checkExtract(at("identity", "extract"), identity.extract, file),
      ...checkIdentityUrl(at("identity", "url"), identity.url, file),
    );
  }
  if (publicIdentity !== undefined) {
    problems.push(
      ...checkPlaceholders(at("publicIdentity", "url"), publicIdentity.url, ["{btid}"], file),
      ...checkUrl(at("publicIdentity", "url"), publicIdentity.url, file),
      ...checkExtract(at("publicIdentity", "extract"), publicIdentity.extract, file),
      ...checkIdentityUrl(at("publicIdentity", "url"), publicIdentity.url, file),
    );
  }
  if (view !== undefined) {
    problems.push(
      ...checkPlaceholders(at("view", "path"), view.path, [], file),
      ...Object.entries(view.tells).flatMap(([name, how]) =>
        checkExtract(at("view", "tells", name), how, file),
      ),
    );
  }
  if (state !== undefined) {
    problems.push(
      ...checkPlaceholders(at("state", "change", "path"), state.change.path, ["{token}"], file),
      ...checkPlaceholders(at("state", "read", "url"), state.read.url, ["{token}"], file),
      ...checkUrl(at("state", "read", "url"), state.read.url, file),
      ...checkExtract(at("state", "read", "extract"), state.read.extract, file),
      ...checkState(at("state", "read", "url"), state, file),
    );
  }
  return problems;
}

/** OMA-RD-SEC_CF 4.2: over the way in without a user only that can be asked for which is open to everyone. */
function checkOpenResource(
  { waysIn }: Ics,
  { open }: Ixit["resources"],
  file: YamlFile,
): readonly ProfileProblem[] {
  if (open !== undefined) {
    return [
      ...checkPlaceholders(["resources", "open", "path"], open.path, [], file),
      ...(open.identity === undefined
        ? []
        : checkExtract(["resources", "open", "identity"], open.identity, file)),
    ];
  }
  if (waysIn["server-only"] === undefined) return [];
  return [
    problemAt(file, ["resources", "open"], "name", {
      message: "is missing: the ICS claims the way in server-only, which leads to what is open to everyone",
      allowed: "a block with the fields path, contains, identity",
      fix: "Name an open resource and a text that stands in it, or take waysIn.server-only out of ics.yaml.",
    }),
  ];
}

/** A brace may not stand in a URL (RFC 3986 2), so each one is a placeholder, and perhaps a misspelt one. */
function checkPlaceholders(
  path: readonly string[],
  text: string,
  known: readonly string[],
  file: YamlFile,
): readonly ProfileProblem[] {
  const unknown = (text.match(/\{[^}]*\}?|\}/g) ?? []).find((brace) => !known.includes(brace));
  if (unknown === undefined) return [];
  const allowed = known.length === 0 ? "no placeholder" : `the placeholder ${known.join(", ")}`;
  return [
    problemAt(file, path, "value", {
      message: `holds ${shown(unknown)}, and takes ${allowed}`,
      allowed,
      fix: "Mend the placeholder; a brace that belongs to the URL is written %7B or %7D.",
    }),
  ];
}

function checkUrl(path: readonly string[], url: string, file: YamlFile): readonly ProfileProblem[] {
  if (url.startsWith("/") || URL.canParse(url.replace(/\{\w*\}/g, "x"))) return [];
  return [
    problemAt(file, path, "value", {
      message: `${shown(url)} is not a URL`,
      allowed: "a path that starts with /, or an absolute http or https URL",
      fix: "Mend host and port; an IPv6 address stands in brackets in a URL.",
    }),
  ];
}

/** Over the terminal's own connection the user is known; elsewhere the B-TID must say which user is meant. */
function checkIdentityUrl(path: readonly string[], url: string, file: YamlFile): readonly ProfileProblem[] {
  if (url.startsWith("/") || url.includes("{btid}")) return [];
  return [
    problemAt(file, path, "value", {
      message: "an absolute URL must hold {btid}: several users are served at once",
      allowed: "a path that starts with /, or an absolute http or https URL with {btid}",
      fix: "Put {btid} where the system expects the B-TID, or give a path.",
    }),
  ];
}

function checkState(
  path: readonly string[],
  state: NonNullable<Ixit["resources"]["state"]>,
  file: YamlFile,
): readonly ProfileProblem[] {
  if (!readNamesToken(state.read) || changeNamesToken(state.change)) return [];
  return [
    problemAt(file, path, "value", {
      message: "holds {token}, and resources.state.change does not: the change would never show",
      allowed: "a path or URL without {token}",
      fix: "Put {token} into the path or body of the change as well, or take it out here.",
    }),
  ];
}

function checkExtract(path: readonly string[], extract: Extract, file: YamlFile): readonly ProfileProblem[] {
  if (!("pattern" in extract)) return [];
  const wrong = patternProblem(extract.pattern);
  if (wrong === undefined) return [];
  return [
    problemAt(file, [...path, "pattern"], "value", {
      message: `${shown(extract.pattern)} ${wrong}`,
      allowed: "a regular expression with a group",
      fix: "Mend the pattern; in double quotes YAML takes a backslash for an escape, in single quotes it does not.",
    }),
  ];
}

function patternProblem(pattern: string): string | undefined {
  try {
    // With an empty alternative it matches everywhere, and the match shows how many groups there are.
    const groups = (new RegExp(`(?:${pattern})|`, "u").exec("")?.length ?? 1) - 1;
    return groups === 0 ? "has no group for the value" : undefined;
  } catch {
    return "is not a regular expression";
  }
}

type Subscriber = Ixit["subscribers"][number];

function checkSubscribers({ subscribers, resources }: Ixit, file: YamlFile): readonly ProfileProblem[] {
  const needsImpu = resources.identity?.form === "IMPU";
  return [
    ...checkIdentities(subscribers, file),
    ...subscribers.flatMap((subscriber, index) => [
      ...checkKeys(subscriber, index, file),
      ...(needsImpu ? checkHasImpu(subscriber, index, file) : []),
    ]),
  ];
}

/** Which user the enabler was told can only be judged when no two users share an identity. */
function checkIdentities(subscribers: readonly Subscriber[], file: YamlFile): readonly ProfileProblem[] {
  const named = subscribers.flatMap(({ impi, impus }, index) => [
    { identity: impi, index, path: ["subscribers", String(index), "impi"] },
    ...impus.map((identity, number) => ({
      identity,
      index,
      path: ["subscribers", String(index), "impus", String(number)],
    })),
  ]);
  const owners = new Map<string, number>();
  return named.flatMap(({ identity, index, path }) => {
    const owner = owners.get(identity);
    if (owner === undefined) {
      owners.set(identity, index);
      return [];
    }
    return [
      problemAt(file, path, "value", {
        message: `${shown(identity)} belongs to subscribers[${owner}] already`,
        allowed: "an identity that no other subscriber has",
        fix: "Give each subscriber identities of its own: it must show which user the enabler was told.",
      }),
    ];
  });
}

function checkKeys({ k, opc }: Subscriber, index: number, file: YamlFile): readonly ProfileProblem[] {
  return Object.entries({ k, opc })
    .filter(([, key]) => /^0+$/.test(key))
    .map(([name]) =>
      problemAt(file, ["subscribers", String(index), name], "value", {
        message: "is all zeros: a placeholder, not a key",
        allowed: "32 hex digits (16 octets), not all zero",
        fix: "Give the value that stands in the subscriber's identity module.",
      }),
    );
}

function checkHasImpu({ impus }: Subscriber, index: number, file: YamlFile): readonly ProfileProblem[] {
  if (impus.length > 0) return [];
  return [
    problemAt(file, ["subscribers", String(index), "impus"], "name", {
      message: "is empty, and resources.identity.form is IMPU",
      allowed: "a list of SIP or TEL URIs",
      fix: "List the public identities of the subscriber.",
    }),
  ];
}
