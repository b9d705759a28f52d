import { randomBytes } from "node:crypto";
import { describe, expect, test } from "vitest";
import { newSubscriber, terminalOf } from "../testing/operator.ts";
import { type Lies, startImpostor } from "../testing/ub-impostor.ts";
import { BootstrappingError } from "./ub-client.ts";

const flipped = (octets: Buffer, at: number) => {
  octets.writeUInt8(octets.readUInt8(at) ^ 1, at);
  return octets;
};

/** What the terminal of a subscriber makes of a key manager that lies, and the requests that it sent. */
async function against(lies: Lies) {
  const subscriber = newSubscriber();
  const impostor = await startImpostor(subscriber, lies);
  const { terminal } = terminalOf(subscriber);
  const outcome = await terminal.bootstrap(impostor.keyManager).catch((error: unknown) => error);
  await impostor.allGone();
  return { outcome, requests: impostor.requests };
}

async function refusal(lies: Lies): Promise<{ message: string; requests: number }> {
  const { outcome, requests } = await against(lies);
  if (!(outcome instanceof BootstrappingError)) throw new Error(`not refused: ${outcome}`);
  return { message: outcome.message, requests: requests.length };
}

describe("the terminal on Ub", () => {
  test("is content with a key manager that does not lie", async () => {
    const { outcome, requests } = await against({});
    expect(outcome).toMatchObject({ btid: "someone@bsf.home1.example", lifetime: new Date("2040-01-01") });
    expect(requests).toHaveLength(2);
    expect(requests[0]).toMatch(/^GET \/ HTTP\/1\.1\r\n/);
    // TS 24.109 annex A.3: the first request names the user and proves nothing.
    expect(requests[0]).toMatch(/nonce="", uri="\/", response=""/);
    expect(requests[1]).toMatch(/qop=auth-int, nc=00000001, cnonce="[0-9a-f]{32}", response="[0-9a-f]{32}"/);
    expect(requests[1]).toMatch(/opaque="o", algorithm=AKAv1-MD5/);
  });

  describe("does not believe in a B-TID without rspauth of the network", () => {
    const proof = "Ub 200: Authentication-Info does not prove the network (rspauth)";
    test.each<[string, Lies]>([
      ["Authentication-Info is missing", { info: () => undefined }],
      ["rspauth is missing", { info: (right) => right.replace(/rspauth="[^"]*", /, "") }],
      ["rspauth is empty", { info: () => 'rspauth=""' }],
      ["rspauth is of another key", { info: () => `rspauth="${randomBytes(16).toString("hex")}"` }],
      ["rspauth has its last digit missing", { info: (_, right) => `rspauth="${right.slice(0, -1)}"` }],
      [
        "rspauth is in upper case",
        { info: (_, right) => `rspauth="${right.replace(/^/, "F").slice(0, 32)}"` },
      ],
      [
        "the body is another than the one that was proved",
        { body: (right) => right.replace("someone", "another"), proofOfRightBody: true },
      ],
    ])("%s", async (_, lies) => {
      expect(await refusal(lies)).toEqual({ message: proof, requests: 2 });
    });
  });

  describe("tells nothing to a network that AUTN does not prove", () => {
    test.each<[string, Lies]>([
      ["MAC-A is another", { autn: (right) => flipped(right, 15) }],
      ["AMF is another", { autn: (right) => flipped(right, 7) }],
      ["SQN is another", { autn: (right) => flipped(right, 5) }],
    ])("%s", async (_, lies) => {
      const { message, requests } = await refusal(lies);
      expect(message).toContain("AUTN does not authenticate the network");
      expect(requests).toBe(1);
    });
  });

  test("resynchronises once, not as often as a key manager likes", async () => {
    const { message, requests } = await refusal({ sqn: Buffer.alloc(6) });
    expect(message).toBe("Ub: the key manager did not take the resynchronisation");
    expect(requests).toBe(2);
  });

  describe("names the message that is wrong, whatever it holds", () => {
    test.each<[string, Lies, RegExp]>([
      [
        "another status",
        { first: () => "HTTP/1.1 500 X\r\nContent-Length: 0\r\n\r\n" },
        /^Ub: 500 instead of a chal/,
      ],
      [
        "no challenge",
        { first: () => "HTTP/1.1 401 X\r\nContent-Length: 0\r\n\r\n" },
        /^Ub 401: no challenge/,
      ],
      ["a challenge that is none", { challenge: () => 'Digest realm="' }, /^Ub 401: /],
      [
        "another scheme",
        { challenge: () => "Basic realm=x" },
        /^Ub 401: no challenge with algorithm AKAv1-MD5/,
      ],
      ["another algorithm", { challenge: (right) => right.replace("AKAv1-MD5", "MD5") }, /AKAv1-MD5/],
      [
        "another realm",
        { challenge: (right) => right.replace("bsf.", "bsf2.") },
        /^Ub 401: the realm is not/,
      ],
      ["no nonce", { challenge: (right) => right.replace(/nonce="[^"]*", /, "") }, /^Ub 401: /],
      ["a nonce that is no base64", { nonce: () => "%%%" }, /^Ub 401: the nonce is not base64/],
      [
        "a short nonce",
        { nonce: () => randomBytes(31).toString("base64") },
        /^Ub 401: the nonce holds 31 octets/,
      ],
      ["a long nonce", { nonce: () => "A".repeat(9000) }, /^Ub 401: the nonce has 9000/],
      ["another end", { status: 302 }, /^Ub: 302 instead of 200/],
      ["Authentication-Info that is none", { info: () => 'rspauth="' }, /^Ub 200: /],
      ["no XML", { body: () => "<html>" }, /^Ub 200: /],
      ["no B-TID", { body: (right) => right.replace(/<btid>.*<\/btid>/, "") }, /^Ub 200: .*btid/],
      ["a lifetime that is none", { body: (right) => right.replace("2040", "soon") }, /^Ub 200: .*lifetime/],
      ["garbage", { first: () => "\0\0\0\0" }, /^Ub: protocol error/],
    ])("%s", async (_, lies, message) => {
      expect((await refusal(lies)).message).toMatch(message);
    });
  });
});
