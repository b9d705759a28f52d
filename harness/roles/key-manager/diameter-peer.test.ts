import { once } from "node:events";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  AVPS,
  DEVICE_WATCHDOG,
  DISCONNECT_PEER,
  encodeMessage,
  firstValue,
  RELAY_APPLICATION,
  requestOf,
} from "../../protocols/diameter/index.ts";
import { CertificateAuthority, type IssuedCertificate } from "../certificate-authority/index.ts";
import { enabler, hexKey } from "../testing/bootstrapped.ts";
import { BSF, NAF, REALM } from "../testing/names.ts";
import {
  bootstrappedOverDiameter as bootstrapped,
  connectDiameter,
  keyIn,
  openDiameter,
  resultOf,
} from "../testing/open-diameter.ts";
import { authority, newTerminal, OVER_DIAMETER, startKeyManager } from "../testing/operator.ts";

const stranger = await CertificateAuthority.create("strange operator");

describe("capabilities", () => {
  test("are told, and the Zn application is common", async () => {
    const keyManager = await startKeyManager(OVER_DIAMETER);
    const client = await connectDiameter(keyManager, enabler);
    const request = client.capabilities();
    const answer = await client.exchange(request);
    expect(answer).toMatchObject({
      request: false,
      proxiable: false,
      error: false,
      command: 257,
      application: 0,
    });
    expect(answer).toMatchObject({ hopByHop: request.hopByHop, endToEnd: request.endToEnd });
    expect(resultOf(answer)).toBe(2001);
    expect(firstValue(answer.avps, "Origin-Host")).toBe(BSF);
    expect(firstValue(answer.avps, "Origin-Realm")).toBe(REALM);
    expect(Buffer.from(firstValue(answer.avps, "Host-IP-Address") ?? [])).toEqual(Buffer.of(127, 0, 0, 1));
    expect(keyManager.malformedRequests).toEqual([]);
  });

  test.each([
    ["by itself", { "Vendor-Specific-Application-Id": [], "Auth-Application-Id": [16_777_220] }],
    ["as a relay", { "Vendor-Specific-Application-Id": [], "Auth-Application-Id": [RELAY_APPLICATION] }],
  ])("may name Zn %s", async (_, fields) => {
    const keyManager = await startKeyManager(OVER_DIAMETER);
    const client = await connectDiameter(keyManager, enabler);
    expect(resultOf(await client.exchange(client.capabilities(fields)))).toBe(2001);
  });

  test("without Zn: 5010, and the connection ends", async () => {
    const keyManager = await startKeyManager(OVER_DIAMETER);
    const client = await connectDiameter(keyManager, enabler);
    const fields = { "Vendor-Specific-Application-Id": [], "Auth-Application-Id": [16_777_221] };
    expect(resultOf(await client.exchange(client.capabilities(fields)))).toBe(5010);
    await expect(client.next()).rejects.toThrow("ended");
    expect(keyManager.malformedRequests).toEqual([expect.stringContaining(NAF)]);
  });

  test("that lack an AVP: 5005, and the connection ends", async () => {
    const keyManager = await startKeyManager(OVER_DIAMETER);
    const client = await connectDiameter(keyManager, enabler);
    const right = client.capabilities();
    const answer = await client.exchange({ ...right, avps: right.avps.slice(1) });
    expect(resultOf(answer)).toBe(5005);
    expect(firstValue(answer.avps, "Failed-AVP")?.[0]?.code).toBe(AVPS["Origin-Host"].code);
    await expect(client.next()).rejects.toThrow("ended");
  });

  test("come first: a key request before them gets no answer", async () => {
    const keyManager = await startKeyManager(OVER_DIAMETER);
    const client = await connectDiameter(keyManager, enabler);
    await expect(client.ask({})).rejects.toThrow("ended");
    expect(keyManager.malformedRequests).toEqual([expect.stringContaining("before the capabilities")]);
  });
});

