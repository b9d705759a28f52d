/** Whether the extensions of a server are those that it may send. */
import { ALERT, TlsAlertError } from "../alert.ts";
import { EXTENSION, type ExtensionName } from "../messages/extensions.ts";
import type { Extension } from "../messages/handshake.ts";
import type { SentHello } from "./client-hello.ts";
import { SIGNALLING_SUITE } from "./offer.ts";

/**
 * Each extension stands once, was offered, and belongs into this message (RFC 8446 4.2, RFC 5246 7.4.1.4).
 * @param allowed what belongs into the message; absent: whatever was offered
 * @throws TlsAlertError (unsupported_extension, illegal_parameter)
 */
export function requireFitting(
  sent: SentHello,
  extensions: readonly Extension[] | undefined,
  allowed?: readonly ExtensionName[],
): void {
  const seen = new Set<number>();
  for (const { type } of extensions ?? []) {
    if (seen.has(type)) throw new TlsAlertError(ALERT.illegalParameter, `extension ${type} stands twice`);
    seen.add(type);
    // A cookie is the only one that a server sends unasked (RFC 8446 4.2.2), where it belongs.
    const unasked = type === EXTENSION.cookie && allowed?.includes("cookie") === true;
    if (!unasked && !wasOffered(sent, type))
      throw new TlsAlertError(ALERT.unsupportedExtension, `extension ${type} was not offered`);
    if (allowed !== undefined && !allowed.some((name) => EXTENSION[name] === type))
      throw new TlsAlertError(ALERT.illegalParameter, `extension ${type} does not belong into this message`);
  }
}

/** The signalling suite stands for an empty renegotiation_info (RFC 5746 3.3). */
const wasOffered = ({ hello }: SentHello, type: number): boolean =>
  hello.extensions?.some((one) => one.type === type) === true ||
  (type === EXTENSION.renegotiationInfo && hello.suites.includes(SIGNALLING_SUITE.renegotiation));
