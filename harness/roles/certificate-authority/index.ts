export { CertificateAuthority, type IssuedCertificate } from "./certificate-authority.ts";
