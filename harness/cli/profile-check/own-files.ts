import { readFile } from "node:fs/promises";
import type { Profile } from "../../system/profile/index.ts";
import { certificatesIn, datesProblem, subjectOf } from "./certificate.ts";
import { type Diagnosis, ixit } from "./diagnosis.ts";

/** What can be seen without the system: the key manager's certificate, the subscribers. */
export async function judgeOwnFiles({ ixit: content }: Profile, diagnosis: Diagnosis): Promise<void> {
  const { keyManager, subscribers } = content;
  if (subscribers.length === 1) {
    diagnosis.found(
      "subscribers",
      ixit("subscribers"),
      "there is one subscriber, and cases that tell two users apart need two",
      "Add another subscriber, or leave the list out: the test system then makes as many as it needs.",
    );
  }
  if (keyManager.credentials === undefined) return;
  const cause = ixit("keyManager", "credentials", "certificate");
  const [leaf] = certificatesIn(await readFile(keyManager.credentials.certificate, "utf8"));
  if (leaf === undefined) return;
  const before = diagnosis.findings.length;
  const dates = datesProblem(leaf, new Date());
  if (dates !== undefined) {
    const fix = "Renew it; seccf profile new --credentials makes one for tests.";
    diagnosis.found("key-manager-certificate", cause, dates, fix);
  }
  if (leaf.checkHost(keyManager.name, { subject: "never" }) === undefined) {
    diagnosis.found(
      "key-manager-certificate",
      cause,
      `the certificate of ${subjectOf(leaf.subject)} is not one for keyManager.name ${keyManager.name}: ${leaf.subjectAltName ?? "it has no DNS name"}`,
      "Name a certificate with this name as a DNS name, or write the name that it has.",
    );
  }
  if (diagnosis.findings.length === before) diagnosis.ok("keyManager.credentials: key, name and dates");
}
