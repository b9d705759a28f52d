/** Parties that stand in a ladder diagram. */
export type Party = "terminal" | "enabler" | "key manager" | "harness";

/** How a connection or an exchange came to its end, as far as this side can see. */
export type Ending =
  | { readonly kind: "alert"; readonly alert: number }
  | { readonly kind: "closed" }
  | { readonly kind: "reset" }
  | { readonly kind: "timeout"; readonly ms: number }
  /** What arrived was neither TLS nor HTTP, or broke one of our limits. */
  | { readonly kind: "protocol-error"; readonly text: string }
  /** TCP did not connect. */
  | { readonly kind: "unreachable"; readonly text: string }
  /** This side ended it: a certificate that it does not trust, a case that was stopped. */
  | { readonly kind: "given-up"; readonly text: string };

export type WireEvent =
  | { readonly kind: "connection"; readonly from: Party; readonly to: Party; readonly text: string }
  | { readonly kind: "handshake"; readonly from: Party; readonly to: Party; readonly text: string }
  | {
      readonly kind: "http";
      readonly from: Party;
      readonly to: Party;
      /** Request or status line. */
      readonly startLine: string;
      readonly headers: readonly (readonly [name: string, value: string])[];
      readonly body: string;
    }
  | { readonly kind: "ending"; readonly from: Party; readonly to: Party; readonly ending: Ending };

/** Receives what happens on the wire; the layer above makes evidence of it. */
export interface Observer {
  event(event: WireEvent): void;
}

export const ALERT_NAMES: Readonly<Record<number, string>> = {
  0: "close_notify",
  10: "unexpected_message",
  20: "bad_record_mac",
  21: "decryption_failed",
  22: "record_overflow",
  40: "handshake_failure",
  42: "bad_certificate",
  43: "unsupported_certificate",
  44: "certificate_revoked",
  45: "certificate_expired",
  46: "certificate_unknown",
  47: "illegal_parameter",
  48: "unknown_ca",
  49: "access_denied",
  50: "decode_error",
  51: "decrypt_error",
  70: "protocol_version",
  71: "insufficient_security",
  80: "internal_error",
  86: "inappropriate_fallback",
  90: "user_canceled",
  100: "no_renegotiation",
  109: "missing_extension",
  110: "unsupported_extension",
  112: "unrecognized_name",
  115: "unknown_psk_identity",
  116: "certificate_required",
  120: "no_application_protocol",
};

/** One line for people; data of the peer in it is not escaped. */
export function describeEnding(ending: Ending): string {
  switch (ending.kind) {
    case "alert":
      return `alert ${ending.alert} ${ALERT_NAMES[ending.alert] ?? "(unassigned)"}`;
    case "closed":
      return "connection closed";
    case "reset":
      return "connection reset";
    case "timeout":
      return `no answer within ${ending.ms} ms`;
    case "protocol-error":
      return `protocol error: ${ending.text}`;
    case "unreachable":
      return `not reachable: ${ending.text}`;
    case "given-up":
      return `ended by the harness: ${ending.text}`;
  }
}
