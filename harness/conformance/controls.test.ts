import { describe, expect, it } from "vitest";
import type { Access, EntryOutcome } from "../roles/terminal/index.ts";
import { attempt } from "./attempt.ts";
import type { EnablerView, RefusalOptions, Trial } from "./case-context.ts";
import { Controls } from "./controls.ts";
import { type TokenState, tokenState } from "./observations.ts";
import { access, answers, ends, entered, refusedEntry } from "./testing/accesses.ts";
import { Inconclusive } from "./verdict.ts";

const ENABLER: EnablerView = {
  serverName: "naf.example",
  protectedResource: { method: "GET", target: "/protected" },
  get open(): never {
    throw new Error("not asked for here");
  },
  otherNaf: "other.example",
  serves: ({ status }) => status === 200,
  converseInClear: async () => ({ connected: true, answer: undefined, how: "" }),
  askOutsideTls: async () => ({ served: false, challenged: false, how: "closed" }),
};

const STATE: TokenState = tokenState({
  change: { method: "POST", path: "/counter" },
  read: { url: "/counter", extract: { json: "/count" } },
});

/** An enabler with a counter; what each entry of a control meets is told in order, the last one for ever. */
function scene(controlsMeet: readonly (EntryOutcome | "served")[] = ["served"]) {
  const log: string[] = [];
  const world = { count: 0 };
  const enabler = () =>
    access(({ method, target }) => {
      log.push(`${method} ${target}`);
      if (target === "/protected") return answers(200);
      if (method === "POST") world.count += 1;
      return answers(200, JSON.stringify({ count: world.count }));
    });
  let entries = 0;
  const enterAnew = async (): Promise<EntryOutcome> => {
    const meets = controlsMeet[Math.min(entries, controlsMeet.length - 1)];
    entries += 1;
    log.push("control");
    return meets === undefined || meets === "served" ? entered(enabler()) : meets;
  };
  const controls = new Controls({
    enabler: ENABLER,
    responseMs: 1_000,
    recoveryMs: 0,
    enterAnew,
    note: () => undefined,
  });
  const around = (trial: Trial | (() => Promise<Trial>), options: RefusalOptions = {}, state?: TokenState) =>
    controls.around(
      async () => {
        log.push("action");
        return typeof trial === "function" ? trial() : trial;
      },
      options,
      state,
    );
  return { controls, around, log, world, enabler };
}

const REFUSED: Trial = { served: false, how: "alert 40" };
const SERVED: Trial = { served: true, how: "status 200" };

describe("Controls.around", () => {
  it("calls refused what was refused between two controls that were served", async () => {
    const { around, log } = scene();
    expect(await around(REFUSED)).toEqual({ served: false, how: "alert 40", refused: true });
    expect(log).toEqual(["control", "GET /protected", "action", "control", "GET /protected"]);
  });

  it.each<[string, EntryOutcome, string]>([
    ["does not get in", refusedEntry({ kind: "alert", alert: 40 }), "alert 40"],
    [
      "cannot connect",
      refusedEntry({ kind: "unreachable", text: "ECONNREFUSED" }, false),
      "not reachable: ECONNREFUSED",
    ],
    ["is answered 403", entered(access(() => answers(403))), "status 403"],
    ["gets no answer", entered(access(() => ends({ kind: "timeout", ms: 9 }))), "no answer within 9 ms"],
  ])("is inconclusive, before or after, when the control %s", async (_, meets, how) => {
    const before = scene([meets]);
    await expect(before.around(REFUSED)).rejects.toThrow(Inconclusive);
    await expect(before.around(REFUSED)).rejects.toThrow(
      `the control before failed, so a refusal proves nothing: ${how}`,
    );
    expect(before.log).not.toContain("action");
    const after = scene(["served", meets]);
    await expect(after.around(REFUSED)).rejects.toThrow(
      `the control after failed, so a refusal proves nothing: ${how}`,
    );
  });

  it("stands by a served trial even when the control after it would fail", async () => {
    const { around, log } = scene(["served", refusedEntry()]);
    expect(await around(SERVED)).toEqual({ served: true, how: "status 200", refused: false });
    expect(log.filter((line) => line === "control")).toHaveLength(1);
  });

  it("sees a state that changed though the trial was refused", async () => {
    const { around, world } = scene();
    const trial = async () => {
      world.count += 1;
      return REFUSED;
    };
    expect(await around(trial, {}, STATE)).toEqual({
      served: false,
      refused: false,
      how: "alert 40, but the state went from 0 to 1",
    });
  });

  it("takes a state that stayed for a refusal", async () => {
    const { around, log } = scene();
    expect(await around(REFUSED, {}, STATE)).toMatchObject({ refused: true });
    expect(log.filter((line) => line === "GET /counter")).toHaveLength(2);
  });

  it("is inconclusive when the state cannot be read after it, rather than unchanged", async () => {
    let reads = 0;
    const unreadable = access(({ target }) => {
      if (target === "/protected") return answers(200);
      reads += 1;
      return reads === 1 ? answers(404) : ends();
    });
    const { around } = scene([entered(unreadable)]);
    await expect(around(REFUSED, {}, STATE)).rejects.toThrow(/counter cannot be read/);
  });

  it("restores what was disturbed, also when the action or the disturbance throws", async () => {
    const { around, log } = scene();
    const options = {
      before: async () => void log.push("before"),
      after: async () => void log.push("after"),
    };
    await around(REFUSED, options);
    expect(log.filter((line) => !line.startsWith("GET"))).toEqual([
      "control",
      "before",
      "action",
      "after",
      "control",
    ]);
    const throwing = async () => {
      throw new Inconclusive("TCP did not connect");
    };
    await expect(around(throwing, options)).rejects.toThrow("TCP did not connect");
    expect(log.at(-1)).toBe("after");
    const half = { ...options, before: async () => Promise.reject(new Error("half way")) };
    await expect(around(REFUSED, half)).rejects.toThrow("half way");
    expect(log.at(-1)).toBe("after");
  });

  it("uses the control after one refusal as the one before the next, and asks it again", async () => {
    const { around, log } = scene();
    await around(REFUSED);
    log.length = 0;
    await around(REFUSED);
    expect(log).toEqual(["GET /protected", "action", "control", "GET /protected"]);
  });

  it("does not take a connection for a control that is alive and serves no more", async () => {
    let willing = true;
    const tired = access(() => answers(willing ? 200 : 403));
    const { around } = scene(["served", entered(tired), refusedEntry()]);
    await around(REFUSED);
    willing = false;
    await expect(around(REFUSED)).rejects.toThrow("the control before failed");
  });

  it("waits for a system to recover only where something was restored", async () => {
    const meets = [entered(access(() => answers(503))), "served"] as const;
    const make = () => {
      const queue: (EntryOutcome | "served")[] = ["served", ...meets];
      const { enabler } = scene();
      return new Controls({
        enabler: ENABLER,
        responseMs: 1_000,
        recoveryMs: 60_000,
        enterAnew: async () => {
          const next = queue.shift() ?? "served";
          return next === "served" ? entered(enabler()) : next;
        },
        note: () => undefined,
      });
    };
    await expect(make().around(async () => REFUSED, {}, undefined)).rejects.toThrow("status 503");
    const restored = make().around(async () => REFUSED, { after: async () => undefined }, undefined);
    expect(await restored).toMatchObject({ refused: true });
  });
});

