/** Everything that the harness writes in Diameter, as Wireshark's dissector and dictionaries read it. */
import { describe, expect, test } from "vitest";
import {
  AVPS,
  type Avp,
  type AvpName,
  DEVICE_WATCHDOG,
  DISCONNECT_PEER,
  encodeMessage,
  experimentalResult,
  makeAvp,
  requestOf,
  ZN_APPLICATION_GROUP,
} from "../../harness/protocols/diameter/index.ts";
import {
  DIAMETER_ANSWERS,
  type DiameterAnswer,
  ZN_ANSWERS,
  type ZnAnswer,
} from "../../harness/roles/key-manager/index.ts";
import { BSF, NAF, REALM } from "../../harness/roles/testing/names.ts";
import { connectDiameter } from "../../harness/roles/testing/open-diameter.ts";
import { newTerminal, OVER_DIAMETER, startKeyManager } from "../../harness/roles/testing/operator.ts";
import { type DissectedMessage, dissect } from "./dissect-diameter.ts";

/** A value for each AVP, and what tshark says of it; undefined: a group. */
const EXAMPLES: { readonly [N in AvpName]: readonly [Avp, string | undefined] } = {
  "User-Name": [makeAvp("User-Name", "user@ims.example"), "user@ims.example"],
  Class: [makeAvp("Class", Buffer.from("c1", "hex")), "c1"],
  "Proxy-State": [makeAvp("Proxy-State", Buffer.from("0a0b", "hex")), "0a0b"],
  "Host-IP-Address": [makeAvp("Host-IP-Address", Buffer.of(192, 0, 2, 1)), "192.0.2.1"],
  "Auth-Application-Id": [makeAvp("Auth-Application-Id", 16_777_220), "3GPP Zn (16777220)"],
  "Acct-Application-Id": [makeAvp("Acct-Application-Id", 3), "Diameter Base Accounting (3)"],
  "Vendor-Specific-Application-Id": [
    makeAvp("Vendor-Specific-Application-Id", ZN_APPLICATION_GROUP),
    undefined,
  ],
  "Session-Id": [makeAvp("Session-Id", "naf.example;1;2"), "naf.example;1;2"],
  "Origin-Host": [makeAvp("Origin-Host", NAF), NAF],
  "Supported-Vendor-Id": [makeAvp("Supported-Vendor-Id", 10_415), "10415"],
  "Vendor-Id": [makeAvp("Vendor-Id", 10_415), "10415"],
  "Firmware-Revision": [makeAvp("Firmware-Revision", 7), "7"],
  "Result-Code": [makeAvp("Result-Code", 5_005), "DIAMETER_MISSING_AVP (5005)"],
  "Product-Name": [makeAvp("Product-Name", "seccf"), "seccf"],
  "Disconnect-Cause": [makeAvp("Disconnect-Cause", 1), "BUSY (1)"],
  "Auth-Session-State": [makeAvp("Auth-Session-State", 1), "NO_STATE_MAINTAINED (1)"],
  "Origin-State-Id": [makeAvp("Origin-State-Id", 0xff_ff_ff_ff), "4294967295"],
  "Failed-AVP": [makeAvp("Failed-AVP", [makeAvp("Session-Id", "x")]), undefined],
  "Proxy-Host": [makeAvp("Proxy-Host", "agent.example"), "agent.example"],
  "Error-Message": [makeAvp("Error-Message", "wrong"), "wrong"],
  "Route-Record": [makeAvp("Route-Record", "agent.example"), "agent.example"],
  "Destination-Realm": [makeAvp("Destination-Realm", REALM), REALM],
  "Proxy-Info": [makeAvp("Proxy-Info", [makeAvp("Proxy-Host", "a.example")]), undefined],
  "Redirect-Host": [makeAvp("Redirect-Host", "aaas://bsf.example"), "aaas://bsf.example"],
  "Destination-Host": [makeAvp("Destination-Host", BSF), BSF],
  "Error-Reporting-Host": [makeAvp("Error-Reporting-Host", BSF), BSF],
  "Origin-Realm": [makeAvp("Origin-Realm", REALM), REALM],
  "Experimental-Result": [makeAvp("Experimental-Result", experimentalResult(5_403)), undefined],
  "Experimental-Result-Code": [makeAvp("Experimental-Result-Code", 5_403), ""],
  "Inband-Security-Id": [makeAvp("Inband-Security-Id", 1), "TLS (1)"],
  "GBA-UserSecSettings": [makeAvp("GBA-UserSecSettings", Buffer.from("<>")), "3c3e"],
  "Transaction-Identifier": [makeAvp("Transaction-Identifier", Buffer.from("x@b")), "784062"],
  "NAF-Id": [makeAvp("NAF-Id", Buffer.from("6e0100000002", "hex")), "6e0100000002"],
  "GAA-Service-Identifier": [makeAvp("GAA-Service-Identifier", Buffer.from("1")), "31"],
  "Key-ExpiryTime": [makeAvp("Key-ExpiryTime", new Date("2030-01-02T03:04:05Z")), "Jan  2, 2030 03:04:05"],
  "ME-Key-Material": [makeAvp("ME-Key-Material", Buffer.alloc(4, 0xab)), "abababab"],
  "UICC-Key-Material": [makeAvp("UICC-Key-Material", Buffer.alloc(4, 0xcd)), "cdcdcdcd"],
  "GBA_U-Awareness-Indicator": [makeAvp("GBA_U-Awareness-Indicator", 1), "YES (1)"],
  BootstrapInfoCreationTime: [makeAvp("BootstrapInfoCreationTime", new Date("2040-06-01")), "Jun  1, 2040"],
  "GUSS-Timestamp": [makeAvp("GUSS-Timestamp", new Date("2029-12-31T23:59:59Z")), "Dec 31, 2029 23:59:59"],
  "GBA-Type": [makeAvp("GBA-Type", 1), "2G GBA (1)"],
  "UICC-App-Label": [makeAvp("UICC-App-Label", Buffer.of(1)), "01"],
  "Security-Feature-Request": [makeAvp("Security-Feature-Request", Buffer.of(2)), "02"],
  "Security-Feature-Response": [makeAvp("Security-Feature-Response", Buffer.of(3)), "03"],
};

