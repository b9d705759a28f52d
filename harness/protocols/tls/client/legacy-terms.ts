/** What both hellos settle up to TLS 1.2, and the protection of records that follows from it. */
import { ALERT, TlsAlertError } from "../alert.ts";
import { algorithmsOf, macOctets, type SuiteAlgorithms } from "../algorithms.ts";
import { connectionKeys, type DirectionKeys } from "../keys/prf.ts";
import {
  extensionValue,
  findExtension,
  protocolsLayout,
  renegotiationLayout,
} from "../messages/extensions.ts";
import type { ServerHello } from "../messages/handshake.ts";
import { aeadOpener12, aeadSealer12 } from "../records/aead.ts";
import { macOpener, macSealer } from "../records/cbc.ts";
import type { Opener, Sealer } from "../records/protection.ts";
import type { CipherSuite } from "../suites.ts";
import type { LegacyVersion } from "../versions.ts";
import type { SentHello } from "./client-hello.ts";
import { type Conversation, chosenSuite } from "./conversation.ts";
import { requireFitting } from "./fitting.ts";

/** What both hellos have settled. */
export interface Terms {
  readonly version: LegacyVersion;
  readonly suite: CipherSuite;
  readonly algorithms: SuiteAlgorithms;
  readonly hash: SuiteAlgorithms["hash"];
  readonly randoms: { readonly client: Buffer; readonly server: Buffer };
  readonly extendedMasterSecret: boolean;
  readonly encryptThenMac: boolean;
  readonly ticketExpected: boolean;
  readonly statusExpected: boolean;
  readonly protocol: string | undefined;
  readonly sessionId: Buffer;
}

/** @throws TlsAlertError (illegal_parameter, handshake_failure, unsupported_extension) */
export function termsOf(
  { setup }: Conversation,
  sent: SentHello,
  answer: ServerHello,
  version: LegacyVersion,
): Terms {
  const suite = chosenSuite(setup, answer.suite);
  const algorithms = algorithmsOf(suite);
  if (algorithms === undefined || algorithms.keyExchange === "any" || !suite.versions.includes(version))
    throw new TlsAlertError(
      ALERT.illegalParameter,
      `${suite.name} is none of TLS ${version} that can be carried out`,
    );
  const { extensions } = answer;
  requireFitting(sent, extensions);
  const has = (name: Parameters<typeof findExtension>[1]) => findExtension(extensions, name) !== undefined;
  const renegotiation = extensionValue(extensions, "renegotiationInfo", renegotiationLayout);
  // RFC 5746 3.4: in a first handshake it is empty.
  if (renegotiation !== undefined && renegotiation.length > 0)
    throw new TlsAlertError(ALERT.handshakeFailure, "renegotiation_info is not empty");
  return {
    version,
    suite,
    algorithms,
    hash: algorithms.hash,
    randoms: { client: sent.hello.random, server: answer.random },
    extendedMasterSecret: has("extendedMasterSecret"),
    encryptThenMac: has("encryptThenMac") && algorithms.cipher.kind === "cbc",
    ticketExpected: has("sessionTicket"),
    statusExpected: has("statusRequest"),
    protocol: extensionValue(extensions, "alpn", protocolsLayout)?.[0]?.toString("latin1"),
    sessionId: answer.sessionId,
  };
}

interface Protection {
  readonly sealer: Sealer;
  readonly opener: Opener;
}

/** Keys and protection of both directions. */
export function protectionOf(c: Conversation, terms: Terms, master: Buffer): Protection {
  const { cipher, mac } = terms.algorithms;
  const lengths = {
    mac: mac === undefined ? 0 : macOctets(mac),
    key: cipher.kind === "null" ? 0 : cipher.key,
    iv: ivOctets(terms),
  };
  const { client, server } = connectionKeys(terms, master, terms.randoms, lengths);
  if (cipher.kind === "aead") {
    const keys = ({ key, iv }: DirectionKeys) => ({ cipher, key, iv });
    return { sealer: aeadSealer12(keys(client)), opener: aeadOpener12(keys(server)) };
  }
  const { version, encryptThenMac } = terms;
  const common = { version, cipher, mac: mac ?? "sha1", encryptThenMac, random: c.setup.random };
  return {
    sealer: macSealer({ ...common, keys: client }),
    opener: macOpener({ ...common, keys: server }),
  };
}

/** Octets of IV in the key block: only the chained one of TLS 1.0, and the implicit part of an AEAD nonce. */
function ivOctets({ algorithms: { cipher }, version }: Terms): number {
  if (cipher.kind === "aead") return cipher.nonce === "explicit" ? 4 : 12;
  return cipher.kind === "cbc" && version === "1.0" ? cipher.block : 0;
}
