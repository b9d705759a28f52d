import { expect, test } from "vitest";
import { suiteByName } from "./index.ts";

const BEFORE_TLS_1_3 = ["1.0", "1.1", "1.2"];

test.each([
  ["TLS_PSK_WITH_AES_128_CBC_SHA", BEFORE_TLS_1_3, "RFC 4279 2"],
  ["TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA", BEFORE_TLS_1_3, "RFC 8422 6"],
  ["TLS_PSK_WITH_AES_128_CBC_SHA256", BEFORE_TLS_1_3, "RFC 5487 3.1"],
  ["TLS_ECDHE_PSK_WITH_AES_256_CBC_SHA384", BEFORE_TLS_1_3, "RFC 5489 3.2"],
  ["TLS_PSK_WITH_NULL_SHA256", BEFORE_TLS_1_3, "RFC 5487 3.2"],
  ["TLS_PSK_WITH_AES_128_GCM_SHA256", ["1.2"], "RFC 5487 2"],
  ["TLS_PSK_WITH_AES_128_CCM", ["1.2"], "RFC 6655 5"],
  ["TLS_PSK_DHE_WITH_AES_128_CCM_8", ["1.2"], "RFC 6655 5"],
  ["TLS_ECDHE_PSK_WITH_CHACHA20_POLY1305_SHA256", ["1.2"], "RFC 7905 3"],
  ["TLS_RSA_WITH_AES_128_CBC_SHA256", ["1.2"], "RFC 5246 A.5"],
  ["TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384", ["1.2"], "RFC 5289 4"],
  ["TLS_AES_128_GCM_SHA256", ["1.3"], "RFC 8446 B.4"],
])("%s may be negotiated in TLS %s (%s)", (name, versions) => {
  expect(suiteByName(name)?.versions).toEqual(versions);
});
