import type { ZnAnswer } from "./steering.ts";
import type { UbStep } from "./ub-server.ts";
import type { KeyRequest } from "./zn-reaction.ts";

/** What happens at the key manager, as it happens. Text of it may hold data of the peer. */
export type KeyManagerActivity =
  | { readonly kind: "ub"; readonly impi: string; readonly step: UbStep }
  /** A request on Ub that named no subscriber, or none that is known. */
  | { readonly kind: "ub-refused"; readonly status: number; readonly problem: string }
  | { readonly kind: "bootstrapped"; readonly btid: string; readonly impi: string; readonly expiry: Date }
  | { readonly kind: "zn"; readonly request: KeyRequest; readonly answer: ZnAnswer; readonly expiry?: Date }
  /** A message on Zn that the binding does not allow. */
  | { readonly kind: "zn-malformed"; readonly problem: string }
  /** A TLS handshake on Zn that was not completed: an OpenSSL or verification error. */
  | { readonly kind: "zn-refused"; readonly problem: string };
