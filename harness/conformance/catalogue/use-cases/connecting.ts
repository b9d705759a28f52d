/** OMA-RD-SEC_CF 5.1 to 5.4: a terminal opens a protected connection to an enabler. */

import type { UseCase } from "../model.ts";

const INVISIBLE = "The secure connection comes about by itself, and the user notices nothing of it.";

export const CONNECTING: readonly UseCase[] = [
  {
    number: 1,
    title: "A secure connection from a shared key",
    description:
      "A terminal that already holds credentials with its home network opens a protected connection to an enabler " +
      "there. A shared-key mechanism such as GBA supplies the key. Either PSK-TLS proves both ends with it, or a " +
      "certificate proves the enabler and HTTP Digest with the key proves the client.",
    actors: [
      "End-user, represented by the client in the terminal",
      "Home network operator, running the enabler (with GBA a NAF) and the key manager (with GBA a BSF), which generates, manages and hands out keys",
      "Visited network operator, if any: passive, provides connectivity only",
    ],
    preconditions: [
      "The terminal and the home operator support the same shared-key mechanism, for example GBA",
      "The terminal can address the key manager and the enabler and open TCP connections to both, also through address translation",
      "The enabler is allowed to use key management, as the operator's policy decides",
    ],
    postconditions: [
      "A connection protected by TLS joins terminal and enabler",
      "Each end has authenticated the other",
    ],
    qualityOfExperience: INVISIBLE,
    optional: false,
    section: "5.1",
    flows: [
      {
        name: "normal",
        text: "PSK-TLS: the shared key authenticates both ends and protects the payload.",
        steps: [
          "The terminal obtains a shared key from the key manager",
          "The terminal starts a PSK-TLS session with the enabler and names this key",
          "The enabler fetches the named key, with the user's identity or anonymously, from the key manager over a secure connection",
          "The two ends complete PSK-TLS with the key and protect the payload",
        ],
        wayIn: "uc1.psk-tls",
      },
      {
        name: "alternative",
        text: "TLS with a server certificate, and HTTP Digest with the shared key inside it.",
        steps: [
          "The terminal obtains a shared key from the key manager",
          "The terminal starts a TLS session with the enabler",
          "The enabler shows its certificate, which the client should validate, and demands HTTP Digest with the shared key",
          "The enabler fetches its specific key from the key manager over a secure connection and checks the client's answer with it",
        ],
        wayIn: "uc1.https-digest",
      },
    ],
    labels: ["1.1", "1.2", "1.3", "1.4", "3.1", "4.1", "5.1", "S1", "S2", "A2", "U1"],
  },
  {
    number: 2,
    title: "Authentication by an authentication proxy",
    description:
      "A home operator puts one authentication proxy in front of several enablers that speak HTTP. It takes over " +
      "mutual authentication with the client, and the protected connection from the terminal ends in it. Keys and " +
      "protection are those of use case 1.",
    actors: [
      "End-user, represented by the client in the terminal",
      "Home network operator, running the authentication proxy and the key manager",
      "Operators of enablers: mostly the home operator, third parties also possible",
      "Visited network operator, if any: passive, provides connectivity only",
    ],
    preconditions: [
      "The terminal and the home operator support the same mechanism for managing shared keys",
      "The terminal can address the key manager and the proxy and open TCP connections to both, also through address translation",
      "The proxy is allowed to use key management, and the operator's policy decides for which enablers",
      "Trusted channels join the proxy and the enablers",
    ],
    postconditions: [
      "A connection protected by TLS serves terminal and enabler",
      "Each end has authenticated the other",
      "The enablers know who the user is, where they need to",
    ],
    qualityOfExperience: INVISIBLE,
    optional: false,
    section: "5.2",
    flows: [
      {
        name: "normal",
        text: "PSK-TLS between terminal and proxy, which forwards the traffic with the user's identity.",
        steps: [
          "The terminal obtains a shared key from the key manager",
          "The terminal connects to the enabler, and the connection leads through the proxy",
          "The terminal starts a PSK-TLS session and names this key",
          "The proxy fetches the named key, with the user's identity or anonymously, from the key manager over a secure connection",
          "Terminal and proxy complete PSK-TLS with the key and protect the payload between them",
          "The proxy forwards the traffic to the enabler that is meant and tells it the user's identity",
        ],
        wayIn: "uc2.psk-tls",
      },
      {
        name: "alternative",
        text: "TLS with a server certificate ends in the proxy, which checks HTTP Digest and forwards the traffic.",
        steps: [
          "The terminal obtains a shared key from the key manager",
          "The terminal connects to the enabler through the proxy and starts a TLS session",
          "A certificate proves the enabler, which the client should validate, and HTTP Digest with the shared key is demanded",
          "The proxy fetches the key of this enabler from the key manager over a secure connection",
          "The proxy authenticates the user, forwards the traffic to the enabler that is meant and tells it the user's identity",
        ],
        wayIn: "uc2.https-digest",
      },
    ],
    labels: ["1.1", "1.1a", "1.2", "1.2a", "1.3", "1.4", "3.1", "4.1", "5.1", "S1", "S2", "A2", "U1"],
  },
  {
    number: 3,
    title: "The end-user authenticates with a certificate",
    description:
      "A terminal opens a protected connection to an enabler, and both use certificates as their credentials.",
    actors: [
      "End-user, represented by the client in the terminal",
      "Home network operator",
      "Operator of the enabler",
      "Operators of certificate status servers",
    ],
    preconditions: [
      "The authorities that issue client and server certificates offer a status service",
      "Client and enabler already hold their certificates",
      "The terminal can ask for the status of the enabler's certificate, and the enabler for that of the client's",
    ],
    postconditions: [
      "A connection protected by TLS joins terminal and enabler",
      "Each end has authenticated the other",
    ],
    qualityOfExperience: INVISIBLE,
    optional: true,
    section: "5.3",
    flows: [
      {
        name: "normal",
        text: "TLS with certificates on both sides.",
        steps: [
          "The terminal connects to the enabler, and a TLS handshake begins",
          "Each end proves itself to the other with its certificate",
        ],
        wayIn: "uc3.certificate",
      },
    ],
    labels: ["1.1", "1.1a", "1.2", "1.3", "1.4", "3.1", "4.1", "5.1", "S1", "A2", "U1"],
  },
  {
    number: 4,
    title: "An enabler distributed over operators",
    description:
      "Parts of one enabler run at several operators, as location enablers do. The client needs a protected " +
      "connection to the part in the visited network, and the part at home helps the two to set it up.",
    actors: [
      "End-user, represented by the client in the terminal",
      "Home network operator, running the enabler's function at home",
      "Visited network operator, running the enabler's function there",
    ],
    preconditions: [
      "Secure channels join the enabler's functions across operators",
      "The terminal can reach the function at home over a secure connection",
    ],
    postconditions: [
      "A connection protected by TLS joins terminal and visited function",
      "Each end has authenticated the other",
      "The visited function knows who the user is, where it needs to",
    ],
    qualityOfExperience: INVISIBLE,
    optional: false,
    section: "5.4",
    flows: [
      {
        name: "normal",
        text: "PSK-TLS to the visited function, with a key that the home function makes and hands to both.",
        steps: [
          "The terminal connects securely to the home function, by a means outside this use case",
          "The client says that it wants to reach the visited function",
          "The home function checks that the visited function is trusted and generates a key",
          "The home function sends the key and its name to the terminal and to the visited function",
          "The visited function may also receive the user's identity or what else it needs to authorize the use",
          "Terminal and visited function complete PSK-TLS with the key",
        ],
        wayIn: "uc4.psk-tls",
      },
    ],
    labels: ["1.1", "1.2b", "1.3", "1.4", "3.1", "4.1", "5.1", "S1", "S2", "A2", "U1"],
  },
];
