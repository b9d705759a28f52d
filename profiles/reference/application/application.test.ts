import { expect, test } from "vitest";
import { Application } from "./application.ts";

const IDENTITY = { user: "user1@home1.example", form: "IMPI", btid: "a@b" } as const;
const LINK = { tls: "1.3", suite: "TLS_AES_128_GCM_SHA256" };

function ask(application: Application, method: string, path: string) {
  const { status, body } = application.answer({ method, path, identity: IDENTITY, link: LINK });
  return { status, body: body.toString() };
}

test("resources", () => {
  const application = new Application("naf.home1.example");
  expect(ask(application, "GET", "/protected")).toEqual({
    status: 200,
    body: "protected resource of naf.home1.example\n",
  });
  expect(JSON.parse(ask(application, "GET", "/identity").body)).toEqual({ ...IDENTITY, ...LINK });
  expect(ask(application, "POST", "/protected").status).toBe(404);
  expect(ask(application, "GET", "/counters/").status).toBe(404);
  expect(ask(application, "POST", "/counters/a/b").status).toBe(404);
  expect(ask(application, "POST", `/counters/${"a".repeat(65)}`).status).toBe(404);
});

test("what is open to everyone is told for nobody", () => {
  const application = new Application("naf.home1.example");
  const open = (identity: typeof IDENTITY | undefined) =>
    JSON.parse(application.answer({ method: "GET", path: "/open", identity, link: LINK }).body.toString());
  expect(open(undefined)).toEqual({ resource: "open resource of naf.home1.example", user: null });
  expect(open(IDENTITY)).toMatchObject({ user: IDENTITY.user });
});

test("the view is that of this connection and its user", () => {
  const application = new Application("naf.home1.example");
  const link = { ...LINK, serverName: "naf.home1.example", resumed: false, exporter: "00ff" };
  const { body } = application.answer({ method: "GET", path: "/view", identity: IDENTITY, link });
  expect(JSON.parse(body.toString())).toEqual({ ...link, user: IDENTITY.user, btid: IDENTITY.btid });
});

test("counters count by themselves, and only when they are told to", () => {
  const application = new Application("naf.home1.example");
  ask(application, "POST", "/counters/a");
  expect(ask(application, "POST", "/counters/a").body).toBe('{"count":2}');
  expect(ask(application, "GET", "/counters/a").body).toBe('{"count":2}');
  expect(ask(application, "GET", "/counters/b").body).toBe('{"count":0}');
});

test("the number of counters is bounded, those that there are go on", () => {
  const application = new Application("naf.home1.example");
  for (let i = 0; i < 10_000; i += 1) ask(application, "POST", `/counters/${i}`);
  expect(ask(application, "POST", "/counters/more").status).toBe(507);
  expect(ask(application, "POST", "/counters/1").body).toBe('{"count":2}');
});
