export { type CipherSuite, type SuiteVersion, suiteByName, suiteHex, suitesOf } from "./suites.ts";
