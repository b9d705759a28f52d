import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Transcript } from "./transcript.ts";

const WHERE = { from: "terminal", to: "enabler" } as const;

function ofBody(body: string, headers: readonly (readonly [string, string])[] = []): string {
  const transcript = new Transcript();
  transcript.event({ kind: "http", ...WHERE, startLine: "HTTP/1.1 200", headers, body });
  return transcript.toString();
}

describe("Transcript", () => {
  it("tells what happened, line by line, with the time since its begin", () => {
    const transcript = new Transcript();
    transcript.event({ kind: "connection", ...WHERE, text: "TCP to 127.0.0.1:443" });
    transcript.event({ kind: "handshake", ...WHERE, text: "TLS 1.3" });
    transcript.event({
      kind: "http",
      ...WHERE,
      startLine: "GET / HTTP/1.1",
      headers: [["Host", "naf.example"]],
      body: "hello",
    });
    transcript.event({ kind: "ending", ...WHERE, ending: { kind: "alert", alert: 40 } });
    transcript.note("check 1.1 (must): served: passed");
    const time = /^ *\d+\.\d{3} {2}/;
    const texts = transcript.toString().split("\n");
    expect(texts.filter((line) => time.test(line)).map((line) => line.replace(time, ""))).toEqual([
      "terminal -> enabler: TCP to 127.0.0.1:443",
      "terminal -> enabler: TLS 1.3",
      "terminal -> enabler: GET / HTTP/1.1",
      "terminal -> enabler: alert 40 handshake_failure",
      "check 1.1 (must): served: passed",
    ]);
    expect(texts.map((line) => line.trim())).toContain("Host: naf.example");
    expect(texts.map((line) => line.trim())).toContain("hello");
  });

  it("shows what would steer a terminal or hide from a reader", () => {
    const text = ofBody("\u001b[2J\r\u0007 \u202e\u2066\u200b\u2028\u0085 \u{e0041}", [
      ["X-\u001b]0;owned\u0007", "\u009b31m"],
    ]);
    expect(text).toContain("\\u001b[2J\\u000d\\u0007 \\u202e\\u2066\\u200b\\u2028\\u0085 \\u{e0041}");
    expect(text).toContain("X-\\u001b]0;owned\\u0007: \\u009b31m");
  });

  it("holds no control character but its own line feeds, whatever a peer sent", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }), (body, value) => {
        const text = ofBody(body, [[value, value]]);
        expect(text.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
      }),
    );
  });

  it("sets lines of a peer apart from its own", () => {
    const text = ofBody("x\n   0.001  check 1.1 (must): served: passed");
    const own = text.split("\n").filter((line) => /^ {0,8}\d/.test(line));
    expect(own).toHaveLength(1);
  });

  it("cuts long values and says how long they were", () => {
    const text = ofBody("b".repeat(5_000), [["X-Long", "h".repeat(3_000)]]);
    expect(text).toContain(`${"b".repeat(2_000)}… (5000 characters)`);
    expect(text).toContain(`X-Long: ${"h".repeat(2_000)}… (3000 characters)`);
    expect(text.length).toBeLessThan(4_500);
  });

  it("is bounded as a whole and says that it ends", () => {
    const transcript = new Transcript();
    for (let i = 0; i < 1_000; i++) transcript.note(`${i} ${"x".repeat(1_000)}`);
    transcript.note("y".repeat(10_000_000));
    const text = transcript.toString();
    expect(text.length).toBeLessThan(270_000);
    expect(text.match(/the transcript ends here/g)).toHaveLength(1);
  });
});
