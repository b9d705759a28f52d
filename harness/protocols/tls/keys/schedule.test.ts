/** The key schedule against the traces of RFC 8448, sections 3 (full handshake) and 4 (resumption with early data). */
import { describe, expect, test } from "vitest";
import { makeShare } from "./agreement.ts";
import { finishedMac, KeySchedule, ticketPsk, trafficKeys } from "./schedule.ts";

const octets = (hex: string) => Buffer.from(hex.replaceAll(" ", ""), "hex");
const hex = (value: Buffer) => value.toString("hex");

/** Transcript hashes of section 3. */
const HELLOS = octets("860c06edc07858ee8e78f0e7428c58edd6b43f2ca3e6e95f02ed063cf0e1cad8");
const UNTIL_SERVER_FINISHED = octets("9608102a0f1ccc6db6250b7b7e417b1a000eaada3daae4777a7686c9ff83df13");
const UNTIL_CLIENT_FINISHED = octets("209145a96ee8e2a122ff810047cc952684658d6049e86429426db87c54ad143d");

describe("RFC 8448 3", () => {
  const share = makeShare("x25519", () =>
    octets("49af42ba7f7994852d713ef2784bcbcaa7911de26adc5642cb634540e7ea5005"),
  );
  const shared = share.agree(octets("c9828876112095fe66762bdbf7c672e156d6cc253b833df1dd69b1b04e751f0f"));
  const schedule = new KeySchedule("sha256");
  schedule.enterHandshake(shared);

  test("the shared secret", () => {
    expect(hex(share.public)).toBe("99381de560e4bd43d23d8e435a7dbafeb3c06e51c13cae4d5413691e529aaf2c");
    expect(hex(shared)).toBe("8bd4054fb55b9d63fdfbacf9f04b9f0d35e6d63f537563efd46272900f89492d");
  });

  test("handshake traffic, its keys and Finished of the server", () => {
    const client = schedule.handshakeTraffic("c", HELLOS);
    const server = schedule.handshakeTraffic("s", HELLOS);
    expect(hex(client)).toBe("b3eddb126e067f35a780b3abf45e2d8f3b1a950738f52e9600746a0e27a55a21");
    expect(hex(server)).toBe("b67b7d690cc16c4e75e54213cb2d37b4e9c912bcded9105d42befd59d391ad38");
    const { key, iv } = trafficKeys("sha256", server, 16);
    expect(hex(key)).toBe("3fce516009c21727d0f2e4e86ee403bc");
    expect(hex(iv)).toBe("5d313eb2671276ee13000b30");
  });

  test("application traffic, exporter and resumption", () => {
    expect(hex(schedule.applicationTraffic("c", UNTIL_SERVER_FINISHED))).toBe(
      "9e40646ce79a7f9dc05af8889bce6552875afa0b06df0087f792ebb7c17504a5",
    );
    expect(hex(schedule.applicationTraffic("s", UNTIL_SERVER_FINISHED))).toBe(
      "a11af9f05531f856ad47116b45a950328204b4f44bfb6b3a4b4f1f3fcb631643",
    );
    expect(hex(schedule.exporterMaster(UNTIL_SERVER_FINISHED))).toBe(
      "fe22f881176eda18eb8f44529e6792c50c9a3f89452f68d8ae311b4309d3cf50",
    );
    const resumption = schedule.resumptionMaster(UNTIL_CLIENT_FINISHED);
    expect(hex(resumption)).toBe("7df235f2031d2a051287d02b0241b0bfdaf86cc856231f2d5aba46c434ec196c");
    expect(hex(ticketPsk("sha256", resumption, octets("0000")))).toBe(
      "4ecd0eb6ec3b4d87f5d6028f922ca4c5851a277fd41311c9e62d2c9492e1c4f3",
    );
  });

  test("a secret that has no input yet is not given out", () => {
    expect(() => new KeySchedule("sha256").handshakeTraffic("c", HELLOS)).toThrow("not made yet");
  });
});

describe("RFC 8448 4", () => {
  const schedule = new KeySchedule(
    "sha256",
    octets("4ecd0eb6ec3b4d87f5d6028f922ca4c5851a277fd41311c9e62d2c9492e1c4f3"),
  );

  test("the binder", () => {
    const hello = octets("63224b2e4573f2d3454ca84b9d009a04f6be9e05711a8396473aefa01e924a14");
    expect(hex(schedule.binderKey("res"))).toBe(
      "69fe131a3bbad5d63c64eebcc30e395b9d8107726a13d074e389dbc8a4e47256",
    );
    expect(hex(finishedMac("sha256", schedule.binderKey("res"), hello))).toBe(
      "3add4fb2d8fdf822a0ca3cf7678ef5e88dae990141c5924d57bb6fa31b9e5f9d",
    );
  });

  test("early traffic", () => {
    const hello = octets("08ad0fa05d7c7233b1775ba2ff9f4c5b8b59276b7f227f13a976245f5d960913");
    expect(hex(schedule.earlyTraffic(hello))).toBe(
      "3fbbe6a60deb66c30a32795aba0eff7eaa10105586e7be5c09678d63b6caab62",
    );
  });
});