/** Names that tshark has from old releases (TS 29.109: NAF-Id). */
const OLD_NAMES: Readonly<Record<string, string>> = { "NAF-Id": "NAF-Hostname" };

describe("tshark", () => {
  test("gives every AVP of the dictionary its name, vendor, flags and value", async () => {
    const request = requestOf(
      DEVICE_WATCHDOG,
      { hopByHop: 1, endToEnd: 2 },
      { "Origin-Host": NAF, "Origin-Realm": REALM },
    );
    const entries = Object.entries(EXAMPLES);
    const messages = entries.map(([, [avp]]) => encodeMessage({ ...request, avps: [...request.avps, avp] }));
    const dissected = await dissect(messages);
    expect(dissected).toHaveLength(entries.length);
    for (const [index, [name, [avp, value]]] of entries.entries()) {
      const { code, vendor, mandatory } = AVPS[name as AvpName];
      expect(dissected[index]?.complaints, name).toEqual([]);
      expect(dissected[index]?.avps[request.avps.length], name).toMatchObject({
        name: OLD_NAMES[name] ?? name,
        code,
        vendor: vendor === undefined ? undefined : "TGPP",
        flags: `${vendor === undefined ? "-" : "V"}${mandatory ? "M" : "-"}-`,
        length: (vendor === undefined ? 8 : 12) + avp.data.length,
        value: value === undefined ? undefined : expect.stringContaining(value),
        depth: 0,
      });
    }
  });
});

const AT_ONCE = { ...OVER_DIAMETER, protection: "none" } as const;

/** A key manager without TLS, and both directions of what is said to it. */
async function conversation() {
  const keyManager = await startKeyManager(AT_ONCE);
  const { btid } = await newTerminal(keyManager).bootstrap(keyManager);
  const client = await connectDiameter(keyManager, "no TLS");
  const said: Buffer[] = [];
  const exchange = async (message: Parameters<typeof encodeMessage>[0]) => {
    said.push(encodeMessage(message));
    client.send(message);
    const answer = await client.next();
    said.push(answer);
    return answer;
  };
  await exchange(client.capabilities());
  return { keyManager, client, btid, said, exchange };
}

const summary = ({ command, application, flags }: DissectedMessage) => [command, application, flags];

