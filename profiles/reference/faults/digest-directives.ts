import type { DigestCredentials } from "../digest/credentials.ts";
import { conforming } from "../policy/conforming.ts";
import type { Fault } from "./fault.ts";

const NOBODY = { user: "anonymous", form: "B-TID", btid: "anonymous" } as const;
const METHODS = ["GET", "HEAD", "POST", "PUT", "DELETE"];
const LONG = 8_192;

/** Every value that a directive has in all Authorization fields, in order. */
function valuesOf(authorization: readonly string[], name: string): readonly string[] {
  const pattern = new RegExp(`\\b${name}="([^"]*)"`, "g");
  return authorization.flatMap((value) => [...value.matchAll(pattern)].map(([, found = ""]) => found));
}

/** What is left of several fields when each directive may stand once, where it stands first or last. */
function onceEach(authorization: readonly string[], counts: "first" | "last"): string {
  const found = [...authorization.join(", ").matchAll(/(\w+)=(?:"[^"]*"|[^\s,]+)/g)];
  const inOrder = counts === "last" ? found : found.toReversed();
  const parameters = new Map(inOrder.map(([whole, name = ""]) => [name, whole]));
  return `Digest ${[...parameters.values()].join(", ")}`;
}

/** Of a directive that comes twice the first is hashed, and the last is compared with what is known. */
function hashesFirst(): ReturnType<Fault["change"]> {
  const hashed = new WeakMap<DigestCredentials, DigestCredentials>();
  return {
    credentials(authorization) {
      if (authorization.length === 0) return "absent";
      const [first, last] = (["first", "last"] as const).map((counts) =>
        conforming.credentials([onceEach(authorization, counts)]),
      );
      if (first === undefined || last === undefined) return "absent";
      if (typeof first !== "string" && typeof last !== "string") hashed.set(last, first);
      return last;
    },
    provenKey: (proof) =>
      conforming.provenKey({ ...proof, credentials: hashed.get(proof.credentials) ?? proof.credentials }),
  };
}

/** nc and cnonce are read as empty where they are missing, which the hash then covers. */
function withoutCounts(value: string): DigestCredentials | "absent" | "malformed" {
  const missing = ["nc", "cnonce"].filter((name) => !new RegExp(`\\b${name}=`).test(value));
  const filled = missing.map((name) => `, ${name}=00000001`).join("");
  const credentials = conforming.credentials([value + filled]);
  if (typeof credentials === "string" || credentials.protection === undefined) return credentials;
  const empty = Object.fromEntries(missing.map((name) => [name, ""]));
  return { ...credentials, protection: { ...credentials.protection, ...empty } };
}

/** Tells the user who is named first, and checks the key of the one who is named last. */
function tellsFirstUsername(): ReturnType<Fault["change"]> {
  const lastNames = new WeakMap<DigestCredentials, string>();
  return {
    credentials(authorization) {
      const names = valuesOf(authorization, "username");
      const [first, last] = [names[0], names.at(-1)];
      const credentials = conforming.credentials(
        authorization.length === 0 ? [] : [onceEach(authorization, "last")],
      );
      if (typeof credentials === "string" || first === undefined || last === undefined) return credentials;
      const told = { ...credentials, username: first };
      lastNames.set(told, last);
      return told;
    },
    async provenKey(proof) {
      const last = lastNames.get(proof.credentials) ?? proof.credentials.username;
      const admission = await proof.obtain({ ...proof.query, btid: last });
      if (!admission.admitted) return undefined;
      return conforming.provenKey({
        ...proof,
        credentials: { ...proof.credentials, username: last },
        association: admission.association,
      });
    },
  };
}

/** Defects in what of the credentials and of the request is looked at. */
export const digestDirectiveFaults: readonly Fault[] = [
  {
    id: "digest-hashes-request-target",
    title: "the response is checked over the request target, and the uri directive is not looked at",
    requirements: ["1.1"],
    change: () => ({
      namesTarget: () => true,
      provenKey: (proof) =>
        conforming.provenKey({ ...proof, credentials: { ...proof.credentials, uri: proof.target } }),
    }),
  },
  {
    id: "digest-ignores-uri",
    title: "credentials for one resource open every other: uri is not compared with the request target",
    requirements: ["1.1"],
    change: () => ({ namesTarget: () => true }),
  },
  {
    id: "digest-ignores-method",
    title: "a response that was computed for another method is accepted",
    requirements: ["1.1"],
    change: () => ({
      async provenKey(proof) {
        for (const method of [proof.method, ...METHODS]) {
          const key = await conforming.provenKey({ ...proof, method });
          if (key !== undefined) return key;
        }
        return undefined;
      },
    }),
  },
  {
    id: "digest-any-realm",
    title: "a response for the realm of another enabler is accepted",
    requirements: ["1.1"],
    change: () => ({ isOwnRealm: () => true }),
  },
  {
    id: "digest-tolerates-missing-count",
    title: "nc and cnonce that are missing are taken for empty ones",
    requirements: ["1.1"],
    change: () => ({
      credentials: (authorization) =>
        authorization.length === 1 && /\bqop=/.test(authorization[0] ?? "")
          ? withoutCounts(authorization[0] ?? "")
          : conforming.credentials(authorization),
    }),
  },
  {
    id: "digest-tells-first-username",
    title: "of two names in the credentials the last is authenticated and the first is told",
    requirements: ["1.1"],
    change: tellsFirstUsername,
  },
  {
    id: "digest-hashes-first-directive",
    title: "of a directive that comes twice the first is hashed, and the last is compared with what is known",
    requirements: ["1.1", "1.4"],
    change: hashesFirst,
  },
  {
    id: "digest-browsers-unchecked",
    title: "a client whose User-Agent does not know GBA is served without a check",
    requirements: ["1.1"],
    change: () => ({
      async answer(steps) {
        if (steps.userAgent?.includes("3gpp-gba") === true) return conforming.answer(steps);
        return steps.act({ ok: true, identity: NOBODY, authenticationInfo: () => undefined });
      },
    }),
  },
  {
    id: "digest-open-when-oversized",
    title: "credentials that are longer than the room for them are not checked",
    requirements: ["1.1"],
    change: () => ({
      async answer(steps) {
        if (steps.authorization.join().length <= LONG) return conforming.answer(steps);
        return steps.act({ ok: true, identity: NOBODY, authenticationInfo: () => undefined });
      },
    }),
  },
  {
    id: "digest-accepts-unoffered",
    title: "an algorithm or qop that was not offered is accepted, however weak it is",
    requirements: ["1.1"],
    shownBy: "reference-digest",
    change: () => ({ isOffered: () => true }),
  },
];