describe("a peer", () => {
  test("gets its watchdogs answered, and its disconnection", async () => {
    const { keyManager, zn, btid } = await bootstrapped();
    const origin = { "Origin-Host": NAF, "Origin-Realm": REALM };
    const watchdog = await zn.exchange(requestOf(DEVICE_WATCHDOG, zn.identifiers(), origin));
    expect(watchdog).toMatchObject({ request: false, command: 280, application: 0 });
    expect(resultOf(watchdog)).toBe(2001);
    expect(resultOf(await zn.ask({ btid }))).toBe(2001);
    const farewell = { ...origin, "Disconnect-Cause": 0 };
    const goodbye = await zn.exchange(requestOf(DISCONNECT_PEER, zn.identifiers(), farewell));
    expect(goodbye).toMatchObject({ request: false, command: 282 });
    expect(resultOf(goodbye)).toBe(2001);
    expect(keyManager.malformedRequests).toEqual([]);
  });

  test.each<[string, () => Promise<IssuedCertificate | "no certificate" | "no TLS">]>([
    ["without a certificate", async () => "no certificate"],
    [
      "with one of another operator",
      () => stranger.issue({ commonName: NAF, names: [NAF], usage: "client" }),
    ],
    ["with one for servers", () => authority.issue({ commonName: NAF, names: [NAF], usage: "server" })],
    ["without TLS", async () => "no TLS"],
  ])("%s gets no answer", async (_, certificate) => {
    const { keyManager, zn, btid } = await bootstrapped();
    const refused = async () => {
      const client = await connectDiameter(keyManager, await certificate());
      await client.exchange(client.capabilities());
    };
    await expect(refused()).rejects.toThrow();
    expect(keyManager.malformedRequests).toEqual([]);
    expect(resultOf(await zn.ask({ btid }))).toBe(2001);
  });

  test("is served without TLS where the listener has none, and then no certificate names it", async () => {
    const keyManager = await startKeyManager({ ...OVER_DIAMETER, protection: "none" });
    const { btid, credential } = await newTerminal(keyManager).bootstrap(keyManager);
    const client = await openDiameter(keyManager, "no TLS");
    expect(keyIn(await client.ask({ btid }))).toBe(hexKey(credential));
    expect(keyManager.requestsFor(btid)).toMatchObject([{ client: "", originHost: NAF }]);
  });

  test("that speaks something else is cut off, and harms nobody", async () => {
    const { keyManager, zn, btid } = await bootstrapped();
    const other = await connectDiameter(keyManager, enabler);
    other.send(Buffer.from("GET / HTTP/1.1\r\n\r\n"));
    await expect(other.next()).rejects.toThrow("ended");
    expect(keyManager.malformedRequests).toEqual([expect.stringContaining("version 71")]);
    expect(resultOf(await zn.ask({ btid }))).toBe(2001);
  });

  test("that sends any octets, before or after its capabilities, harms nobody", async () => {
    const { keyManager, zn, btid } = await bootstrapped();
    const right = encodeMessage(zn.question({ btid }));
    const damaged = fc.tuple(fc.nat(), fc.nat(255)).map(([place, octet]) => {
      const copy = Uint8Array.from(right);
      copy[place % copy.length] = octet;
      return copy;
    });
    await fc.assert(
      fc.asyncProperty(
        fc.boolean(),
        fc.oneof(fc.uint8Array({ maxLength: 300 }), damaged),
        async (open, octets) => {
          const client = await (open ? openDiameter : connectDiameter)(keyManager, enabler);
          client.socket.end(octets);
          await once(client.socket, "close");
        },
      ),
      { numRuns: 60 },
    );
    expect(resultOf(await zn.ask({ btid }))).toBe(2001);
  });

  test("that sends answers to nothing is left alone", async () => {
    const { keyManager, zn, btid } = await bootstrapped();
    zn.send({ ...zn.question({ btid }), request: false });
    expect(resultOf(await zn.ask({ btid }))).toBe(2001);
    expect(keyManager.requestsFor(btid)).toHaveLength(1);
  });
});

describe("a key manager that goes away", () => {
  test("comes back on the same port, also without TLS when a case wants to see who asks there", async () => {
    const { keyManager, zn, btid } = await bootstrapped();
    const { port } = keyManager.zn;
    await keyManager.goAway();
    await expect(zn.ask({ btid })).rejects.toThrow("ended");
    await keyManager.comeBack("unprotected");
    expect(keyManager.zn.port).toBe(port);
    expect(resultOf(await (await openDiameter(keyManager, "no TLS")).ask({ btid }))).toBe(2001);
    expect(keyManager.requestsFor(btid)).toMatchObject([{ client: "" }]);
    await keyManager.goAway();
    await keyManager.comeBack();
    expect(resultOf(await (await openDiameter(keyManager, enabler)).ask({ btid }))).toBe(2001);
  });

  test("presents another certificate when it is given one", async () => {
    const { keyManager } = await bootstrapped();
    await keyManager.goAway();
    await keyManager.comeBack(await stranger.issue({ commonName: BSF, names: [BSF], usage: "server" }));
    await expect(openDiameter(keyManager, enabler)).rejects.toThrow(/self-signed|verify/);
  });
});
