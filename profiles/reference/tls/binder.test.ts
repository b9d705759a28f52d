import { expect, test } from "vitest";
import { binderFits } from "./binder.ts";
import { parseClientHello } from "./client-hello.ts";
import { captureClientHello } from "./hello-capture.ts";

test.each(["TLS_AES_128_GCM_SHA256", "TLS_CHACHA20_POLY1305_SHA256"])(
  "the binder of a real hello with %s fits its key and no other",
  async (ciphers) => {
    const key = Buffer.from("931b99dfc888330d05395b42b66252f646950215d5cc8fcb89cfc06346cd57c6", "hex");
    const { octets } = await captureClientHello({
      servername: "naf1.home1.net",
      minVersion: "TLSv1.3",
      ciphers,
      pskCallback: () => ({
        identity: "3GPP-bootstrapping;I1U8vpY3qJ0hiuZNrke/NQ==@bsf.home1.net",
        psk: key,
      }),
      checkServerIdentity: () => undefined,
    });
    expect(binderFits(parseClientHello(octets), 0, key)).toBe(true);
    expect(binderFits(parseClientHello(octets), 1, key)).toBe(false);
    expect(binderFits(parseClientHello(octets), 0, key.subarray(0, 16))).toBe(false);
    const changed = Buffer.from(octets);
    changed[10] = (changed[10] ?? 0) ^ 1; // an octet of random
    expect(binderFits(parseClientHello(changed), 0, key)).toBe(false);
  },
);
