/** What both hellos settle up to TLS 1.2, as the client reads them. */
import { ALERT, TlsAlertError } from "../alert.ts";
import { algorithmsOf } from "../algorithms.ts";
import type { Terms } from "../connection/terms.ts";
import {
  extensionValue,
  findExtension,
  protocolsLayout,
  renegotiationLayout,
} from "../messages/extensions.ts";
import type { ServerHello } from "../messages/handshake.ts";
import type { LegacyVersion } from "../versions.ts";
import type { SentHello } from "./client-hello.ts";
import { type Conversation, chosenSuite } from "./conversation.ts";
import { requireFitting } from "./fitting.ts";

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
