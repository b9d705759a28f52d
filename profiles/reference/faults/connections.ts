import { conforming } from "../policy/conforming.ts";
import type { Fault } from "./fault.ts";

const ANONYMOUS_SUITES = [
  "TLS_DH_anon_WITH_AES_128_GCM_SHA256",
  "TLS_DH_anon_WITH_AES_256_GCM_SHA384",
  "TLS_DH_anon_WITH_AES_128_CBC_SHA256",
  "TLS_DH_anon_WITH_AES_128_CBC_SHA",
  "TLS_ECDH_anon_WITH_AES_256_CBC_SHA",
  "TLS_ECDH_anon_WITH_AES_128_CBC_SHA",
];

/** Defects in what a connection is protected and proven by. */
export const connectionFaults: readonly Fault[] = [
  {
    id: "psk-null-suites",
    title: "PSK suites without encryption are negotiated and served",
    requirements: ["4.1"],
    change: () => ({
      pskSuites: [...conforming.pskSuites, "TLS_PSK_WITH_NULL_SHA256", "TLS_PSK_WITH_NULL_SHA"],
    }),
  },
  {
    id: "psk-anonymous-suites",
    title: "suites that authenticate nobody are negotiated and served",
    requirements: ["1.2"],
    change: () => ({
      pskSuites: [...conforming.pskSuites, ...ANONYMOUS_SUITES],
      identityWithoutPsk: { user: "anonymous", form: "B-TID", btid: "anonymous" },
    }),
  },
  {
    id: "psk-no-hint",
    title: "no PSK identity hint is sent",
    requirements: [],
    clauses: ["TS 24.109 F.3"],
    change: () => ({ pskHint: undefined }),
  },
  {
    id: "https-wrong-name",
    title: "the enabler presents a certificate for another name",
    // No terminal goes on with such an enabler, so that nobody is served who should be.
    requirements: ["1.1", "1.2", "5.1"],
    change: () => ({ httpsCertificate: "wrong-name" }),
  },
  {
    id: "https-wrong-chain",
    title: "the enabler presents a certificate of an authority that nobody trusts",
    requirements: ["1.1", "1.2", "5.1"],
    alsoShownBy: "reference-diameter",
    change: () => ({ httpsCertificate: "wrong-chain" }),
  },
  {
    id: "https-null-suites",
    title: "certificate suites without encryption are negotiated and served",
    requirements: ["4.1"],
    change: () => ({
      httpsSuites: [...conforming.httpsSuites, "TLS_ECDHE_RSA_WITH_NULL_SHA", "TLS_RSA_WITH_NULL_SHA256"],
    }),
  },
  {
    id: "https-anonymous-suites",
    title: "suites in which the enabler proves nothing are negotiated and served",
    requirements: ["1.2", "5.1"],
    change: () => ({ httpsSuites: [...conforming.httpsSuites, ...ANONYMOUS_SUITES] }),
  },
  {
    id: "serves-without-tls",
    title: "the protected resource is served outside TLS",
    requirements: ["4.1"],
    change: () => ({ plainListener: "serve" }),
  },
  {
    id: "tls-falls-back-to-plain",
    title: "where TLS is spoken a request without it is served too, also when a handshake had begun",
    requirements: ["4.1"],
    change: () => ({ plainOnTls: "served" }),
  },
];
