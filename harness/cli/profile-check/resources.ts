import { extract } from "../../conformance/extraction.ts";
import { read, readState, readView, tokenState } from "../../conformance/observations.ts";
import type { Access } from "../../roles/terminal/index.ts";
import { urlHost } from "../../system/started-system.ts";
import type { HttpResponse } from "../../wire/http-message.ts";
import { describeEnding } from "../../wire/observer.ts";
import type { Bench, Visitor } from "./bench.ts";
import { judgeClock } from "./clock.ts";
import { type Diagnosis, ixit } from "./diagnosis.ts";
import { placesOf } from "./places.ts";

/** The protected resource over one way in. */
export async function probeProtected(bench: Bench, diagnosis: Diagnosis, access: Access): Promise<boolean> {
  const { path, contains } = bench.ixit.resources.protected;
  const sent = Date.now();
  const reply = await access.request(bench.enabler.protectedResource);
  if (!reply.ok) {
    diagnosis.found(
      "protected-resource",
      ixit("resources", "protected", "path"),
      `${path} gets no response: ${describeEnding(reply.ending)}`,
      "See in the log of the system why; the bound for a response is bounds.responseMs.",
    );
    return false;
  }
  const { response } = reply;
  if (!diagnosis.right.some((one) => one.startsWith("clock:")))
    judgeClock(bench, diagnosis, response, { sent, received: Date.now() });
  return judgeText(diagnosis, { id: "protected-resource", field: "protected", path, contains }, response);
}

function judgeText(
  diagnosis: Diagnosis,
  resource: {
    readonly id: "protected-resource" | "open-resource";
    readonly field: "protected" | "open";
    readonly path: string;
    readonly contains: string | undefined;
  },
  { status, body }: HttpResponse,
): boolean {
  const { id, field, path, contains } = resource;
  if (status < 200 || status > 299) {
    const message = `${path} is answered with status ${status}`;
    const fix = `Name a path that a ${field === "open" ? "visitor" : "valid user"} is served, with status 200.`;
    diagnosis.found(id, ixit("resources", field, "path"), message, fix);
    return false;
  }
  if (contains !== undefined && !body.toString("utf8").includes(contains)) {
    const begin = JSON.stringify(body.toString("utf8").slice(0, 60));
    diagnosis.found(
      id,
      ixit("resources", field, "contains"),
      `${path} is served and does not hold the text ${JSON.stringify(contains)}; it begins with ${begin}`,
      "Write a text that stands in this resource and nowhere else.",
    );
    return false;
  }
  diagnosis.ok(`resources.${field}: ${path}`);
  return true;
}

/** Where the identity is said to stand, with the identities of the visitor. */
export async function probeIdentity(bench: Bench, diagnosis: Diagnosis, visitor: Visitor): Promise<void> {
  const { identity } = bench.ixit.resources;
  const { outcome, association, identities } = visitor;
  if (identity === undefined || !outcome.entered) return;
  const url = identity.url.replaceAll("{btid}", encodeURIComponent(association.btid));
  const place = { url, extract: identity.extract };
  const reading = await read(outcome.access, place, bench.ixit.bounds.responseMs);
  const own: Readonly<Record<typeof identity.form, readonly string[]>> = {
    IMPI: [identities.impi],
    IMPU: identities.impus,
    "B-TID": [association.btid],
  };
  if (!reading.ok || reading.response.status > 299) {
    diagnosis.found(
      "identity",
      ixit("resources", "identity", "url"),
      `${url} cannot be read: ${reading.ok ? `status ${reading.response.status}` : reading.how}`,
      "Name where the application says which user it was told, or leave resources.identity out.",
    );
    return;
  }
  const { response } = reading;
  const found = extract(response, identity.extract);
  if (found !== undefined && own[identity.form].includes(found)) {
    diagnosis.ok(`resources.identity: the ${identity.form} at ${identity.url}`);
    return;
  }
  const [form] =
    Object.entries(own).find(([, values]) => found !== undefined && values.includes(found)) ?? [];
  if (form !== undefined) {
    diagnosis.found(
      "identity",
      ixit("resources", "identity", "form"),
      `the value at the place named is the ${form} of the user, and the form is ${identity.form}`,
      `Write resources.identity.form: ${form}.`,
    );
    return;
  }
  const elsewhere = Object.entries(own).flatMap(([name, values]) =>
    placesOf(response, values).map((where) => `${where} (${name})`),
  );
  diagnosis.found(
    "identity",
    ixit("resources", "identity", "extract"),
    `${url} tells no identity of the user at ${shownExtract(identity.extract)}: there is ${found === undefined ? "nothing" : JSON.stringify(found.slice(0, 80))}`,
    elsewhere.length === 0
      ? "Name the place where it stands; no identity of this user stands anywhere in the response."
      : `Write extract: ${elsewhere.slice(0, 3).join(", or ")}.`,
  );
}

