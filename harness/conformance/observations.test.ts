import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import { describe, expect, it, onTestFinished } from "vitest";
import type { ApplicationRequest } from "../roles/terminal/index.ts";
import { MAX_BODY } from "../wire/http-message.ts";
import { observe, readState, readView, tokenState } from "./observations.ts";
import { access, answers, ends } from "./testing/accesses.ts";
import { Inconclusive } from "./verdict.ts";

const USER = { url: "/identity", extract: { json: "/user" } } as const;
const BOUND_MS = 2_000;

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("no port");
  return `http://127.0.0.1:${address.port}`;
}

describe("observe", () => {
  it("asks over the terminal's own connection, with the headers of the application", async () => {
    const asked: ApplicationRequest[] = [];
    const one = access((request) => {
      asked.push(request);
      return answers(200, '{"user":"alice"}');
    });
    expect(await observe(one, { ...USER, headers: [["X-A", "1"]] }, BOUND_MS)).toBe("alice");
    expect(asked).toEqual([{ method: "GET", target: "/identity", headers: [["X-A", "1"]] }]);
  });

  it.each([answers(404, '{"user":"alice"}'), answers(302, '{"user":"alice"}'), answers(200, "{}"), ends()])(
    "is told nothing by %o",
    async (outcome) => {
      expect(
        await observe(
          access(() => outcome),
          USER,
          BOUND_MS,
        ),
      ).toBeUndefined();
    },
  );

  it("asks an absolute URL itself, and not the terminal", async () => {
    const origin = await serve((request, reply) => reply.end(JSON.stringify({ user: request.url })));
    const never = access(() => {
      throw new Error("asked over the connection of the terminal");
    });
    expect(await observe(never, { ...USER, url: `${origin}/a` }, BOUND_MS)).toBe("/a");
  });

  it("is inconclusive when its own URL does not answer: that is no fault of the system", async () => {
    const silent = await serve(() => undefined);
    const reset = await serve((request) => request.socket.destroy());
    for (const url of [silent, reset]) {
      const reading = observe(
        access(() => ends()),
        { ...USER, url: `${url}/a` },
        200,
      );
      await expect(reading).rejects.toThrow(Inconclusive);
      await expect(reading).rejects.toThrow(url);
    }
  });

  it("does not read an endless body", async () => {
    let closed = false;
    const origin = await serve((_, reply) => {
      reply.on("close", () => {
        closed = true;
      });
      const more = () => {
        while (!reply.destroyed && reply.write("x".repeat(16_384)));
      };
      reply.on("drain", more);
      more();
    });
    const place = { url: `${origin}/`, extract: { pattern: "^(x+)" } };
    const got = await observe(
      access(() => ends()),
      place,
      10_000,
    );
    expect(got?.length).toBeLessThanOrEqual(MAX_BODY);
    await expect.poll(() => closed).toBe(true);
  });
});

describe("readState", () => {
  const state = tokenState({
    change: { method: "POST", path: "/counters/{token}", body: "for {token}" },
    read: { url: "/counters/{token}", extract: { json: "/count" } },
  });

  it("names its own token everywhere, another one each time", () => {
    const token = /^\/counters\/([0-9a-f]{16})$/.exec(state.change.target)?.[1];
    expect(state.change).toEqual({ method: "POST", target: `/counters/${token}`, body: `for ${token}` });
    expect(state.at.url).toBe(`/counters/${token}`);
    const fields = { change: { method: "POST", path: "{token}" }, read: { url: "/", extract: { json: "" } } };
    expect(tokenState(fields).change.target).not.toBe(tokenState(fields).change.target);
  });

  it.each([
    [answers(200, '{"count":3}'), "3"],
    [answers(200, "{}"), undefined],
    [answers(404), undefined],
    [answers(410), undefined],
  ])("%o is read as %j", async (outcome, value) => {
    expect(
      await readState(
        access(() => outcome),
        state,
        BOUND_MS,
      ),
    ).toBe(value);
  });

  it.each([ends(), ends({ kind: "timeout", ms: 5 }), answers(500), answers(401), answers(302)])(
    "%o is no state: inconclusive, with the place that could not be read",
    async (outcome) => {
      const reading = readState(
        access(() => outcome),
        state,
        BOUND_MS,
      );
      await expect(reading).rejects.toThrow(Inconclusive);
      await expect(reading).rejects.toThrow(state.at.url);
    },
  );
});

describe("readView", () => {
  const VIEW = { path: "/view", tells: { btid: { json: "/key" }, version: { header: "X-TLS" } } } as const;

  it("reads each field that the IXIT names, over the connection that it is about", async () => {
    const asked: ApplicationRequest[] = [];
    const one = access((request) => {
      asked.push(request);
      return answers(200, '{"key":"a@b","user":"alice"}');
    });
    expect(await readView(one, VIEW)).toEqual(
      new Map([
        ["version", undefined],
        ["btid", "a@b"],
      ]),
    );
    expect(asked).toEqual([{ method: "GET", target: "/view" }]);
  });

  it("is nothing without a view, and an error where there should be one", async () => {
    const lost = access(() => answers(404));
    expect(await readView(lost, undefined)).toBeUndefined();
    await expect(readView(lost, VIEW)).rejects.toThrow("/view (IXIT resources.view): status 404");
    await expect(
      readView(
        access(() => ends()),
        VIEW,
      ),
    ).rejects.toThrow("/view (IXIT resources.view): connection closed");
  });
});
