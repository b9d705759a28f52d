import type { Association } from "../association.ts";
import { conforming } from "../policy/conforming.ts";
import type { OwnTls } from "../ways-in/own-tls.ts";
import type { Fault } from "./fault.ts";

/** Number of the extension (RFC 5746 3.2). */
const RENEGOTIATION_INFO = 0xff01;

/** Defects in the states of the handshake and in what it agrees upon, of both ways in. */
export const handshakeFaults: readonly Fault[] = [
  {
    id: "tls-accepts-any-finished",
    title:
      "what Finished says is not looked at, so that nobody knows whether both ends saw the same handshake",
    requirements: ["1.1", "5.1"],
    change: () => ({ ownTls: { laxity: { anyFinished: true } } }),
  },
  {
    id: "tls-data-for-finished",
    title: "data that comes before Finished, or instead of it, is served",
    requirements: ["1.1", "5.1"],
    change: () => ({ ownTls: { laxity: { dataForFinished: true } } }),
  },
  {
    id: "tls-skips-unexpected",
    title: "messages that are not due are passed over",
    requirements: ["1.1", "5.1"],
    change: () => ({ ownTls: { laxity: { skipsUnexpected: true } } }),
  },
  {
    id: "tls-binder-unverified",
    title: "the binder of a pre-shared key is not looked at",
    requirements: ["1.1", "5.1"],
    change: () => ({ ownTls: { laxity: { anyBinder: true } } }),
  },
  {
    id: "tls-any-share",
    title: "shares are computed with as they come, so that everybody knows the secret that was agreed",
    requirements: ["5.1"],
    change: () => ({ ownTls: { laxity: { anyShare: true } } }),
  },
  {
    id: "tls-random-repeats",
    title: "random numbers are the same each time, and with them shares and IVs",
    // What another connection said fits into this one then.
    requirements: ["5.1", "1.1", "1.4"],
    change: () => ({ ownTls: { random: (octets) => Buffer.alloc(octets, 0x5a) } }),
  },
  {
    id: "tls-shares-repeat",
    title: "one share is used for all connections, so that whoever learns it later reads them all",
    requirements: ["5.1"],
    change: () => ({ ownTls: { randomOfShares: (octets) => Buffer.alloc(octets, 0x5a) } }),
  },
  {
    id: "tls-nonces-repeat",
    title:
      "the nonce of each record of GCM is the same, so that two records tell of each other and tags can be made",
    requirements: ["5.1"],
    change: () => ({ ownTls: { laxity: { repeatsNonces: true } } }),
  },
  {
    id: "tls-tells-padding",
    title: "wrong padding has an alert of its own, so that what was said can be guessed octet by octet",
    requirements: ["4.1"],
    alsoShownBy: "reference-diameter",
    change: () => ({ ownTls: { laxity: { tellsPadding: true } } }),
  },
  {
    id: "psk-avoids-shares",
    title:
      "TLS 1.3 agrees no fresh secret although the terminal lets it, so that the key opens all that was said",
    requirements: ["5.1"],
    change: () => ({ ownTls: { laxity: { avoidsShares: true } } }),
  },
  {
    id: "tls-downgrades-silently",
    title: "nothing tells that a newer version was possible",
    requirements: ["5.1"],
    change: () => ({ ownTls: { laxity: { downgrades: true } } }),
  },
  {
    id: "tls-tickets-of-memory",
    title: "tickets hold what was said before, and up to TLS 1.2 nothing protects them",
    requirements: ["4.1"],
    change: () => ({ ownTls: { memory: [] } }),
  },
  {
    id: "tls-renegotiates-unbound",
    title: "a second handshake need not say to which one before it belongs",
    requirements: ["5.1"],
    change: () => ({ ownTls: { secondHandshakes: { laxity: { anyRenegotiationInfo: true } } } }),
  },
  {
    id: "tls-renegotiates-without-binding",
    title: "the answer in a second handshake does not say to which one before it belongs",
    requirements: [],
    clauses: ["RFC 5746 3.7"],
    change: () => ({ ownTls: { secondHandshakes: {}, hooks: emptyBinding } }),
  },
  {
    id: "tls-renegotiates-any-finished",
    title: "what Finished of a second handshake says is not looked at",
    requirements: ["1.1", "5.1"],
    change: () => ({ ownTls: { secondHandshakes: { laxity: { anyFinished: true } } } }),
  },
  {
    id: "psk-renegotiates-as-first-user",
    title: "a connection remains the first user's, whoever proves his key in a second handshake",
    requirements: ["1.1", "5.1"],
    change: () => ({ ownTls: { secondHandshakes: { legacy: true, keepsUser: true } } }),
  },
  {
    id: "psk-renegotiates-with-first-key",
    title: "who is named in a second handshake is believed with the key of the first",
    requirements: ["1.1", "5.1"],
    change: () => ({ ownTls: { secondHandshakes: { keepsKey: true } } }),
  },
  {
    id: "psk-renegotiates-beyond-expiry",
    title: "behind a second handshake it is forgotten when the key expires",
    requirements: ["5.1"],
    change: () => ({ ownTls: { secondHandshakes: { forgetsExpiry: true } } }),
  },
  {
    id: "psk-resumes-expired",
    title: "a session goes on when the key that it was made with has expired",
    requirements: ["5.1"],
    change: () => ({
      refusesResumption: ({ serverName }, named) => (serverName === named ? undefined : "another name"),
      hasExpired: (expiresAt, now, wayIn, moment) =>
        moment !== "later" && conforming.hasExpired(expiresAt, now, wayIn, moment),
    }),
  },
  {
    id: "psk-resumes-for-any-name",
    title: "a session goes on under another name of the enabler than the one that it was made for",
    requirements: ["5.1"],
    change: () => ({
      refusesResumption: (session, _named, now) =>
        conforming.refusesResumption(session, session.serverName, now),
    }),
  },
  {
    id: "psk-resumes-as-latest-user",
    title: "a session that goes on is taken for that of the user who came last",
    requirements: ["1.1", "5.1"],
    change: resumesAsLatest,
  },
];

/** Hooks of one connection: renegotiation_info is empty in each ServerHello. */
const emptyBinding: NonNullable<OwnTls["hooks"]> = () => ({
  serverHello: ({ extensions, ...hello }) => ({
    ...hello,
    extensions: extensions?.map(({ type, data }) =>
      type === RENEGOTIATION_INFO ? { type, data: Buffer.of(0) } : { type, data },
    ),
  }),
});

/** A policy that knows whose the latest key was. */
function resumesAsLatest(): ReturnType<Fault["change"]> {
  let latest: Association | undefined;
  return {
    async choosePsk(attempt) {
      const choice = await conforming.choosePsk(attempt);
      if (choice.kind === "key") latest = choice.association;
      return choice;
    },
    resumedAs: (prepared) => (latest === undefined ? prepared : { ...prepared, association: latest }),
  };
}