function shownExtract(how: object): string {
  return Object.entries(how)
    .map(([kind, value]) => `${kind} ${JSON.stringify(value)}`)
    .join("");
}

/** What the system tells of a connection: each part that the profile names a place for. */
export async function probeView(bench: Bench, diagnosis: Diagnosis, access: Access): Promise<void> {
  const { view } = bench.ixit.resources;
  if (view === undefined) return;
  try {
    const told = [...((await readView(access, view)) ?? [])];
    const empty = told.filter(([, value]) => value === undefined).map(([field]) => field);
    for (const field of empty) {
      diagnosis.found(
        "view",
        ixit("resources", "view", "tells", field),
        `${view.path} tells nothing at this place`,
        "Name the place where it stands, or leave this part out: it is then declared.",
      );
    }
    if (empty.length === 0) diagnosis.ok(`resources.view: ${told.map(([field]) => field).join(", ")}`);
  } catch (error) {
    diagnosis.found(
      "view",
      ixit("resources", "view", "path"),
      error instanceof Error ? error.message : String(error),
      "Name where the system tells what it knows of a connection, or leave resources.view out.",
    );
  }
}

/** Reads, changes and reads again. */
export async function probeState(bench: Bench, diagnosis: Diagnosis, access: Access): Promise<void> {
  const { state } = bench.ixit.resources;
  if (state === undefined) return;
  const own = tokenState(state);
  const { responseMs } = bench.ixit.bounds;
  try {
    const before = await readState(access, own, responseMs);
    const reply = await access.request(own.change);
    // A redirection is a common answer to a form that was taken.
    const done = reply.ok && reply.response.status < 400;
    if (!done) {
      diagnosis.found(
        "state",
        ixit("resources", "state", "change"),
        `${own.change.method} ${own.change.target} of a valid user is not carried out: ${reply.ok ? `status ${reply.response.status}` : describeEnding(reply.ending)}`,
        "Name a request that changes something each time, or leave resources.state out.",
      );
      return;
    }
    const after = await readState(access, own, responseMs);
    if (after !== undefined && after !== before) {
      diagnosis.ok(`resources.state: changes from ${before ?? "nothing"} to ${after}`);
      return;
    }
    diagnosis.found(
      "state",
      ixit("resources", "state", "read"),
      after === undefined
        ? `after the change there is no value at ${own.at.url} where the profile says`
        : `the value at ${own.at.url} is ${JSON.stringify(after.slice(0, 80))} before and after the change`,
      "Name a value that differs after each change, such as a counter.",
    );
  } catch (error) {
    diagnosis.found(
      "state",
      ixit("resources", "state", "read", "url"),
      error instanceof Error ? error.message : String(error),
      "Name where the state can be read over a connection of a valid user.",
    );
  }
}

/** What is open to everyone, over `server-only`. */
export async function probeOpen(bench: Bench, diagnosis: Diagnosis, access: Access): Promise<void> {
  const { open } = bench.ixit.resources;
  if (open === undefined) return;
  const reply = await access.request(bench.enabler.open.request);
  const cause = ixit("resources", "open", "path");
  if (reply.ok) {
    judgeText(diagnosis, { id: "open-resource", field: "open", ...open }, reply.response);
    return;
  }
  const fix = "See in the log of the system why it does not answer a visitor.";
  diagnosis.found(
    "open-resource",
    cause,
    `${open.path} gets no response: ${describeEnding(reply.ending)}`,
    fix,
  );
}

/** The address outside TLS must serve nothing protected. */
export async function probePlain(bench: Bench, diagnosis: Diagnosis): Promise<void> {
  const address = bench.system.endpoints.plain;
  if (address === undefined) return;
  const { served, how } = await bench.enabler.askOutsideTls();
  if (!served) {
    diagnosis.ok(`plain at ${urlHost(address)}: serves nothing protected (${how})`);
    return;
  }
  diagnosis.found(
    "plain",
    bench.ixit.enabler.addresses.plain === undefined ? "plain" : ixit("enabler", "addresses", "plain"),
    `${urlHost(address)} serves ${bench.ixit.resources.protected.path} in clear, without TLS and without a user`,
    "Let the system serve it over TLS only, or name a resource that is protected.",
  );
}
