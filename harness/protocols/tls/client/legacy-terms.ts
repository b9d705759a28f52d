/** What both hellos settle up to TLS 1.2, as the client reads them. */
import { ALERT, TlsAlertError } from "../alert.ts";
import { algorithmsOf } from "../algorithms.ts";
import type { Terms } from "../connection/terms.ts";
import { encode } from "../layout/layout.ts";
import {
  EXTENSION,
  extensionValue,
  findExtension,
  protocolsLayout,
  renegotiationLayout,
} from "../messages/extensions.ts";
import type { Extension, ServerHello } from "../messages/handshake.ts";
import type { LegacyVersion } from "../versions.ts";
import type { SentHello } from "./client-hello.ts";
import { type Conversation, chosenSuite } from "./conversation.ts";
import { requireFitting } from "./fitting.ts";

/** The text with which the client ends a handshake that the server does not bind to the one before (RFC 5746 3.5). */
export const UNBOUND = "renegotiation_info does not say which handshake was before";

/** @throws TlsAlertError (illegal_parameter, handshake_failure, unsupported_extension) */
export function termsOf(
  { setup, before }: Conversation,
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
  const extensions = bound(before, sent, answer);
  requireFitting(sent, extensions);
  const has = (name: Parameters<typeof findExtension>[1]) => findExtension(extensions, name) !== undefined;
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
    secureRenegotiation: has("renegotiationInfo"),
    protocol: extensionValue(extensions, "alpn", protocolsLayout)?.[0]?.toString("latin1"),
    sessionId: answer.sessionId,
  };
}

/**
 * The extensions of a ServerHello, whose renegotiation_info binds it to the handshake before. Who was told something wrong
 * need not say what is right: then it is left out, whatever it is.
 * @throws TlsAlertError (handshake_failure)
 */
function bound(
  before: Conversation["before"],
  { hello }: SentHello,
  { extensions }: ServerHello,
): readonly Extension[] | undefined {
  const said = extensionValue(extensions, "renegotiationInfo", renegotiationLayout);
  const own = findExtension(hello.extensions, "renegotiationInfo")?.data;
  if (before !== undefined && !isRight(own, before))
    return extensions?.filter(({ type }) => type !== EXTENSION.renegotiationInfo);
  const due = dueOf(before);
  // RFC 5746 3.4: a server of a first handshake may know nothing of it.
  const fits = said === undefined ? before === undefined || due === undefined : due?.equals(said) === true;
  if (fits) return extensions;
  throw new TlsAlertError(ALERT.handshakeFailure, UNBOUND);
}

const isRight = (own: Buffer | undefined, { finished }: NonNullable<Conversation["before"]>): boolean =>
  own?.equals(encode(renegotiationLayout, finished.client)) === true;

/** What a ServerHello says (RFC 5746 3.4, 3.5, 4.2); undefined: it says nothing. */
function dueOf(before: Conversation["before"]): Buffer | undefined {
  if (before === undefined) return Buffer.alloc(0);
  const { finished, secureRenegotiation } = before;
  return secureRenegotiation ? Buffer.concat([finished.client, finished.server]) : undefined;
}
