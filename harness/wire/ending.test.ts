import { describe, expect, test } from "vitest";
import { endingOfError } from "./ending.ts";
import { ALERT_NAMES, describeEnding, type Ending } from "./observer.ts";

function error(message: string, more: Record<string, unknown> = {}): Error {
  return Object.assign(new Error(message), more);
}

describe("endingOfError", () => {
  test.each<[string, unknown, Ending]>([
    [
      "an alert, which Node puts into the text only",
      error(
        "40E7:error:0A000410:SSL routines:ssl3_read_bytes:sslv3 alert:rec_layer_s3.c:916:SSL alert number 40\n",
      ),
      { kind: "alert", alert: 40 },
    ],
    ["a reset segment", error("read ECONNRESET", { code: "ECONNRESET", syscall: "read" }), { kind: "reset" }],
    [
      "a write to a connection that is gone",
      error("write EPIPE", { code: "EPIPE", syscall: "write" }),
      { kind: "reset" },
    ],
    [
      "the end of the stream inside a handshake, which Node calls a reset",
      error("Client network socket disconnected", { code: "ECONNRESET" }),
      { kind: "closed" },
    ],
    ["undici: other side closed", error("other side closed", { code: "UND_ERR_SOCKET" }), { kind: "closed" }],
    [
      "undici: closed, with an alert as the cause",
      error("closed", { code: "UND_ERR_SOCKET", cause: error("SSL alert number 20") }),
      { kind: "alert", alert: 20 },
    ],
    [
      "what a parser does not take, its first line",
      error("Parse Error\nsecond line", { code: "HPE_INVALID_CONSTANT" }),
      { kind: "protocol-error", text: "HPE_INVALID_CONSTANT Parse Error" },
    ],
    [
      "what OpenSSL does not take, without its thread and source file",
      error(
        "C0F6FEBD287F0000:error:0A000092:SSL routines:tlsany_meth:data length too long:../deps/openssl/x.c:121:\n",
        { code: "ERR_SSL_DATA_LENGTH_TOO_LONG" },
      ),
      { kind: "protocol-error", text: "ERR_SSL_DATA_LENGTH_TOO_LONG data length too long" },
    ],
    ["no error at all", "text", { kind: "protocol-error", text: "text" }],
  ])("%s", (_, thrown, ending) => {
    expect(endingOfError(thrown)).toEqual(ending);
  });

  test("is bounded", () => {
    const ending = endingOfError(error("x".repeat(10_000)));
    expect(ending.kind === "protocol-error" && ending.text.length).toBe(300);
  });
});

describe("describeEnding", () => {
  test.each<[Ending, string]>([
    [{ kind: "alert", alert: 20 }, "alert 20 bad_record_mac"],
    [{ kind: "alert", alert: 199 }, "alert 199 (unassigned)"],
    [{ kind: "closed" }, "connection closed"],
    [{ kind: "reset" }, "connection reset"],
    [{ kind: "timeout", ms: 4000 }, "no answer within 4000 ms"],
    [{ kind: "protocol-error", text: "x" }, "protocol error: x"],
    [{ kind: "unreachable", text: "x" }, "not reachable: x"],
    [{ kind: "given-up", text: "x" }, "ended by the harness: x"],
  ])("%j", (ending, text) => {
    expect(describeEnding(ending)).toBe(text);
  });

  test("has the alerts that RFC 4279 and RFC 8446 add", () => {
    expect(ALERT_NAMES[115]).toBe("unknown_psk_identity");
    expect(ALERT_NAMES[116]).toBe("certificate_required");
  });
});