describe("Controls.valid", () => {
  it("gives a terminal that is being served now, the same as long as it is", async () => {
    const { controls, log } = scene();
    const first = await controls.valid();
    expect(await controls.valid()).toBe(first);
    expect(log).toEqual(["control", "GET /protected", "GET /protected"]);
    await first.session.close();
    expect(await controls.valid()).not.toBe(first);
  });

  it("is inconclusive when nobody is served", async () => {
    await expect(scene([refusedEntry()]).controls.valid()).rejects.toThrow(Inconclusive);
  });
});

describe("attempt", () => {
  const trying = (enter: () => Promise<EntryOutcome>, state?: TokenState, meets = scene()) =>
    attempt({ enter, controls: meets.controls, enabler: ENABLER, state, options: {} });
  const into = (one: Access) => async () => entered(one);

  it("is refused in the handshake", async () => {
    const outcome = await trying(async () => refusedEntry({ kind: "alert", alert: 51 }));
    expect(outcome).toMatchObject({
      refused: true,
      served: false,
      handshakeCompleted: false,
      how: "alert 51 decrypt_error",
      ending: { kind: "alert", alert: 51 },
    });
  });

  it("is inconclusive when TCP did not connect: that refuses nothing", async () => {
    const unreachable = async () => refusedEntry({ kind: "unreachable", text: "ECONNREFUSED" }, false);
    await expect(trying(unreachable)).rejects.toThrow(Inconclusive);
    await expect(trying(unreachable)).rejects.toThrow("TCP did not connect");
  });

  it("is refused by a status, of which the challenges are kept", async () => {
    const challenge = [["WWW-Authenticate", "Digest a"] as const];
    const refusing = access(() => ({
      ok: true,
      response: { status: 401, headers: challenge, body: Buffer.alloc(0) },
    }));
    expect(await trying(into(refusing))).toMatchObject({
      refused: true,
      handshakeCompleted: true,
      status: 401,
      challenges: ["Digest a"],
    });
    expect(refusing.session.alive).toBe(false);
  });

  it("is not refused when the resource is served", async () => {
    expect(await trying(into(access(() => answers(200))))).toMatchObject({ refused: false, served: true });
  });

  it("tries to change the state too, and is not refused when that acts behind a 403", async () => {
    const meets = scene();
    const treacherous = access(({ method }) => {
      if (method === "POST") meets.world.count += 1;
      return answers(403);
    });
    expect(await trying(into(treacherous), STATE, meets)).toMatchObject({
      served: false,
      refused: false,
      how: "handshake completed, status 403, but the state went from 0 to 1",
    });
  });

  it("is refused when neither is served nor acts", async () => {
    const meets = scene();
    expect(await trying(into(access(() => answers(403))), STATE, meets)).toMatchObject({ refused: true });
    expect(await trying(into(access(() => ends({ kind: "reset" }))), STATE, meets)).toMatchObject({
      refused: true,
      how: "connection reset",
    });
  });
});
