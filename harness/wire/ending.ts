import type { Ending } from "./observer.ts";

const ALERT_PATTERN = /SSL alert number (\d{1,3})/;
/** `thread:error:code:library:function:reason:file:line:`, as OpenSSL puts it; the thread differs from run to run. */
const OPENSSL_ERROR = /[0-9A-F]+:error:[0-9A-F]+:[^:]*:[^:]*:([^:]+):[^:]*:\d+:/;
const RESET_CODES: readonly string[] = ["ECONNRESET", "EPIPE", "ECONNABORTED"];
const CLOSED_CODES: readonly string[] = ["UND_ERR_SOCKET", "UND_ERR_CLOSED", "UND_ERR_DESTROYED"];

function codeOf(error: unknown): string {
  if (error instanceof Error && "code" in error && typeof error.code === "string") return error.code;
  return "";
}

/**
 * Node reports a peer that ends the connection in the middle of a handshake as ECONNRESET too; only a reset
 * segment comes from a system call.
 */
function isSystemError(error: unknown): boolean {
  return error instanceof Error && "syscall" in error;
}

/** The peer ended TLS with this alert. */
export class AlertReceived extends Error {
  override readonly name = "AlertReceived";
  readonly alert: number;

  constructor(alert: number) {
    super(`alert ${alert}`);
    this.alert = alert;
  }
}

/**
 * Reads how the peer ended things from an error of Node's sockets, TLS or HTTP parser.
 * Node shows the number of a received alert in the text of the error only.
 */
export function endingOfError(error: unknown): Ending {
  if (error instanceof AlertReceived) return { kind: "alert", alert: error.alert };
  const text = error instanceof Error ? error.message : String(error);
  const alert = ALERT_PATTERN.exec(text)?.[1];
  if (alert !== undefined) return { kind: "alert", alert: Number(alert) };
  const cause = error instanceof Error ? error.cause : undefined;
  const code = codeOf(error);
  if (code === "ECONNRESET" && !isSystemError(error)) return { kind: "closed" };
  if (RESET_CODES.includes(code)) return { kind: "reset" };
  if (cause instanceof Error && CLOSED_CODES.includes(code)) return endingOfError(cause);
  if (CLOSED_CODES.includes(code)) return { kind: "closed" };
  const told = OPENSSL_ERROR.exec(text)?.[1] ?? text;
  return { kind: "protocol-error", text: firstLine(code === "" ? told : `${code} ${told}`) };
}

function firstLine(text: string): string {
  return (text.split("\n", 1)[0] ?? "").slice(0, 300);
}
