import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { Accepted, PskQuery } from "../../../harness/protocols/tls/index.ts";
import { serveEngine } from "../../../harness/wire/engine/engine-listener.ts";
import { type Association, identityOf } from "../association.ts";
import { UA_SHARED_KEY_TLS_13, uaOfSuiteCode } from "../tls/suites.ts";
import { engineSetup, linkOfAccepted, type OwnTls, remembering } from "./own-tls.ts";
import type { PskTlsParts, Session } from "./psk-tls.ts";

const TOPIC = "uc1.psk-tls";
const HANDSHAKE_MS = 10_000;

/** What becomes of a connection: it is served, and later another user's. */
interface Served {
  serve(stream: Duplex, session: Session): void;
  change(stream: Duplex, session: Session): void;
}

/** uc1.psk-tls with a TLS that has a defect which OpenSSL has not. */
export function acceptPskOverOwnTls(
  socket: Socket,
  own: OwnTls,
  parts: PskTlsParts,
  { serve, change }: Served,
): void {
  const { policy, versions } = parts;
  const peer = socket.remoteAddress ?? "";
  let association: Association | undefined;
  let first: Association | undefined;
  const { keepsUser, keepsKey, forgetsExpiry } = own.secondHandshakes ?? {};
  const find = async (query: PskQuery) => {
    association = await associationOf(parts, query, peer);
    first ??= association;
    return association === undefined || keepsKey !== true ? association?.key : first?.key;
  };
  const sessionOf = (whose: Association, established: Accepted): Session => ({
    identity: identityOf(whose),
    expiresAt: whose.expiresAt,
    link: policy.linkTold(linkOfAccepted(established, peer)),
    requests: 0,
  });
  const accepted = policy.tlsVersions(TOPIC, versions);
  const setup = engineSetup(own, { versions: accepted, suites: policy.pskSuites });
  const hint = policy.pskHint === undefined ? {} : { hint: Buffer.from(policy.pskHint) };
  const events = {
    ...remembering(own),
    connection: (stream: Duplex, established: Accepted) => {
      if (association !== undefined) serve(stream, sessionOf(association, established));
    },
    renegotiated: (stream: Duplex, established: Accepted) => {
      const whose = keepsUser === true ? first : association;
      if (whose === undefined) return;
      const session = sessionOf(whose, established);
      change(stream, forgetsExpiry === true ? { ...session, expiresAt: undefined } : session);
    },
  };
  serveEngine(socket, { ...setup, psk: { ...hint, find } }, events, policy.handshakeBoundMs ?? HANDSHAKE_MS);
}

async function associationOf(
  { policy, serverNames, obtain }: PskTlsParts,
  { identity, version, suite, serverName }: PskQuery,
  peer: string,
): Promise<Association | undefined> {
  const nafFqdn = policy.nafFqdn(serverName, serverNames);
  const text = policy.identityText(identity);
  const btid = text === undefined ? undefined : policy.btidOf(text);
  if (nafFqdn === undefined || btid === undefined) return undefined;
  const ua = version === "1.3" ? UA_SHARED_KEY_TLS_13 : uaOfSuiteCode(suite.code);
  const choice = await policy.choosePsk({
    query: { wayIn: TOPIC, btid, nafFqdn, ua },
    tls: version === "1.0" || version === "1.1" ? "older" : version,
    proves: async () => true,
    obtain: (query) => obtain({ ...query, peer }),
  });
  return choice.kind === "refused" ? undefined : choice.association;
}
