import { USER_AGENT } from "../roles/terminal/index.ts";
import type { TestSystem } from "../system/test-system.ts";
import { HttpConnection } from "../wire/http-connection.ts";
import { describeEnding, type Observer } from "../wire/observer.ts";
import { connectTcp } from "../wire/tcp.ts";
import type { EnablerView } from "./case-context.ts";
import { converseInClear } from "./clear-conversation.ts";
import { extract } from "./extraction.ts";
import { CaseDefect, NotObservable } from "./verdict.ts";
import type { WayIn } from "./vocabulary.ts";

/** The enabler as the IXIT describes it. */
export function enablerView(system: TestSystem, observer: Observer): EnablerView {
  const { enabler, resources } = system.profile.ixit;
  const { path, contains } = resources.protected;
  const serves: EnablerView["serves"] = ({ status, body }) =>
    status >= 200 && status < 300 && (contains === undefined || body.toString("utf8").includes(contains));
  return {
    serverName: enabler.serverName,
    protectedResource: { method: "GET", target: path },
    get open() {
      return openResource(system);
    },
    otherNaf: `other-naf.${enabler.serverName.replace(/^[^.]*\./, "")}`,
    serves,
    converseInClear: (wayIn, pieces) => inClear(system, wayIn, pieces),
    askOutsideTls: () => askOutsideTls(system, observer, path, serves),
  };
}

function openResource({ profile }: TestSystem): EnablerView["open"] {
  const { open } = profile.ixit.resources;
  if (open === undefined) throw new CaseDefect("the IXIT names no open resource, and no way in needs it");
  return {
    request: { method: "GET", target: open.path },
    isIn: ({ status, body }) =>
      status >= 200 && status < 300 && body.toString("utf8").includes(open.contains),
    tellsVisitor: open.identity !== undefined,
    visitorIn: (response) => (open.identity === undefined ? undefined : extract(response, open.identity)),
  };
}

/** Of the bound of a response, how long the next piece waits for a word: an enabler may wait for more of a record. */
const PAUSE_SHARE = 0.25;

function inClear(
  { endpoints, profile }: TestSystem,
  wayIn: WayIn,
  pieces: readonly Uint8Array[],
): ReturnType<EnablerView["converseInClear"]> {
  const address = Object.entries(endpoints).find(([name]) => name === wayIn)?.[1];
  if (address === undefined) throw new CaseDefect(`the system has no address for ${wayIn}`);
  const { connectMs, responseMs } = profile.ixit.bounds;
  return converseInClear(address, pieces, {
    connectMs,
    pauseMs: responseMs * PAUSE_SHARE,
    answerMs: responseMs,
  });
}

async function askOutsideTls(
  system: TestSystem,
  observer: Observer,
  target: string,
  serves: EnablerView["serves"],
): Promise<Awaited<ReturnType<EnablerView["askOutsideTls"]>>> {
  const { bounds, enabler } = system.profile.ixit;
  const address = system.endpoints.plain;
  if (address === undefined)
    throw new NotObservable(
      "no address outside TLS is known: name enabler.addresses.plain in the IXIT, or announce it",
    );
  const tcp = await connectTcp(address, bounds.connectMs);
  // A closed port serves nothing: that is one of the right answers (RD 5.1.6).
  if (!tcp.ok) return { served: false, challenged: false, how: describeEnding(tcp.ending) };
  const connection = new HttpConnection({
    socket: tcp.socket,
    responseMs: bounds.responseMs,
    observer,
    from: "terminal",
    to: "enabler",
  });
  try {
    const outcome = await connection.exchange({
      method: "GET",
      target,
      headers: [
        ["Host", enabler.serverName],
        ["User-Agent", USER_AGENT],
      ],
    });
    if (!outcome.ok) return { served: false, challenged: false, how: describeEnding(outcome.ending) };
    const { response } = outcome;
    return {
      served: serves(response),
      challenged: response.status === 401,
      how: `status ${response.status}`,
    };
  } finally {
    await connection.close();
  }
}