describe("a conversation with the key manager", () => {
  test("has the commands, applications and flags of RFC 6733 and TS 29.109", async () => {
    const { client, btid, said, exchange } = await conversation();
    const origin = { "Origin-Host": NAF, "Origin-Realm": REALM };
    await exchange(requestOf(DEVICE_WATCHDOG, client.identifiers(), origin));
    await exchange(client.question({ btid }));
    await exchange(requestOf(DISCONNECT_PEER, client.identifiers(), { ...origin, "Disconnect-Cause": 0 }));
    const dissected = await dissect(said);
    const common = "Diameter Common Messages (0)";
    const zn = "3GPP Zn (16777220)";
    expect(dissected.map(summary)).toEqual([
      ["Capabilities-Exchange (257)", common, "0x80, Request"],
      ["Capabilities-Exchange (257)", common, "0x00"],
      ["Device-Watchdog (280)", common, "0x80, Request"],
      ["Device-Watchdog (280)", common, "0x00"],
      // The name is misspelt in tshark's dictionary.
      ["Boostrapping-Info (310)", zn, "0xc0, Request, Proxyable"],
      ["Boostrapping-Info (310)", zn, "0x40, Proxyable"],
      ["Disconnect-Peer (282)", common, "0x80, Request"],
      ["Disconnect-Peer (282)", common, "0x00"],
    ]);
    expect(dissected.flatMap(({ complaints }) => complaints)).toEqual([]);
  });

  test("gives a key with everything that belongs to it", async () => {
    const { keyManager, client, btid, said, exchange } = await conversation();
    const uss = [{ gsId: 1, gsType: 0, ueIds: ["sip:a@home1.example"], flags: [1] }];
    keyManager.steer(btid, { uss, gbaType: "2G_GBA", expiry: new Date("2050-01-01T00:00:00Z") });
    await exchange(client.question({ btid }));
    const { avps = [], complaints } = (await dissect(said)).at(-1) ?? {};
    expect(complaints).toEqual([]);
    expect(avps.map(({ name, depth }) => `${"  ".repeat(depth)}${name}`)).toEqual([
      "Session-Id",
      "Vendor-Specific-Application-Id",
      "  Vendor-Id",
      "  Auth-Application-Id",
      "Result-Code",
      "Origin-Host",
      "Origin-Realm",
      "User-Name",
      "ME-Key-Material",
      "Key-ExpiryTime",
      "BootstrapInfoCreationTime",
      "GBA-UserSecSettings",
      "GBA-Type",
    ]);
    const value = (name: string) => avps.find((avp) => avp.name === name)?.value;
    expect(value("Result-Code")).toBe("DIAMETER_SUCCESS (2001)");
    expect(value("GBA-Type")).toBe("2G GBA (1)");
    expect(value("Key-ExpiryTime")).toContain("Jan  1, 2050");
    expect(value("ME-Key-Material")).toMatch(/^[0-9a-f]{64}$/);
  });

  test("refuses a request that is wrong with the AVP that is at fault", async () => {
    const { client, btid, said, exchange } = await conversation();
    const { avps, ...header } = client.question({ btid });
    await exchange({ ...header, avps: avps.filter(({ code }) => code !== AVPS["NAF-Id"].code) });
    const { avps: answer = [], complaints } = (await dissect(said)).at(-1) ?? {};
    // The AVP that stands for a missing one has the least data there can be (RFC 6733 7.5).
    expect(complaints).toEqual([expect.stringContaining("Data is empty")]);
    const [group, failed] = answer.slice(answer.findIndex(({ name }) => name === "Failed-AVP"));
    expect(group).toMatchObject({ name: "Failed-AVP", depth: 0 });
    expect(failed).toMatchObject({ name: "NAF-Hostname", length: 12, depth: 1 });
  });
});

describe("what the key manager gets wrong on purpose", () => {
  /** What tshark says of it; nothing for all others. */
  const complaints: Readonly<Record<string, string>> = {
    "empty-key": "Data is empty",
    "broken-json": "Wrong AVP(410) length 20",
    html: "Wrong AVP",
    "unknown-mandatory-avp": "Unknown AVP 9999",
    "unknown-optional-avp": "Unknown AVP 9999",
    "reserved-avp-flags": "Reserved bit set",
    "avp-length-too-long": "Wrong AVP",
    "avp-length-too-short": "Wrong AVP",
    "avp-length-of-nothing": "Malformed Packet",
    "missing-vendor-flag": "Unknown AVP 410 (vendor=Reserved)",
  };
  const silent = new Set(["silent", "reset", "swapped-hop-by-hop", "sent-twice"]);
  const names = [...Object.keys(ZN_ANSWERS), ...Object.keys(DIAMETER_ANSWERS)].filter(
    (name) => !silent.has(name),
  );

  test("is what tshark complains of, and nothing else", async () => {
    const { keyManager, client, btid, exchange } = await conversation();
    const answers: Buffer[] = [];
    for (const name of names) {
      // The names are the keys of the two tables.
      const steering =
        name in ZN_ANSWERS ? { answer: name as ZnAnswer } : { deviation: name as DiameterAnswer };
      keyManager.steer(btid, { answer: "key", ...steering });
      answers.push(await exchange(client.question({ btid })));
    }
    const dissected = await dissect(answers);
    expect(dissected).toHaveLength(names.length);
    for (const [index, name] of names.entries()) {
      const found = dissected[index]?.complaints.filter((line) => line !== "[Group: Malformed]");
      const complaint = complaints[name];
      const due = complaint === undefined ? [] : [expect.stringContaining(complaint)];
      expect([...new Set(found)], name).toEqual(due);
    }
  });
});
