/** The server's flight between ServerHello and ServerHelloDone (RFC 5246 7.3). */
import type { KeyObject } from "node:crypto";
import { ALERT, TlsAlertError } from "../alert.ts";
import type { KeyExchange } from "../algorithms.ts";
import { is } from "../connection/messages.ts";
import type { Terms } from "../connection/terms.ts";
import { publicKeyOf } from "../keys/signature.ts";
import { decode } from "../layout/layout.ts";
import {
  certificateLayout,
  certificateRequest12Layout,
  certificateRequestLayout,
  certificateStatusLayout,
  type HandshakeName,
} from "../messages/handshake.ts";
import { type Conversation, expectMessage, type Handshake } from "./conversation.ts";
import { NO_SERVER_PART, readServerPart, type ServerPart, serverPart } from "./legacy-secrets.ts";

export interface ServerFlight {
  readonly certificates: readonly Buffer[];
  readonly key: KeyObject | undefined;
  readonly staple: Buffer | undefined;
  readonly part: ServerPart;
  /** What a CertificateRequest accepts; undefined: there was none. */
  readonly request: { readonly schemes: readonly number[] } | undefined;
}

const showsCertificate = (exchange: KeyExchange): boolean =>
  !exchange.endsWith("PSK") || exchange === "RSA_PSK";

/** [Certificate [CertificateStatus]] [ServerKeyExchange] [CertificateRequest] ServerHelloDone. @throws TlsAlertError */
export function* serverFlight(c: Conversation, terms: Terms): Handshake<ServerFlight> {
  const { version, randoms, algorithms } = terms;
  const exchange = algorithms.keyExchange;
  const byCertificate = showsCertificate(exchange);
  const certificates = byCertificate ? yield* chain(c) : [];
  const [own] = certificates;
  const key = own === undefined ? undefined : publicKeyOf(own);
  const next = afterCertificate(exchange);
  // RFC 6066 8: a server that promised a status may still leave it out.
  let message = yield* expectMessage(
    c,
    ...next,
    ...(terms.statusExpected && byCertificate ? (["certificateStatus"] as const) : []),
  );
  let staple: Buffer | undefined;
  if (is(message, "certificateStatus")) {
    staple = decode(certificateStatusLayout, message.body).response;
    message = yield* expectMessage(c, ...next);
  }
  let part = NO_SERVER_PART;
  if (is(message, "serverKeyExchange")) {
    const { random, hooks } = c.setup;
    part = readServerPart(message.body, { exchange, version, randoms, key, random, hooks });
    message = yield* expectMessage(c, "certificateRequest", "serverHelloDone");
  }
  let request: ServerFlight["request"];
  if (is(message, "certificateRequest")) {
    // RFC 5246 7.4.4, RFC 4279 2: a server that shows no certificate asks for none.
    if (!byCertificate)
      throw new TlsAlertError(
        ALERT.handshakeFailure,
        "a certificate is asked for in a handshake without one",
      );
    request =
      version === "1.2"
        ? decode(certificateRequest12Layout, message.body)
        : { schemes: [], ...decode(certificateRequestLayout, message.body) };
    message = yield* expectMessage(c, "serverHelloDone");
  }
  if (message.body.length > 0) throw new TlsAlertError(ALERT.decodeError, "ServerHelloDone is not empty");
  return { certificates, key, staple, part, request };
}

function* chain(c: Conversation): Handshake<readonly Buffer[]> {
  const certificates = decode(certificateLayout, (yield* expectMessage(c, "certificate")).body);
  if (certificates.length === 0) throw new TlsAlertError(ALERT.decodeError, "the server has no certificate");
  return certificates;
}

/** What may follow Certificate, or ServerHello where there is none. */
function afterCertificate(exchange: KeyExchange): readonly HandshakeName[] {
  const wanted = serverPart(exchange);
  if (wanted === "always") return ["serverKeyExchange"];
  const others = ["certificateRequest", "serverHelloDone"] as const;
  return wanted === "never" ? others : ["serverKeyExchange", ...others];
}
